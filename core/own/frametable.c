// SPDX-License-Identifier: MIT
/*
 * frametable.c - the writer of the ownership table; readers are in
 * frametable_walk.c.
 */
#include "frametable.h"

#include <string.h>

#include "checked.h"
#include "frametable_entry.h"
#include "stream.h"

#define NO_GIB		(~0ull)
/* so far ahead that an entry has come from memory; measured in bench/ */
#define SPANS_AHEAD	24
/* the type, in a frame word without its mfn */
#define SHAPE_TYPE_SHIFT (HO_FRAME_TYPE_SHIFT - HO_FRAME_COUNT_SHIFT)

static uint64_t leaf_of(uint32_t domid, uint32_t type)
{
	return HO_FT_LEAF | (uint64_t)domid << HO_FT_DOMID_SHIFT |
	       (uint64_t)type << HO_FT_TYPE_SHIFT;
}

static uint64_t run_of(uint64_t leaf, uint32_t first, uint32_t count)
{
	return leaf | (uint64_t)first << HO_FT_RUN_FIRST_SHIFT |
	       (uint64_t)(count - 1) << HO_FT_RUN_COUNT_SHIFT;
}

static uint64_t *table_va(const struct frametable *ft, uint64_t entry)
{
	return region_va(ft->region, entry & HO_FT_TABLE_MASK);
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
	*ft = (struct frametable){ .region = region, .cursor_gib = NO_GIB };
	return new_table(ft, &ft->root) ? 0 : -HO_EFULL;
}

