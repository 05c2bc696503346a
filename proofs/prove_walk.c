// SPDX-License-Identifier: MIT
/*
 * prove_walk.c - who owns a frame, by tables of any contents: what is read lies whole in a
 * range of the region. The answer begins at that frame, and ends in its 512 GiB; an owner is
 * one that a leaf, or a run, can name.
 *
 * proof:
 * bound: 2 ranges of the region, frames of 64-bit addresses
 * flags: --unwind 9
 */
#include "proof.h"

#include "frametable.h"

static struct frametable_view view;

/* As much as there is of a table, or node. Other contents when read again. */
static void *stand_at(const struct region_far *far, uintptr_t near,
		      uint64_t pa)
{
	uint64_t bytes = 0;
	uint32_t i;

	(void)far, (void)near;
	for (i = 0; i < view.range_count; i++)
		if (pa >= view.ranges[i].start && pa < view.ranges[i].end &&
		    view.ranges[i].end - pa > bytes)
			bytes = view.ranges[i].end - pa;
	check(bytes > 0);
	return any_bytes(bytes < HO_PAGE_BYTES ? bytes : HO_PAGE_BYTES);
}
#define region_at stand_at
#include "core/own/frametable_walk.c"

static void at(void)
{
	struct frametable_walk w = frametable_walk(&view);
	uint64_t mfn = any_below(1ull << 52);
	struct frametable_span span = { 0 };
	int rc;

	if (any_bool()) {	/* from where the last question led */
		w.gib = any_u64();
		w.level2 = any_bytes(HO_PAGE_BYTES);
	}
	rc = frametable_at(&w, mfn, &span);
	if (rc < 0) {
		check(rc == -HO_EBLOBTREE);
		return;
	}
	check(span.mfn == mfn && span.count > 0);
	check(mfn + span.count > mfn);
	if (!rc)
		return;
	check(rc == 1 && !((mfn + span.count) >> HO_FT_MFN_BITS >> 1));
	check(span.count <= 1ull << SHIFT_512G);
	check(span.domid <= 0xffff && span.type <= 15);
}

/* Eight leaves at once are as each of them says. */
static void alike(void)
{
	const uint64_t *leaf = any_bytes(8 * sizeof(*leaf));
	bool each = true;
	int i;

	for (i = 0; i < 8; i++)
		each &= leaf_is_sane(leaf[i]);
	check(leaves_are_sane(leaf) == each);
}

int main(void)
{
	uint32_t i;

	view.root = any_u64();
	view.range_count = any_below(3);
	for (i = 0; i < 2; i++) {
		view.ranges[i].start = any_u64();
		view.ranges[i].end = any_u64();
		assume(view.ranges[i].start < view.ranges[i].end);
	}
	if (any_bool())
		alike();
	else
		at();
	return 0;
}
