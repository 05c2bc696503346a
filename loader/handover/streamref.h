/* SPDX-License-Identifier: MIT */
/*
 * streamref.h - an LU stream that stays where it is: which frames a file of a
 * tmpfs lies in (README rule 15 of handover-abi), and, in the new instance,
 * those frames as one piece again.
 */
#ifndef LOADER_STREAMREF_H
#define LOADER_STREAMREF_H

#include "blob.h"

/* For HO_EKEEPER: its frames would have to stay when baton has ended. */
#define STREAMREF_ALONE	"the stream: pack it with a larger --inline-max"

/* A file, mapped and locked, and its frames in the order of its bytes. */
struct streamref {
	void *bytes;
	uint64_t length;		/* of the mapping: whole pages */
	uint32_t count;
	struct range *ranges;
};

/* HO_EFILE, HO_ESTREAMFILE (not in memory), HO_ESTREAMPIECES, and the codes of
 * process_extents(). O(pages). */
int streamref_open(struct streamref *ref, const char *path,
		   struct diag_log *diag);
/* Unlock and unmap the file. */
void streamref_close(struct streamref *ref);

/* Returns 0 when the blob's stream is still where the blob says. It stays
 * locked there as long as this process lives. HO_EMIGRATED, and those
 * above. */
int streamref_hold(const struct blob *blob, struct diag_log *diag);

/* The stream of a blob from an open /dev/mem (or a file in its place),
 * read-only; unmap blob->stream_bytes, rounded up to pages. NULL: recorded.
 * HO_EIO. */
const uint8_t *streamref_show(const struct blob *blob, int fd,
			      struct diag_log *diag);

#endif /* LOADER_STREAMREF_H */