/* The table under an entry that is empty or a table; NULL: no room. */
static uint64_t *descend(struct frametable *ft, uint64_t *entry)
{
	uint64_t pa, *table;

	if (*entry)
		return table_va(ft, *entry);
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

/* The level 2 table of a GiB, by the cursor if it stands there. */
static int find_level2(struct frametable *ft, uint64_t mfn,
		       uint64_t **table, struct frametable_span *conflict)
{
	uint64_t *entry;

	if (ft->cursor_gib == mfn >> 18) {
		*table = ft->cursor_table;
		return 0;
	}
	entry = level3_entry(ft, mfn);
	if (!entry)
		return -HO_EFULL;
	if ((*entry & HO_FT_KIND_MASK) == HO_FT_LEAF)
		return conflict_at(ft, mfn, conflict);
	*table = descend(ft, entry);
	if (!*table)
		return -HO_EFULL;
	ft->cursor_gib = mfn >> 18;
	ft->cursor_table = *table;
	return 0;
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
	uint64_t pa, *node;

	if (!*entry) {
		pa = region_node(ft->region);
		if (!pa)
			return -HO_EFULL;
		memset(region_va(ft->region, pa), 0, HO_FT_RUNS_BYTES);
		*entry = pa | HO_FT_RUNS;
		ft->work.nodes++;
		ft->work.entries++;
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

/* Part of one 2 MiB span. */
static int set_small(struct frametable *ft, uint64_t *entry, uint64_t mfn,
		     uint32_t count, uint64_t leaf,
		     struct frametable_span *conflict)
{
	uint64_t kind = *entry & HO_FT_KIND_MASK;
	bool done = false;
	int rc;

	if (kind == HO_FT_LEAF)
		return conflict_at(ft, mfn, conflict);
	if (kind != HO_FT_TABLE) {
		rc = set_runs(ft, entry, mfn, count, leaf, &done, conflict);
		if (rc || done)
			return rc;
	}
	if (fill_entries(ft, table_va(ft, *entry), mfn & 511, count, leaf) <
	    count)
		return conflict_at(ft, mfn, conflict);
	return 0;
}

/* As much of the extent as lies in the GiB of mfn. */
static int set_in_gib(struct frametable *ft, uint64_t mfn, uint64_t count,
		      uint64_t leaf, struct frametable_span *conflict)
{
	uint64_t *l2 = NULL, part;
	int rc = find_level2(ft, mfn, &l2, conflict);

	while (!rc && count) {
		uint64_t *entry = &l2[mfn >> 9 & 511];

		if (is_aligned(mfn, PAGES_2M) && count >= PAGES_2M) {
			uint64_t spans = count / PAGES_2M;
			uint32_t n = fill_entries(ft, l2, mfn >> 9 & 511,
						  spans, leaf);

			if (n < spans)
				return conflict_at(ft, mfn, conflict);
			part = spans * PAGES_2M;
		} else {
			part = PAGES_2M - (mfn & (PAGES_2M - 1));
			if (part > count)
				part = count;
			rc = set_small(ft, entry, mfn, part, leaf, conflict);
		}
		mfn += part;
		count -= part;
	}
	return rc;
}

/* The level 2 entry of mfn, NULL while there is no table for it. */
static uint64_t *level2_entry(const struct frametable *ft, uint64_t mfn)
{
	uint64_t *table = region_va(ft->region, ft->root);
	uint64_t entry = table[mfn >> 27 & 511];

	if ((entry & HO_FT_KIND_MASK) != HO_FT_TABLE)
		return NULL;
	entry = table_va(ft, entry)[mfn >> 18 & 511];
	if ((entry & HO_FT_KIND_MASK) != HO_FT_TABLE)
		return NULL;
	return &table_va(ft, entry)[mfn >> 9 & 511];
}

int frametable_set(struct frametable *ft, uint64_t mfn, uint64_t count,
		   uint32_t domid, uint32_t type,
		   struct frametable_span *conflict)
{
	uint64_t leaf = leaf_of(domid, type);
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

uint32_t frametable_set_spans(struct frametable *ft, const uint8_t *words,
			      uint32_t count, uint64_t start, uint64_t end,
			      uint32_t domid,
			      uint64_t type_frames[HO_TYPE_COUNT])
{
	uint64_t behind = ~0ull, shape = 0, leaf = 0, mfn, word, *entry;
	uint32_t i, since = 0;		/* first of the current type */

	for (i = 0; i < count; i++) {
		if (i + SPANS_AHEAD < count)
			frametable_prefetch_entry(ft, frame_word_mfn(
				load_le64(words + 8ull * (i + SPANS_AHEAD))));
		word = load_le64(words + 8ull * i);
		mfn = frame_word_mfn(word);
		if (mfn < start || mfn + PAGES_2M > end ||
		    !is_aligned(mfn, PAGES_2M))
			break;
		if (i == 0 || word >> HO_FRAME_COUNT_SHIFT != shape) {
			uint32_t type = frame_word_type(word);

			if (frame_word_pages(word) != PAGES_2M ||
			    !(HO_TYPE_VALID_MASK >> type & 1) ||
			    is_page_table(type))
				break;
			type_frames[shape >> SHAPE_TYPE_SHIFT] +=
				(i - since) * PAGES_2M;
			since = i;
			shape = word >> HO_FRAME_COUNT_SHIFT;
			leaf = leaf_of(domid, type);
		} else if (mfn == behind) {
			break;
		}
		entry = level2_entry(ft, mfn);
		if (!entry || *entry)
			break;
		*entry = leaf;
		behind = mfn + PAGES_2M;
	}
	type_frames[shape >> SHAPE_TYPE_SHIFT] += (i - since) * PAGES_2M;
	ft->work.entries += i;
	return i;
}

void frametable_prefetch_entry(const struct frametable *ft, uint64_t mfn)
{
	const uint64_t *entry = level2_entry(ft, mfn);

	if (entry)
		__builtin_prefetch(entry, 1);
}

void frametable_prefetch_node(const struct frametable *ft, uint64_t mfn)
{
	const uint64_t *entry = level2_entry(ft, mfn);

	if (!entry)
		return;
	if ((*entry & HO_FT_KIND_MASK) == HO_FT_RUNS)
		__builtin_prefetch(region_va(ft->region,
					     *entry & HO_FT_RUNS_MASK), 1);
	else if ((*entry & HO_FT_KIND_MASK) == HO_FT_TABLE)
		__builtin_prefetch(&table_va(ft, *entry)[mfn & 511], 1);
}
