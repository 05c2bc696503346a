/* SPDX-License-Identifier: MIT */
/*
 * loaded.h - the records of a blob that was loaded, one after the other.
 */
#ifndef LOADER_LOADED_H
#define LOADER_LOADED_H

#include "stream.h"

/* Called for each record; an error ends the walk, and is its result. */
typedef int (*loaded_fn)(void *context, struct record *rec,
			 struct diag_log *diag);

/*
 * Walk the stream of the blob at `path`, which must be root's own. With `hold` a
 * stream by reference is looked at and stays locked where it is, until this
 * process ends. HO_ENOTLOADED: there is no such file; HO_EOWNER, codes of
 * blob_parse(), verdict_open_stream(), streamref_hold(), stream_next() and of
 * `fn`.
 */
int loaded_walk(const char *path, bool hold, loaded_fn fn, void *context,
		struct diag_log *diag);
/* The same of a blob of `length` bytes that is not loaded yet. HO_ENOMEM, and the codes
 * from blob_parse() on. */
int loaded_walk_bytes(const void *bytes, uint64_t length, bool hold,
		      loaded_fn fn, void *context, struct diag_log *diag);

#endif /* LOADER_LOADED_H */
