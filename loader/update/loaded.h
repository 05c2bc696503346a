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

/* What becomes of a stream by reference. */
enum loaded_hold {
	LOADED_READ,			/* nothing: it is read */
	LOADED_HOLD,			/* looked at, and locked where it is until
					 * this process ends */
	LOADED_OUTLIVES,		/* it would have to stay there behind that:
					 * refused, nobody would hold it */
};

/*
 * Walk the stream of the blob at `path`, which must be root's own. HO_ENOTLOADED:
 * there is no such file; HO_EOWNER, HO_EKEEPER, codes of blob_parse(),
 * verdict_open_stream(), streamref_hold(), stream_next() and of `fn`.
 */
int loaded_walk(const char *path, enum loaded_hold hold, loaded_fn fn,
		void *context, struct diag_log *diag);
/* The same of a blob of `length` bytes that is not loaded yet. HO_ENOMEM, and the codes
 * from blob_parse() on. */
int loaded_walk_bytes(const void *bytes, uint64_t length,
		      enum loaded_hold hold, loaded_fn fn, void *context,
		      struct diag_log *diag);

#endif /* LOADER_LOADED_H */
