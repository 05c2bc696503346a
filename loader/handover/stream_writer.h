/* SPDX-License-Identifier: MIT */
/*
 * stream_writer.h - writes an LU stream as it comes, never holding it:
 * extents are joined and leave in batches, the digest runs along.
 *
 *   begin, { domain, (extent | state | owner)*, domain_end }*, end
 */
#ifndef LOADER_STREAM_WRITER_H
#define LOADER_STREAM_WRITER_H

#include "digest.h"
#include "handover/stream.h"
#include "stream.h"
#include "util.h"

#define STREAM_WRITER_BATCH 8192	/* extents in one FRAMES record */

struct stream_writer {
	struct outfile out;
	struct digest_stream digest;	/* since the last DIGEST record */
	bool undigested;		/* anything since then */
	struct diag_log *diag;
	int rc;				/* the first error; sticks */
	uint64_t records;
	uint32_t domid;			/* of the open domain */
	uint64_t frames, extents, state_bytes;
	uint32_t batch;			/* extents waiting */
	uint64_t words[STREAM_WRITER_BATCH];
	uint64_t gfns[STREAM_WRITER_BATCH];
};

/* Errors stick: every function may be called on, stream_writer_end() says
 * what went wrong first. HO_EFILE. */
int stream_writer_begin(struct stream_writer *w, const char *path,
			struct diag_log *diag);
/* Begin a domain: its DOMAIN record. */
void stream_writer_domain(struct stream_writer *w,
			  const struct ho_rec_domain *domain);
/* `pages` frames from mfn on, guest numbers from gfn on; joined with the one
 * before where both continue. */
void stream_writer_extent(struct stream_writer *w, uint64_t mfn,
			  uint64_t pages, uint32_t type, uint64_t gfn);
/* A state of the open domain: `length` bytes under a name; a long one takes
 * several STATE records. */
void stream_writer_state(struct stream_writer *w, const char *name,
			 const void *bytes, uint64_t length);
/* The process that owns the frames of the open domain: its OWNER record. */
void stream_writer_owner(struct stream_writer *w,
			 const struct ho_rec_owner *owner);
/* End the open domain: its totals, and the digest of its records. */
void stream_writer_domain_end(struct stream_writer *w);
/* The END record; the file appears under its name. Returns 0, or the first
 * error, and then leaves no file. -HO_EFILE, codes of the framing. */
int stream_writer_end(struct stream_writer *w);
/* Leave no file. In place of stream_writer_end(). */
void stream_writer_abandon(struct stream_writer *w);

/*
 * Carry a domain on from another stream: its DOMAIN record is at `offset`.
 * The owner is dropped, it did not live through the handover.
 */
void stream_writer_carry(struct stream_writer *w, const uint8_t *stream,
			 uint64_t length, uint64_t offset);
/* All domains of another stream, with their owners. */
void stream_writer_join(struct stream_writer *w, const void *stream,
			uint64_t length);

#endif /* LOADER_STREAM_WRITER_H */
