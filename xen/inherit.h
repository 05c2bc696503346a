/* SPDX-License-Identifier: MIT */
/*
 * inherit.h - what an earlier instance left in memory, as a hypervisor that
 * boots over it wants it: whose frames are kept, and what is free. Read by
 * core/'s own readers, compiled for Xen (flavour `xen`). Needs no allocation;
 * nothing is written. All of it is for boot: Xen frees it afterwards.
 *
 *	inherit_open()		breadcrumb and result tree
 *	inherit_attach()	the region is mapped: stream and frametable agree
 *	inherit_extents() inherit_free() inherit_guest()
 *
 * There is one inheritance at a time. What fails says why in inherit_why().
 */
#ifndef XEN_INHERIT_H
#define XEN_INHERIT_H

#ifdef __XEN__
#include <xen/types.h>
#else
#include <stdbool.h>
#include <stdint.h>
#endif

#define INHERIT_GUESTS_MAX	1024

/* As in handover/stream.h: HO_KIND_XEN_PV, HO_KIND_XEN_HVM */
#define INHERIT_PV		2
#define INHERIT_HVM		3

/* The `bytes` bytes at physical address `pa`, one behind the other; NULL when
 * they cannot be mapped, or are anybody's to use. */
typedef const void *(*inherit_map_fn)(uint64_t pa, uint64_t bytes);

/* Frames [mfn, mfn + pages) are the guest's at [gfn, gfn + pages). */
struct inherit_extent {
	uint32_t guest;			/* as in inherit_guest() */
	uint64_t mfn, pages, gfn;
};

struct inherit_guest {
	uint8_t uuid[16];		/* bytes in text order: Xen's handle */
	uint32_t kind;			/* INHERIT_PV, INHERIT_HVM */
	uint64_t frames, extents;
};

/*
 * Read breadcrumb and result tree at `base` (what baton= says). False: they
 * are damaged, not of an update that chained, or not of this place. The tree
 * must stay mapped until inherit_attach().
 */
bool inherit_open(uint64_t base, inherit_map_fn map);
/* Behind the last byte of the machine's RAM; 0: nothing is open. */
uint64_t inherit_top(void);
/* The region's ranges: [*start, *end), false past the last one. */
bool inherit_region(uint32_t index, uint64_t *start, uint64_t *end);

/*
 * Read the tree again through `map`, which now must have every range of the
 * region, and check the stream against it: framing, digests, totals, and each
 * frame is RAM, of no region, and its guest's by the frametable as well. False:
 * something is not so. From here on `map` must hold.
 */
bool inherit_attach(inherit_map_fn map);
/* Guests of Xen, in the stream's order; others are not counted. */
uint32_t inherit_guests(void);
/* One of them; NULL past the last one. */
const struct inherit_guest *inherit_guest(uint32_t index);

/* False ends the walk. */
typedef bool (*inherit_extent_fn)(const struct inherit_extent *e);
typedef bool (*inherit_free_fn)(uint64_t start, uint64_t end);
/* Each extent of each guest of Xen. False: the visitor said so. */
bool inherit_extents(inherit_extent_fn visit);
/* Each range of bytes that is RAM, nobody's and not of the region, in order.
 * False: the visitor said so, or the table is damaged. */
bool inherit_free(inherit_free_fn visit);

/* Why the last call that failed did: error and place, one line. */
const char *inherit_why(void);

#endif /* XEN_INHERIT_H */
