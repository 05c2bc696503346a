// SPDX-License-Identifier: MIT
/*
 * prove_ptcheck.c - one entry of a page table, from any state: what is let
 * through leads to a frame of the domain, or from an L1 to a shared one, and
 * never writable into a table.
 *
 * proof:
 * bound: none
 * flags: --unwind 3
 */
#include "proof.h"
#include "core/own/ptcheck.c"

struct frametable_walk frametable_walk(const struct frametable_view *v)
{
	return (struct frametable_walk){ .view = v };
}
void frametable_prefetch_entry(const struct frametable *ft, uint64_t mfn)
{
	(void)ft;
	check(!(mfn >> 40));
}
void frametable_prefetch_node(const struct frametable *ft, uint64_t mfn)
{
	(void)ft;
	check(!(mfn >> 40));
}

static uint32_t owner_domid, owner_type;
static bool owned;

/* As frametable.h promises it. */
int frametable_at(struct frametable_walk *w, uint64_t mfn,
		  struct frametable_span *out)
{
	int rc = any_u8() % 3;

	(void)w;
	if (rc == 2)
		return -HO_EBLOBTREE;
	owned = rc;
	*out = (struct frametable_span){ .mfn = mfn, .count = any_u64(),
					 .domid = owner_domid,
					 .type = owner_type };
	assume(out->count && out->count <= UINT64_MAX - mfn);
	return rc;
}

int main(void)
{
	struct typed_extent extent = { .domid = any_u16(),
				       .type = any_u16() };
	struct ptcheck_work work = { 0 };
	struct check c = { .work = &work, .extent = &extent,
			   .level = 1 + any_below(4) };
	uint64_t entry = any_u64(), entries[ENTRIES];

	owner_domid = any_u16();
	owner_type = any_below(16);
	if (any_bool()) {
		prefetch(&c, entries, any_below(ENTRIES));
		return 0;
	}
	if (check_entry(&c, any_u32(), entry))
		return 0;
	check(!((entry & PTE_ADDRESS) >> 48));
	check(owned);
	if (c.level == 1) {
		check(owner_domid == extent.domid ||
		      owner_type == HO_TYPE_SHARED);
		check(!is_page_table(owner_type) || !(entry & PTE_WRITE));
	} else {
		check(owner_domid == extent.domid && !(entry & PTE_LARGE));
		check((owner_type & ~HO_TYPE_PINNED) == c.level - 1);
	}
	return 0;
}
