/* SPDX-License-Identifier: MIT */
/*
 * domtab.h - the domain table: one struct ho_domain per DOMAIN record, in
 * stream order, and an index from domid.
 */
#ifndef CORE_DOMTAB_H
#define CORE_DOMTAB_H

#include "region.h"
#include "handover/frametable.h"

struct domtab {
	struct region *region;
	uint64_t paddr;			/* of the array, 0 while empty */
	uint32_t count;
	uint32_t capacity;
	struct ho_domain *domains;
	uint16_t *index;		/* [HO_DOMID_COUNT], 0: unknown, else
					 * slot + 1 */
};

/* HO_EFULL */
int domtab_init(struct domtab *dt, struct region *region,
		struct diag_log *diag);

/*
 * HO_EDOMID out of range, HO_EDOMDUP, HO_EFULL. O(1) amortised: a full array
 * is copied to one of twice the size, so pointers to entries do not survive
 * this call.
 */
int domtab_add(struct domtab *dt, const struct ho_rec_domain *rec,
	       uint64_t stream_offset, struct diag_log *diag);

/* NULL when not declared. O(1). */
struct ho_domain *domtab_find(const struct domtab *dt, uint32_t domid);

#endif /* CORE_DOMTAB_H */
