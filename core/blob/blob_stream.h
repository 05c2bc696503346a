/* SPDX-License-Identifier: MIT */
/*
 * blob_stream.h - /lu-stream of the blob.
 */
#ifndef CORE_BLOB_STREAM_H
#define CORE_BLOB_STREAM_H

#include "blob.h"
#include "fdtread.h"

/* After /memory and /policy. HO_EBLOBCOMPAT, HO_ENODE, HO_EPROP, HO_EVALUE,
 * HO_ENOTRAM. */
int blob_read_stream(const struct fdt_reader *r, struct blob *blob,
		     enum blob_form form);

#endif /* CORE_BLOB_STREAM_H */
