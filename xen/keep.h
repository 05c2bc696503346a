/* SPDX-License-Identifier: MIT */
/*
 * keep.h - the kept guests of this Xen, for the files beside it alone: lists.c and
 * claim.c make the lists, keep.c, place.c and release.c use them as long as Xen
 * runs. Others include asm/baton.h.
 *
 * A frame that is kept has kept_type as its type, KEPT_COUNT as its count, and
 * dom_kept as its owner; a list that names it does not say that it still is.
 */
#ifndef XEN_KEEP_H
#define XEN_KEEP_H

#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/spinlock.h>

#define KEPT_COUNT	(PGC_allocated | 1)	/* count_info of such a frame */
#define LARGE_ORDER	9			/* frames of a large page: 2 MiB */

struct extent {
	unsigned long gfn, mfn, pages;
};

struct kept {
	xen_domain_handle_t handle;
	bool hvm, refused;
	bool released;			/* nobody is given it any more */
	struct domain *d;		/* the one that is like it, if any */
	bool placing;			/* a CPU gives it frames */
	unsigned int placed;		/* extents it has been given, and of */
	unsigned long placed_pages;	/* the next one so many */
	unsigned long blocks;		/* entries of its physmap they took */
	s_time_t spent;			/* ns */
	unsigned int nr;
	unsigned int left;		/* of nr, when it is being released */
	struct extent *by_gfn, *by_mfn;	/* the same; NULL: over */
};

extern struct kept *kept;
extern unsigned int nr_kept;
/* Of which guest there is a domain, and whose lists are over. Nothing that may
 * wait is done while it is held. */
extern spinlock_t kept_lock;
extern unsigned long kept_type;
/* A domain that may not have what was kept for its uuid: it is given no memory. */
extern struct kept keep_nobody;

/* lists.c: one more extent of `k`, whose lists have room for it. */
void lists_note(struct kept *k, unsigned long gfn, unsigned long mfn,
		unsigned long pages);
/* Both lists of `k`, in order. False: two frames for one of its numbers. */
bool lists_sort(struct kept *k);
/* By mfn. */
void lists_sort_mfns(struct extent *x, unsigned int nr);

/* keep.c: the frame kept for `gfn`, or INVALID_MFN. kept_lock is held. */
mfn_t keep_frame_of(const struct kept *k, unsigned long gfn);
/* `n` frames that follow each other become nobody's: all of them, or none. A frame
 * that somebody has mapped has a higher count, and stays; so does what is a domain's
 * by now. */
bool keep_take(struct page_info *pg, unsigned long n);
/* The same, and they are the domain's then: all of them, or none. */
bool keep_give(struct domain *d, struct page_info *pg, unsigned long n,
	       unsigned int memflags);
/* Its lists are over: no domain is given a frame, and none is kept again. */
void keep_end(struct kept *k);

#endif /* XEN_KEEP_H */
