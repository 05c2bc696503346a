/* SPDX-License-Identifier: MIT */
/*
 * blob_memory.h - a piece of blob.c: RAM, and what else the firmware says.
 */
#ifndef CORE_BLOB_MEMORY_H
#define CORE_BLOB_MEMORY_H

#include "blob.h"
#include "fdtread.h"

/* /memory: sorted, page-aligned, apart. HO_EPROP, HO_EMEMORY. */
int blob_read_memory(const struct fdt_reader *r, struct blob *blob);
/* /firmware; /memory has been read. HO_EBLOBCOMPAT, HO_EPROP, HO_EMEMORY,
 * HO_EVALUE, HO_EEFI. */
int blob_read_firmware(const struct fdt_reader *r, struct blob *blob);

#endif /* CORE_BLOB_MEMORY_H */
