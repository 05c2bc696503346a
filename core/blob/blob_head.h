/* SPDX-License-Identifier: MIT */
/*
 * blob_head.h - how any tree of ours begins.
 */
#ifndef CORE_BLOB_HEAD_H
#define CORE_BLOB_HEAD_H

#include "fdtread.h"

/* A whole tree, and as long as it says: HO_EBLOBTRUNC, HO_EBLOBMAGIC,
 * HO_EBLOBTREE. */
int blob_check_header(const struct fdt_reader *r, uint64_t available,
		      uint32_t *total);
/* The pair of the root (node 0) or of /result, which this may read:
 * HO_EBLOBVERSION, HO_EPROP. */
int blob_check_version(const struct fdt_reader *r, int node,
		       uint32_t *version, uint32_t *compat);

#endif /* CORE_BLOB_HEAD_H */
