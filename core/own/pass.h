/* SPDX-License-Identifier: MIT */
/*
 * pass.h - the one pass: the LU stream is walked once, DOMAIN records make
 * domain table entries, FRAMES records set owner and type of their frames.
 * RAM bounds, region overlap, double owners and totals are checked in the
 * same walk. O(extents + entries written), whatever their order.
 */
#ifndef CORE_PASS_H
#define CORE_PASS_H

#include "blob.h"
#include "domtab.h"
#include "frametable.h"
#include "stream.h"

/* Extents of PV guests' page tables (types L1..L4, pinned or not), for
 * ptcheck.h: pages of the region, each naming the one before it. */
struct typed_extent {
	uint64_t mfn;
	uint32_t pages;
	uint16_t domid;
	uint16_t type;
};

#define TYPED_PER_PAGE	255

struct typed_page {
	struct typed_page *before;
	uint64_t count;
	struct typed_extent extents[TYPED_PER_PAGE];
};

struct pass {
	const struct blob *blob;
	struct region *region;
	struct diag_log *diag;
	struct frametable ft;
	struct domtab domains;
	uint64_t record_count;
	uint64_t extent_count;
	uint64_t frame_count;		/* 4 KiB frames owned */
	uint32_t memory_hint;		/* RAM range of the last extent */
	uint64_t window_start;		/* mfns around it that are RAM, not
					 * low and not of the region */
	uint64_t window_end;
	uint32_t open_slot;		/* of the domain being read, ~0: none */
	struct typed_page *typed;	/* NULL: no page tables */
	uint64_t typed_frames;
	uint64_t digested;		/* end of the last DIGEST record */
	bool closed;			/* VERSION or a domain, since then */
	uint64_t declared_frames;	/* in its DOMAIN record, 0: unknown */
};

/*
 * Run it over blob->stream (which is set, by reference or not). Errors of single extents (HO_EINREGION,
 * HO_EDOUBLE, HO_ENOTRAM, HO_ELOWMEM, HO_EFRAMEHIGH, HO_EFRAMETYPE) are all
 * recorded and the walk goes on; errors of the framing end it. Returns 0, or
 * the first recorded error: then nothing it built may be used.
 */
int pass_run(struct pass *pass, const struct blob *blob,
	     struct region *region, struct diag_log *diag);

#endif /* CORE_PASS_H */
