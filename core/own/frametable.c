// SPDX-License-Identifier: MIT
/*
 * frametable.c - the writer of the ownership table. Its short ways are in
 * frametable_many.c, readers in frametable_walk.c.
 */
#include "frametable.h"

#include <string.h>

#include "checked.h"
#include "frametable_find.h"
#include "stream.h"

static uint64_t run_of(uint64_t leaf, uint32_t first, uint32_t count)
{
	return leaf | (uint64_t)first << HO_FT_RUN_FIRST_SHIFT |
	       (uint64_t)(count - 1) << HO_FT_RUN_COUNT_SHIFT;
}

static uint64_t *new_table(struct frametable *ft, uint64_t *pa)
{
	uint64_t *table;

	*pa = region_page(ft->region);
	if (!*pa)
		return NULL;
	table = region_va(ft->region, *pa);
	memset(table, 0, HO_PAGE_BYTES);
	ft->work.tables++;
	return table;
}

int frametable_init(struct frametable *ft, struct region *region)
{
	*ft = (struct frametable){ .region = region };
	return new_table(ft, &ft->root) ? 0 : -HO_EFULL;
}

/* The table under an entry that is empty or a table; NULL: no room. */
static uint64_t *descend(struct frametable *ft, uint64_t *entry)
{
	uint64_t pa, *table;

	if (*entry)
		return frametable_table(ft, *entry);
	table = new_table(ft, &pa);
	if (table) {
		*entry = pa | HO_FT_TABLE;
		ft->work.entries++;
	}
	return table;
}

/* Record the first owned frame at or after mfn. Only on the way out. */
static int conflict_at(const struct frametable *ft, uint64_t mfn,
		       struct frametable_span *conflict)
{
	struct frametable_view view = {
		.root = ft->root, .bias = ft->region->bias,
		.far = ft->region->far, .range_count = 1, .ranges = { { 0, ~0ull } },
	};
	struct frametable_walk walk = frametable_walk(&view);

	walk.mfn = mfn;
	if (conflict && frametable_next(&walk, conflict) > 0)
		conflict->count = 1;
	return -HO_EDOUBLE;
}

static uint64_t *level3_entry(struct frametable *ft, uint64_t mfn)
{
	uint64_t *l4 = region_va(ft->region, ft->root);
	uint64_t *l3 = descend(ft, &l4[mfn >> 27 & 511]);

	return l3 ? &l3[mfn >> 18 & 511] : NULL;
}

/* The level 2 table of a GiB that may have none yet. */
static int make_level2(struct frametable *ft, uint64_t mfn,
		       uint64_t **table, struct frametable_span *conflict)
{
	uint64_t *entry = level3_entry(ft, mfn);

	if (!entry)
		return -HO_EFULL;
	if ((*entry & HO_FT_KIND_MASK) == HO_FT_LEAF)
		return conflict_at(ft, mfn, conflict);
	*table = descend(ft, entry);
	if (!*table)
		return -HO_EFULL;
	if (mfn >> 18 < FRAMETABLE_NEAR_GIB)
		ft->near[mfn >> 18] = *table;
	return 0;
}

uint64_t *frametable_far_level2(const struct frametable *ft, uint64_t mfn)
{
	uint64_t *table = region_va(ft->region, ft->root);
	uint64_t entry = table[mfn >> 27 & 511];

	if ((entry & HO_FT_KIND_MASK) != HO_FT_TABLE)
		return NULL;
	entry = frametable_table(ft, entry)[mfn >> 18 & 511];
	if ((entry & HO_FT_KIND_MASK) != HO_FT_TABLE)
		return NULL;
	return frametable_table(ft, entry);
}

/* Entries [first, first + count) of a table become leaf; stops at the first
 * that is taken and returns how many were written. */
static uint32_t fill_entries(struct frametable *ft, uint64_t *table,
			     uint32_t first, uint32_t count, uint64_t leaf)
{
	uint32_t i;

	for (i = 0; i < count && !table[first + i]; i++)
		table[first + i] = leaf;
	ft->work.entries += i;
	return i;
}

/* An empty entry becomes a node of one run. */
static int new_node(struct frametable *ft, uint64_t *entry, uint64_t run)
{
	uint64_t pa = region_node(ft->region), *node;

	if (!pa)
		return -HO_EFULL;
	node = region_va(ft->region, pa);
	memset(node, 0, HO_FT_RUNS_BYTES);
	node[0] = run;
	*entry = pa | HO_FT_RUNS;
	ft->work.nodes++;
	ft->work.entries += 2;
	return 0;
}

/* A node is full: spread its runs over a table of its own. */
static int node_overflow(struct frametable *ft, uint64_t *entry)
{
	uint64_t *node = region_va(ft->region, *entry & HO_FT_RUNS_MASK);
	uint64_t pa, *table = new_table(ft, &pa);
	uint32_t i;

	if (!table)
		return -HO_EFULL;
	for (i = 0; i < HO_FT_RUNS_PER_NODE; i++)
		fill_entries(ft, table, run_first(node[i]),
			     run_end(node[i]) - run_first(node[i]),
			     run_leaf(node[i]));
	*entry = pa | HO_FT_TABLE;
	ft->work.overflows++;
	return 0;
}

