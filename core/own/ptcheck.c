// SPDX-License-Identifier: MIT
/*
 * ptcheck.c - see ptcheck.h. Entry bits: Intel SDM volume 3, 4.5; what a PV guest
 * may have: xen/arch/x86/mm.c.
 */
#include "ptcheck.h"

#define ENTRIES		512
#define PTE_PRESENT	(1ull << 0)
#define PTE_WRITE	(1ull << 1)
#define PTE_LARGE	(1ull << 7)
#define PTE_ADDRESS	0x000ffffffffff000ull

/* As in pass_frames.c; measured in bench/. */
#define AHEAD_ENTRY	24
#define AHEAD_NODE	12

struct check {
	const struct frametable *ft;	/* for prefetching alone */
	struct frametable_walk lookup;
	struct frametable_span near;	/* who owns the last target and what
					 * follows it; count 0: nothing */
	bool near_owned;
	struct ptcheck_work *work;
	struct diag_log *diag;
	const struct typed_extent *extent;
	uint64_t table;			/* mfn */
	uint32_t level;
};

static int violation(const struct check *c, int code, uint32_t index,
		     uint64_t entry)
{
	return diag_add(c->diag, code,
			"domain %u L%u table mfn 0x%llx entry %u: 0x%llx",
			c->extent->domid, c->level,
			(unsigned long long)c->table, index,
			(unsigned long long)entry);
}

/* Entries of a table mostly point to neighbours: ask the frametable only when
 * the last answer does not cover the target. */
static int find_owner(struct check *c, uint64_t mfn)
{
	int rc;

	if (mfn - c->near.mfn < c->near.count)
		return 0;
	rc = frametable_at(&c->lookup, mfn, &c->near);
	if (rc < 0)
		return diag_add(c->diag, -rc, "frametable, at mfn 0x%llx",
				(unsigned long long)mfn);
	c->near_owned = rc;
	return 0;
}

/* An L1 maps frames: of its domain, or granted; tables only read-only. */
static int check_leaf(const struct check *c, uint32_t index, uint64_t entry)
{
	uint32_t type = c->near.type;

	if (!c->near_owned || (c->near.domid != c->extent->domid &&
			       type != HO_TYPE_SHARED))
		return violation(c, HO_EPTOWNER, index, entry);
	if (is_page_table(type) && entry & PTE_WRITE)
		return violation(c, HO_EPTFLAGS, index, entry);
	return 0;
}

/* Higher ones point to tables of the level below. */
static int check_table(const struct check *c, uint32_t index, uint64_t entry)
{
	if (entry & PTE_LARGE)
		return violation(c, HO_EPTFLAGS, index, entry);
	if (!c->near_owned || c->near.domid != c->extent->domid)
		return violation(c, HO_EPTOWNER, index, entry);
	if ((c->near.type & ~HO_TYPE_PINNED) != c->level - 1)
		return violation(c, HO_EPTLEVEL, index, entry);
	return 0;
}

static int check_entry(struct check *c, uint32_t index, uint64_t entry)
{
	uint64_t mfn = (entry & PTE_ADDRESS) >> HO_PAGE_SHIFT;
	int rc;

	c->work->entries++;
	if (mfn >> HO_FT_MFN_BITS)
		return violation(c, HO_EPTFLAGS, index, entry);
	rc = find_owner(c, mfn);
	if (rc)
		return rc;
	return c->level == 1 ? check_leaf(c, index, entry)
			     : check_table(c, index, entry);
}

/* The frametable's answer for an entry further on, if the last one does not
 * hold there: from memory by the time it is asked for. */
static void prefetch(const struct check *c, const uint64_t *entries,
		     uint32_t i)
{
	uint64_t mfn;

	if (i + AHEAD_ENTRY >= ENTRIES)
		return;
	mfn = (entries[i + AHEAD_ENTRY] & PTE_ADDRESS) >> HO_PAGE_SHIFT;
	if (mfn - c->near.mfn >= c->near.count)
		frametable_prefetch_entry(c->ft, mfn);
	mfn = (entries[i + AHEAD_NODE] & PTE_ADDRESS) >> HO_PAGE_SHIFT;
	if (mfn - c->near.mfn >= c->near.count)
		frametable_prefetch_node(c->ft, mfn);
}

static int check_frame(struct check *c, const uint64_t *entries)
{
	int first = 0, rc;
	uint32_t i;

	c->work->tables++;
	for (i = 0; i < ENTRIES; i++) {
		prefetch(c, entries, i);
		if (!(entries[i] & PTE_PRESENT))
			continue;
		if (c->level == 4 && i >= PTCHECK_XEN_FIRST &&
		    i <= PTCHECK_XEN_LAST)
			continue;
		rc = check_entry(c, i, entries[i]);
		first = first ? first : rc;
	}
	return first;
}

static int check_extent(struct check *c, ptcheck_map_fn map, void *context)
{
	int first = 0, rc;
	uint32_t i;

	c->level = c->extent->type & ~HO_TYPE_PINNED;
	for (i = 0; i < c->extent->pages; i++) {
		const uint64_t *entries;

		c->table = c->extent->mfn + i;
		entries = map(context, c->table);
		if (!entries)
			return diag_add(c->diag, HO_EINTERNAL,
					"table mfn 0x%llx cannot be read",
					(unsigned long long)c->table);
		rc = check_frame(c, entries);
		first = first ? first : rc;
	}
	return first;
}

int ptcheck_run(const struct pass *pass, const struct frametable_view *view,
		ptcheck_map_fn map, void *context, struct ptcheck_work *work,
		struct diag_log *diag)
{
	struct check c = { .ft = &pass->ft, .lookup = frametable_walk(view),
			   .work = work, .diag = diag };
	const struct typed_page *page;
	int first = 0, rc;
	uint64_t i;

	*work = (struct ptcheck_work){ 0 };
	for (page = pass->typed; page; page = page->before)
		for (i = 0; i < page->count; i++) {
			c.extent = &page->extents[i];
			rc = check_extent(&c, map, context);
			first = first ? first : rc;
		}
	return first;
}
