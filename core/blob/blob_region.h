/* SPDX-License-Identifier: MIT */
/*
 * blob_region.h - a piece of blob.c: the ranges of the region, and the one of
 * the following update.
 */
#ifndef CORE_BLOB_REGION_H
#define CORE_BLOB_REGION_H

#include "blob.h"
#include "fdtread.h"

/* /reserved-memory; /memory has been read. HO_ENOREGION, HO_EBLOBCOMPAT,
 * HO_EBLOBDUP, HO_EREGIONALIGN,
 * HO_EREGIONRAM, HO_EREGIONRANGES, HO_EREGIONSMALL, HO_ENEXTREGION. */
int blob_read_region(const struct fdt_reader *r, struct blob *blob);

#endif /* CORE_BLOB_REGION_H */
