/* SPDX-License-Identifier: MIT */
/*
 * staging.h - where the pieces of an update lie in the landing range
 * (handover-abi/README.md section 2).
 */
#ifndef LOADER_STAGING_H
#define LOADER_STAGING_H

#include "blob.h"

/* Where the blob itself is loaded: the first page behind all that is staged.
 * It is not in the tree; the entry block has it. */
struct range staging_blob(const struct blob *blob);

/* The stub image to use when none is named: ../stub/stub.bin beside the
 * program (a build tree), stub.bin beside it, ../lib/baton/stub.bin (as it is
 * installed), /usr/lib/baton/stub.bin. NULL: none of them. */
const char *staging_stub_path(void);

#endif /* LOADER_STAGING_H */
