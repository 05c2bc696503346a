/* SPDX-License-Identifier: MIT */
/*
 * blob_write.h - the writer of what blob.h reads: the same struct, the other
 * way. /lu-stream and /domains are the caller's, between begin and end.
 */
#ifndef CORE_BLOB_WRITE_H
#define CORE_BLOB_WRITE_H

#include "blob.h"
#include "fdtwrite.h"

/* All of the tree but those two, in an open tree; its version is this
 * writer's. Of b->fallback_tree the bytes are b->fallback_data. Errors are
 * w->rc's. */
void blob_write(struct fdtwrite *w, const struct blob *b);

/* The oldest version of a reader that knows all of it that may not be
 * ignored (handover-abi/README.md, section 6). A stream by reference is one by
 * b->stream_range_count, which the caller sets before blob_write(). */
uint32_t blob_compat(const struct blob *b);

/* The `compatible` of a target of that kind. */
const char *blob_compatible(enum target_kind kind);

/* {base, bytes} as cells: 16 bytes at `at`. */
void blob_put_range(uint8_t *at, struct range r);

#endif /* CORE_BLOB_WRITE_H */