enum insert { INSERT_DONE, INSERT_TAKEN, INSERT_FULL };

/* Put a run into a node, in order; neighbours of one owner are joined. */
static enum insert node_insert(uint64_t *node, uint32_t first, uint32_t count,
			       uint64_t leaf)
{
	uint32_t used = 0, at, i;

	while (used < HO_FT_RUNS_PER_NODE && node[used])
		used++;
	for (at = 0; at < used && run_first(node[at]) < first; at++)
		;
	if ((at > 0 && run_end(node[at - 1]) > first) ||
	    (at < used && run_first(node[at]) < first + count))
		return INSERT_TAKEN;
	if (at > 0 && run_end(node[at - 1]) == first &&
	    run_leaf(node[at - 1]) == leaf) {
		first = run_first(node[at - 1]);
		node[at - 1] = run_of(leaf, first,
				      run_end(node[at - 1]) - first + count);
		return INSERT_DONE;
	}
	if (at < used && run_first(node[at]) == first + count &&
	    run_leaf(node[at]) == leaf) {
		node[at] = run_of(leaf, first, run_end(node[at]) - first);
		return INSERT_DONE;
	}
	if (used == HO_FT_RUNS_PER_NODE)
		return INSERT_FULL;
	for (i = used; i > at; i--)
		node[i] = node[i - 1];
	node[at] = run_of(leaf, first, count);
	return INSERT_DONE;
}

/* Part of a 2 MiB span whose entry is empty or a node of runs. Sets *done
 * unless the entry has become a table. */
static int set_runs(struct frametable *ft, uint64_t *entry, uint64_t mfn,
		    uint32_t count, uint64_t leaf, bool *done,
		    struct frametable_span *conflict)
{
	uint64_t *node;

	if (!*entry) {
		*done = true;
		return new_node(ft, entry, run_of(leaf, mfn & 511, count));
	}
	node = region_va(ft->region, *entry & HO_FT_RUNS_MASK);
	switch (node_insert(node, mfn & 511, count, leaf)) {
	case INSERT_DONE:
		ft->work.entries++;
		*done = true;
		return 0;
	case INSERT_TAKEN:
		return conflict_at(ft, mfn, conflict);
	default:
		return node_overflow(ft, entry);
	}
}

int frametable_set_small(struct frametable *ft, uint64_t *entry, uint64_t mfn,
			 uint32_t count, uint64_t leaf,
			 struct frametable_span *conflict)
{
	uint64_t kind = *entry & HO_FT_KIND_MASK;
	bool done = false;
	uint32_t set;
	int rc;

	if (kind == HO_FT_LEAF)
		return conflict_at(ft, mfn, conflict);
	if (kind != HO_FT_TABLE) {
		rc = set_runs(ft, entry, mfn, count, leaf, &done, conflict);
		if (rc || done)
			return rc;
	}
	set = fill_entries(ft, frametable_table(ft, *entry), mfn & 511, count,
			   leaf);
	return set < count ? conflict_at(ft, mfn + set, conflict) : 0;
}

/* As much of the extent as lies in the GiB of mfn. */
static int set_in_gib(struct frametable *ft, uint64_t mfn, uint64_t count,
		      uint64_t leaf, struct frametable_span *conflict)
{
	uint64_t *l2 = frametable_level2(ft, mfn), part;
	int rc = l2 ? 0 : make_level2(ft, mfn, &l2, conflict);

	while (!rc && count) {
		uint64_t *entry = &l2[mfn >> 9 & 511];

		if (is_aligned(mfn, PAGES_2M) && count >= PAGES_2M) {
			uint64_t spans = count / PAGES_2M;
			uint32_t n = fill_entries(ft, l2, mfn >> 9 & 511,
						  spans, leaf);

			if (n < spans)
				return conflict_at(ft, mfn + n * PAGES_2M,
						   conflict);
			part = spans * PAGES_2M;
		} else {
			part = PAGES_2M - (mfn & (PAGES_2M - 1));
			if (part > count)
				part = count;
			rc = frametable_set_small(ft, entry, mfn, part, leaf,
						  conflict);
		}
		mfn += part;
		count -= part;
	}
	return rc;
}

int frametable_set(struct frametable *ft, uint64_t mfn, uint64_t count,
		   uint32_t domid, uint32_t type,
		   struct frametable_span *conflict)
{
	uint64_t leaf = frametable_leaf(domid, type);
	uint64_t end, *entry;
	int rc = 0;

	if (!checked_add(mfn, count, &end) || end > 1ull << HO_FT_MFN_BITS)
		return -HO_EFRAMEHIGH;
	while (!rc && mfn < end) {
		uint64_t part = PAGES_1G - (mfn & (PAGES_1G - 1));

		if (part > end - mfn)
			part = end - mfn;
		if (part == PAGES_1G) {
			entry = level3_entry(ft, mfn);
			if (!entry)
				return -HO_EFULL;
			if (*entry)
				return conflict_at(ft, mfn, conflict);
			*entry = leaf;
			ft->work.entries++;
		} else {
			rc = set_in_gib(ft, mfn, part, leaf, conflict);
		}
		mfn += part;
	}
	return rc;
}
