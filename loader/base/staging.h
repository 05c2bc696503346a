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

/* The stub, and the door, to use when none is named: in ../stub beside the
 * program (a build tree), beside it, in ../lib/baton, or in /usr/lib/baton.
 * NULL: in none of them. */
const char *staging_stub_path(void);
const char *staging_door_path(void);

#endif /* LOADER_STAGING_H */
