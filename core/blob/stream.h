/* SPDX-License-Identifier: MIT */
/*
 * stream.h - the record reader of the LU stream (framing only; pass.h gives
 * the records their meaning). Layout: handover/stream.h.
 *
 *   stream_open -> stream_next ... until it has returned the END record
 */
#ifndef CORE_STREAM_H
#define CORE_STREAM_H

#include "diag.h"
#include "span.h"
#include "handover/stream.h"

struct stream {
	struct span in;
	uint64_t record_count;		/* records returned so far */
	bool ended;			/* END was returned */
};

/* One record as found; body is bounded by its own length. */
struct record {
	uint32_t type;
	uint64_t offset;		/* of the record head in the stream */
	struct span body;
};

/* Check the header. HO_ESTREAMMAGIC, HO_ESTREAMVERSION, HO_ESTREAMTRUNC,
 * HO_ERESERVED. */
int stream_open(struct stream *s, const void *bytes, uint64_t length,
		struct diag_log *diag);

/*
 * The next record. Returns 1 and fills *rec, 0 after END, or
 * HO_ESTREAMTRUNC, HO_ERECLEN (beyond HO_REC_MAX_BYTES), HO_ERESERVED (padding
 * that is not zero), HO_ETRAILING.
 * Unknown types are returned like any other.
 */
int stream_next(struct stream *s, struct record *rec, struct diag_log *diag);

/* Decode a fixed-size head; the body cursor then stands behind it. Each
 * checks its reserved fields and sizes: HO_ERECLEN, HO_ERESERVED,
 * HO_EDOMAIN (kind, name not terminated or empty). */
int record_version(struct record *rec, struct ho_rec_version *out,
		   struct diag_log *diag);
/* Returns 0, -HO_ERECLEN, or -HO_EDOMAIN: name not printable, empty, with a
 * blank or "/", or kind unknown. */
int record_domain(struct record *rec, struct ho_rec_domain *out,
		  struct diag_log *diag);
/* The state's bytes follow the head: they are what is left of the body.
 * Returns 0, -HO_ERECLEN, -HO_ERESERVED, or -HO_EDOMAIN: name of the state. */
int record_state(struct record *rec, struct ho_rec_state *out,
		 struct diag_log *diag);
/* Returns 0, or -HO_ERECLEN. */
int record_owner(struct record *rec, struct ho_rec_owner *out,
		 struct diag_log *diag);
/* Returns 0, -HO_ERECLEN, or -HO_ERESERVED. */
int record_domain_end(struct record *rec, struct ho_rec_domain_end *out,
		      struct diag_log *diag);
/* Returns 0, -HO_ERECLEN, or -HO_ERESERVED. Compares nothing. */
int record_digest(struct record *rec, struct ho_rec_digest *out,
		  struct diag_log *diag);
/* Returns 0, -HO_ERECLEN, or -HO_ERESERVED. Compares no totals. */
int record_end(struct record *rec, struct ho_rec_end *out,
	       struct diag_log *diag);

/* FRAMES: head, and the two arrays as byte pointers (load_le64 each). */
struct frames {
	uint32_t domid;
	uint32_t extent_count;
	const uint8_t *words;
	const uint8_t *gfns;
};
/* Returns 0, or -HO_ERECLEN: no extent, or arrays of another length. The
 * pointers lead into the stream's bytes. */
int record_frames(struct record *rec, struct frames *out,
		  struct diag_log *diag);

/* A frame word, taken apart and put together. */
static inline uint64_t frame_word_mfn(uint64_t word)
{
	return word & ((1ull << HO_FRAME_MFN_BITS) - 1);
}

/* 4 KiB frames of the extent, 1 to HO_FRAME_PAGES_MAX. */
static inline uint32_t frame_word_pages(uint64_t word)
{
	return ((word >> HO_FRAME_COUNT_SHIFT) &
		(HO_FRAME_PAGES_MAX - 1)) + 1;
}

/* Type of the frames, HO_TYPE_*; may be unknown in a damaged stream. */
static inline uint32_t frame_word_type(uint64_t word)
{
	return word >> HO_FRAME_TYPE_SHIFT;
}

/* The word of `pages` frames from `mfn` on. All three must be in their
 * ranges. */
static inline uint64_t frame_word(uint64_t mfn, uint32_t pages, uint32_t type)
{
	return mfn | (uint64_t)(pages - 1) << HO_FRAME_COUNT_SHIFT |
	       (uint64_t)type << HO_FRAME_TYPE_SHIFT;
}

#endif /* CORE_STREAM_H */
