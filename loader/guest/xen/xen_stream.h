/* SPDX-License-Identifier: MIT */
/*
 * xen_stream.h - what `xl save` writes, with the contents of pages taken out
 * and put back. Everything else stays as Xen's tools wrote it. Layout:
 * tools/xl/xl.h (file header) and docs/specs/libxl-migration-stream.pandoc,
 * libxc-migration-stream.pandoc of Xen.
 *
 * Each PAGE_DATA record becomes an optional record of our own with its head
 * and its pfns as runs: 1 GiB becomes some 30 KiB.
 */
#ifndef LOADER_XEN_STREAM_H
#define LOADER_XEN_STREAM_H

#include <stdbool.h>
#include <stdio.h>

#include "diag.h"
#include "digest.h"

/* Of the STATE record that holds a stripped stream. */
#define XEN_STATE_NAME		"xl-save"
/* Of the one with the digest of the whole stream, XXH64. */
#define XEN_DIGEST_NAME		"xl-save-digest"

/* Of the one with the page of its start_info: pfn, then the contents as they
 * were when it was saved, for xl restore writes there. */
#define XEN_START_INFO_NAME	"xen-start-info"

/* Of the one that says how long it had run: ns, u64. */
#define XEN_CPU_TIME_NAME	"xen-cpu-time"

#define XEN_PFN_NONE		0xff	/* types[]: the stream has no page */

/* A stream in memory, and what it says of the guest's frames. */
struct xen_saved {
	uint8_t *bytes;
	uint64_t length, room;
	uint64_t pfn_count;		/* highest pfn + 1 */
	uint8_t *types;			/* by pfn: the type nibble */
	uint64_t page_count;		/* pfns with a frame */
	uint64_t stays_count;		/* of them those whose contents xl did
					 * not write */
	uint64_t absent_count;		/* entries without a page that are left
					 * out: of a translated guest nearly all */
	bool hvm;			/* a translated guest: HVM or PVH */
	uint64_t start_info;		/* pfn, as its first vcpu has it; 0:
					 * none */
	uint8_t digest[HO_DIGEST_BYTES]; /* of the stream, with the contents
					 * of page tables alone, and without
					 * what is left out */
};

/*
 * Read a stream to its end, keep it without pages. HO_EXENSTREAM when it is a
 * PV guest's of 32 bits, no guest's, damaged or cut off; HO_ENOMEM.
 */
int xen_stream_strip(FILE *in, struct xen_saved *out, struct diag_log *diag);
/* Free what xen_stream_strip() filled in. */
void xen_saved_free(struct xen_saved *s);

struct xen_start_info {
	uint64_t pfn;
	uint8_t page[HO_PAGE_BYTES];
};

/* Where inflated pages come from. */
struct xen_pages {
	/* Contents of `count` pages to `out`, canonical where they are
	 * tables. types[]: their nibbles. HO_E... */
	int (*read)(void *context, const uint64_t *pfns,
		    const uint8_t *types, uint32_t count, uint8_t *out,
		    struct diag_log *diag);
	void *context;
	/* The Xen that restores it gives each pfn the frame that was kept for
	 * it: only what libxenguest wants to see is sent, and all of that is
	 * read before it has been told of any page. */
	bool in_place;
	/* And it gives all of them with the first: of the list of pages one is
	 * named, and that only if none is sent. */
	bool at_once;
	const struct xen_start_info *start_info; /* in place; NULL: read it */
	uint64_t sent;			/* pages that were written */
	/* NULL, or asked before the last record, when all is as it was: from
	 * there on who reads it may start the guest. HO_E... */
	int (*ends)(void *context, struct diag_log *diag);
};

/*
 * Write the stream with its pages, or, in place, with few of them. The end is
 * held back until all before it has the digest it had when it was saved: what
 * differs in one byte is never complete, and no reader starts a guest from it.
 * The digest is over what xl wrote then, without the contents of ordinary pages.
 * An earlier writer's may have those, too; where they are not sent now, it cannot
 * be compared. HO_EDIGEST, HO_EXENSTREAM, HO_EFILE, HO_ENOMEM, HO_EXENRESTORE (a
 * pipe that nobody reads), and of read() and ends().
 */
int xen_stream_inflate(const uint8_t *bytes, uint64_t length,
		       const uint8_t digest[HO_DIGEST_BYTES],
		       struct xen_pages *pages, FILE *out,
		       struct diag_log *diag);

/*
 * A page table as a stream has it: machine frames become the guest's, in an
 * L4 the hypervisor's own slots become empty. `pfn_of` gives ~0 for a frame
 * that is not the guest's. False when there is one. Rule: libxc's
 * normalise_page() of tools/libs/guest/xg_sr_save_x86_pv.c.
 */
bool xen_table_canonical(uint64_t table[512], uint8_t type,
			 uint64_t (*pfn_of)(void *context, uint64_t mfn),
			 void *context);

#endif /* LOADER_XEN_STREAM_H */
