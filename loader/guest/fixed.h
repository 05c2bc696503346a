/* SPDX-License-Identifier: MIT */
/*
 * fixed.h - frames that are read once, while the guest runs: a process holds its
 * memory, and every page of it is pinned, or is one that never moves. Then a
 * page cannot go to another frame. It can be taken out of the guest's file (a
 * hole is punched), and the guest gets another one. The holder does not touch
 * its mapping, so there the page stays missing, and the kernel counts one page
 * less of that process. That count is looked at instead of the pages.
 */
#ifndef LOADER_FIXED_H
#define LOADER_FIXED_H

#include "process.h"

struct fixed_extent {
	uint64_t mfn, pages, vpn;
};

struct fixed_frames {
	struct process_id holder;
	uint64_t huge_bytes;		/* of huge pages, as they were counted */
	size_t count, room;
	struct fixed_extent *list;	/* as they were read */
};

/* Read a range of the holder, whole pages of 2 MiB: an entry for each. HO_ENOMEM
 * and codes of process_huge_extents(). */
int fixed_read(struct fixed_frames *f, struct vrange r, struct diag_log *diag);
/* Returns 0 when the holder lives, and has as many huge pages. HO_EMIGRATED. */
int fixed_unchanged(const struct fixed_frames *f, struct diag_log *diag);
/* Each extent, in order. */
void fixed_each(const struct fixed_frames *f, extent_fn fn, void *context);
/* True when these pages of the holder are these frames; *at is where the last
 * one asked for was found, 0 at first. */
bool fixed_has(const struct fixed_frames *f, const struct fixed_extent *e,
	       size_t *at);
/* Free it; NULL is fine. */
void fixed_free(struct fixed_frames *f);

#endif /* LOADER_FIXED_H */
