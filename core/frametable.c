// SPDX-License-Identifier: MIT
/*
 * frametable.c - writer and readers of the ownership table. The writer is
 * the pass alone; the readers (lookup, walk) also serve tables found in
 * memory, and trust no entry.
 */
#include "frametable.h"

#include <string.h>

#include "checked.h"

#define PAGES_2M	512ull
#define PAGES_1G	(512ull * 512)
#define NO_GIB		(~0ull)

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

static uint32_t run_first(uint64_t run)
{
	return run >> HO_FT_RUN_FIRST_SHIFT & HO_FT_RUN_INDEX_MASK;
}

static uint32_t run_end(uint64_t run)
{
	return run_first(run) +
	       (run >> HO_FT_RUN_COUNT_SHIFT & HO_FT_RUN_INDEX_MASK) + 1;
}

static uint64_t run_leaf(uint64_t run)
{
	return run & (HO_FT_KIND_MASK |
		      (uint64_t)HO_FT_DOMID_MASK << HO_FT_DOMID_SHIFT |
		      0xfull << HO_FT_TYPE_SHIFT);
}

static void span_from(struct frametable_span *out, uint64_t mfn,
		      uint64_t count, uint64_t leaf)
{
	*out = (struct frametable_span){
		.mfn = mfn, .count = count,
		.domid = leaf >> HO_FT_DOMID_SHIFT & HO_FT_DOMID_MASK,
		.type = leaf >> HO_FT_TYPE_SHIFT,
	};
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
		.range_count = 1, .ranges = { { 0, ~0ull } },
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

int frametable_set(struct frametable *ft, uint64_t mfn, uint64_t count,
		   uint32_t domid, uint32_t type,
		   struct frametable_span *conflict)
{
	uint64_t leaf = leaf_of(domid, type);
	uint64_t end;
	int rc = 0;

	if (!checked_add(mfn, count, &end) || end > 1ull << HO_FT_MFN_BITS)
		return -HO_EFRAMEHIGH;
	while (!rc && mfn < end) {
		uint64_t part = PAGES_1G - (mfn & (PAGES_1G - 1));

		if (part > end - mfn)
			part = end - mfn;
		if (part == PAGES_1G) {
			uint64_t *entry = level3_entry(ft, mfn);

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

/* Readers. */

void frametable_view(const struct frametable *ft, const struct blob *blob,
		     struct frametable_view *view)
{
	*view = (struct frametable_view){
		.root = ft->root, .bias = ft->region->bias,
		.range_count = blob->region_count,
	};
	memcpy(view->ranges, blob->region,
	       blob->region_count * sizeof(blob->region[0]));
}

/* Bytes of a table or node, NULL when they are not all in one range. */
static const uint64_t *view_va(const struct frametable_view *view,
			       uint64_t pa, uint64_t bytes)
{
	uint32_t i;

	for (i = 0; i < view->range_count; i++)
		if (pa >= view->ranges[i].start &&
		    pa < view->ranges[i].end &&
		    view->ranges[i].end - pa >= bytes)
			return (const uint64_t *)((uintptr_t)pa + view->bias);
	return NULL;
}

/* What the table says of the span around mfn: the widest aligned piece that
 * one entry, or one run or gap of a node, decides. leaf 0: nobody owns it. */
struct piece {
	uint64_t end;			/* mfn */
	uint64_t leaf;
};

static bool leaf_is_sane(uint64_t leaf)
{
	return run_leaf(leaf) == leaf;
}

static int node_piece(const struct frametable_view *view, uint64_t entry,
		      uint64_t mfn, struct piece *out)
{
	const uint64_t *node = view_va(view, entry & HO_FT_RUNS_MASK,
				       HO_FT_RUNS_BYTES);
	uint64_t base = align_down(mfn, PAGES_2M);
	uint32_t at = mfn & 511, behind = 0, i;

	if (!node)
		return -HO_EBLOBTREE;
	*out = (struct piece){ .end = base + PAGES_2M };
	for (i = 0; i < HO_FT_RUNS_PER_NODE && node[i]; i++) {
		uint32_t first = run_first(node[i]), end = run_end(node[i]);

		if ((node[i] & HO_FT_KIND_MASK) != HO_FT_LEAF ||
		    first < behind || end > PAGES_2M)
			return -HO_EBLOBTREE;
		behind = end;
		if (end <= at)
			continue;
		if (first <= at)
			*out = (struct piece){ base + end, run_leaf(node[i]) };
		else
			out->end = base + first;
		return 0;
	}
	return 0;
}

static int piece_at(const struct frametable_view *view, uint64_t mfn,
		    struct piece *out)
{
	uint64_t pa = view->root;
	int shift;

	for (shift = 27; shift >= 0; shift -= 9) {
		const uint64_t *table = view_va(view, pa, HO_PAGE_BYTES);
		uint64_t entry;

		if (!table)
			return -HO_EBLOBTREE;
		entry = table[mfn >> shift & 511];
		out->end = ((mfn >> shift) + 1) << shift;
		out->leaf = entry;
		switch (entry & HO_FT_KIND_MASK) {
		case HO_FT_EMPTY:
			return entry ? -HO_EBLOBTREE : 0;
		case HO_FT_LEAF:
			return leaf_is_sane(entry) ? 0 : -HO_EBLOBTREE;
		case HO_FT_RUNS:
			if (shift != 9)
				return -HO_EBLOBTREE;
			return node_piece(view, entry, mfn, out);
		}
		pa = entry & HO_FT_TABLE_MASK;
	}
	return -HO_EBLOBTREE;	/* a table below level 1 */
}

bool frametable_lookup(const struct frametable_view *view, uint64_t mfn,
		       struct frametable_span *out)
{
	struct piece piece;

	if (mfn >> HO_FT_MFN_BITS || piece_at(view, mfn, &piece) ||
	    !piece.leaf)
		return false;
	span_from(out, mfn, 1, piece.leaf);
	return true;
}

struct frametable_walk frametable_walk(const struct frametable_view *view)
{
	return (struct frametable_walk){ .view = view };
}

/* The next owned piece into *out: 1, 0 at the end, or an error. */
static int next_piece(struct frametable_walk *w, struct frametable_span *out)
{
	while (w->mfn < 1ull << HO_FT_MFN_BITS) {
		struct piece piece;
		uint64_t mfn = w->mfn;
		int rc = piece_at(w->view, mfn, &piece);

		if (rc)
			return rc;
		w->mfn = piece.end;
		if (piece.leaf) {
			span_from(out, mfn, piece.end - mfn, piece.leaf);
			return 1;
		}
	}
	return 0;
}

int frametable_next(struct frametable_walk *w, struct frametable_span *out)
{
	int rc;

	if (!w->has_ahead) {
		rc = next_piece(w, &w->ahead);
		if (rc <= 0)
			return rc;
	}
	*out = w->ahead;
	w->has_ahead = false;
	while ((rc = next_piece(w, &w->ahead)) > 0) {
		if (w->ahead.mfn != out->mfn + out->count ||
		    w->ahead.domid != out->domid ||
		    w->ahead.type != out->type) {
			w->has_ahead = true;
			break;
		}
		out->count += w->ahead.count;
	}
	return rc < 0 ? rc : 1;
}
