/* SPDX-License-Identifier: MIT */
/*
 * blob_target.h - staged files and targets of the blob; for blob.c alone.
 */
#ifndef CORE_BLOB_TARGET_H
#define CORE_BLOB_TARGET_H

#include "blob.h"
#include "fdtread.h"

/* reg, file, digest, bootargs. HO_EPROP, HO_EVALUE. */
int blob_read_image(const struct fdt_reader *r, int node,
		    struct blob_image *image);
/* /target. HO_ETARGET, HO_ENODE, and those above. */
int blob_read_target(const struct fdt_reader *r, int node,
		     struct blob_target *target);
/* /fallback, and its tree as it lies in the blob. */
int blob_read_fallback(const struct fdt_reader *r, int node,
		       struct blob *blob);

#endif /* CORE_BLOB_TARGET_H */
