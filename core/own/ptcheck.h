/* SPDX-License-Identifier: MIT */
/*
 * ptcheck.h - the page tables of PV guests (HO_KIND_XEN_PV, README rule 23: no
 * other kind has any that are typed so), after the pass: every present
 * entry of a frame typed L1..L4 must point to a frame of the same domain, of
 * the type one level down, or, from an L1, to any of its frames or to a shared
 * (granted) one. Tables may only be mapped read-only; superpages and bits
 * beyond the address width are not for PV guests.
 *
 * Each table is looked at once, whoever points to it: levels only go down, so
 * loops and self-maps are entries of the wrong level, and no walk from the
 * roots is needed. O(entries of typed frames); ordinary frames cost nothing.
 */
#ifndef CORE_PTCHECK_H
#define CORE_PTCHECK_H

#include "pass.h"

/* Entries 256..271 of an L4 are the hypervisor's own and not looked at:
 * ROOT_PAGETABLE_FIRST_XEN_SLOT.._LAST_ of xen/include/public/arch-x86_64. */
#define PTCHECK_XEN_FIRST	256
#define PTCHECK_XEN_LAST	271

/* The 512 entries of a frame, readable until the next call; NULL: cannot be
 * read. */
typedef const uint64_t *(*ptcheck_map_fn)(void *context, uint64_t mfn);

struct ptcheck_work {
	uint64_t tables;		/* frames looked at */
	uint64_t entries;		/* of them, the present ones */
};

/*
 * All that the pass listed. Every violation is recorded (HO_EPTOWNER,
 * HO_EPTLEVEL, HO_EPTFLAGS: domain, table, index, target) and the check goes
 * on. Returns 0 or the first; HO_EINTERNAL when a frame cannot be read.
 */
int ptcheck_run(const struct pass *pass, const struct frametable_view *view,
		ptcheck_map_fn map, void *context, struct ptcheck_work *work,
		struct diag_log *diag);

#endif /* CORE_PTCHECK_H */
