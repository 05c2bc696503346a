// SPDX-License-Identifier: MIT
/*
 * domtab.c - the domain table. Filled by the pass, which alone may.
 */
#include "domtab.h"

#include <string.h>

#define DOMTAB_FIRST (HO_PAGE_BYTES / sizeof(struct ho_domain))

int domtab_init(struct domtab *dt, struct region *region,
		struct diag_log *diag)
{
	uint64_t bytes = HO_DOMID_COUNT * sizeof(uint16_t);
	uint64_t index = region_alloc(region, bytes, HO_PAGE_BYTES);

	*dt = (struct domtab){ .region = region };
	if (!index)
		return diag_add(diag, HO_EFULL, "index of domains");
	dt->index = region_va(region, index);
	memset(dt->index, 0, bytes);
	return 0;
}

static bool domtab_grow(struct domtab *dt)
{
	uint32_t capacity = dt->capacity ? 2 * dt->capacity : DOMTAB_FIRST;
	uint64_t pa = region_alloc(dt->region,
				   capacity * sizeof(struct ho_domain),
				   HO_PAGE_BYTES);

	if (!pa)
		return false;
	if (dt->count)
		memcpy(region_va(dt->region, pa), dt->domains,
		       dt->count * sizeof(struct ho_domain));
	dt->paddr = pa;
	dt->domains = region_va(dt->region, pa);
	dt->capacity = capacity;
	return true;
}

int domtab_add(struct domtab *dt, const struct ho_rec_domain *rec,
	       uint64_t stream_offset, struct diag_log *diag)
{
	struct ho_domain *d;

	if (rec->domid >= HO_DOMID_COUNT)
		return diag_add(diag, HO_EDOMID,
				"stream offset 0x%llx: domid %u",
				(unsigned long long)stream_offset, rec->domid);
	if (domtab_find(dt, rec->domid))
		return diag_add(diag, HO_EDOMDUP,
				"stream offset 0x%llx: domid %u",
				(unsigned long long)stream_offset, rec->domid);
	if (dt->count == dt->capacity && !domtab_grow(dt))
		return diag_add(diag, HO_EFULL, "domain table after %u entries",
				dt->count);
	d = &dt->domains[dt->count++];
	memset(d, 0, sizeof(*d));
	d->domid = rec->domid;
	d->kind = rec->kind;
	memcpy(d->uuid, rec->uuid, sizeof(d->uuid));
	memcpy(d->name, rec->name, sizeof(d->name));
	d->stream_offset = stream_offset;
	dt->index[rec->domid] = dt->count;
	return 0;
}

struct ho_domain *domtab_find(const struct domtab *dt, uint32_t domid)
{
	if (domid >= HO_DOMID_COUNT || !dt->index[domid])
		return NULL;
	return &dt->domains[dt->index[domid] - 1];
}
