/* SPDX-License-Identifier: MIT */
/*
 * blob_target.h - staged files and targets of the blob.
 */
#ifndef CORE_BLOB_TARGET_H
#define CORE_BLOB_TARGET_H

#include "blob.h"
#include "fdtread.h"

/* The digest of a file: algorithm and bytes. HO_EPROP, HO_EVALUE. */
int blob_read_digest(const struct fdt_reader *r, int node,
		     struct blob_image *image);
/* Its name, and its command line: "" when there is none. HO_EPROP, HO_EVALUE. */
int blob_read_words(const struct fdt_reader *r, int node,
		    struct blob_image *image);
/* reg, file, digest, bootargs. HO_EPROP, HO_EVALUE. */
int blob_read_image(const struct fdt_reader *r, int node,
		    struct blob_image *image);
/* What kind, and its command line. HO_ETARGET. */
int blob_read_target_kind(const struct fdt_reader *r, int node,
			  struct blob_target *target);
/* /target. HO_ETARGET, HO_ENODE, and those above. */
int blob_read_target(const struct fdt_reader *r, int node,
		     struct blob_target *target);
/* /fallback, and its tree as it lies in the blob. */
int blob_read_fallback(const struct fdt_reader *r, int node,
		       struct blob *blob);
/* /trust of a blob or a cold blob, if there is one: sizes alone are looked at.
 * HO_EBLOBDUP, HO_EBLOBCOMPAT, HO_EPROP, HO_EVALUE. */
int blob_read_trust(const struct fdt_reader *r, struct blob_trust *out);

#endif /* CORE_BLOB_TARGET_H */
