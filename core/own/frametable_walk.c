// SPDX-License-Identifier: MIT
/*
 * frametable_walk.c - the readers of the ownership table: lookup and walk.
 * They also serve tables found in memory, and trust no entry.
 */
#include "frametable.h"

#include <string.h>

#include "checked.h"
#include "frametable_entry.h"

/* frames that an entry of a level spans, as a power of two */
#define SHIFT_512G	27
#define SHIFT_1G	18
#define SHIFT_2M	9

static void span_from(struct frametable_span *out, uint64_t mfn,
		      uint64_t count, uint64_t leaf)
{
	*out = (struct frametable_span){
		.mfn = mfn, .count = count,
		.domid = leaf >> HO_FT_DOMID_SHIFT & HO_FT_DOMID_MASK,
		.type = leaf >> HO_FT_TYPE_SHIFT,
	};
}

void frametable_view(const struct frametable *ft, const struct blob *blob,
		     struct frametable_view *view)
{
	*view = (struct frametable_view){
		.root = ft->root, .bias = ft->region->bias,
		.far = ft->region->far, .range_count = blob->region_count,
	};
	memcpy(view->ranges, blob->region,
	       blob->region_count * sizeof(blob->region[0]));
	if (range_bytes(ft->region->spare))
		view->ranges[view->range_count++] = ft->region->spare;
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
			return region_at(&view->far, view->bias, pa);
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
	return run_leaf(leaf) == leaf &&
	       (leaf & HO_FT_KIND_MASK) == HO_FT_LEAF;
}

/* Eight at once, at two instructions each: bits that any has, that all have. */
static bool leaves_are_sane(const uint64_t *leaf)
{
	uint64_t any = 0, all = ~0ull;
	int i;

#pragma GCC unroll 8
	for (i = 0; i < 8; i++) {
		any |= leaf[i];
		all &= leaf[i];
	}
	return run_leaf(any) == any && (any & HO_FT_KIND_MASK) == HO_FT_LEAF &&
	       all & HO_FT_LEAF;
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

/* From a table of the level whose entries span 2^shift frames on down. */
static int piece_below(const struct frametable_view *view,
		       const uint64_t *table, int shift, uint64_t mfn,
		       struct piece *out)
{
	for (;;) {
		uint64_t entry = table[mfn >> shift & 511];

		out->end = ((mfn >> shift) + 1) << shift;
		out->leaf = entry;
		switch (entry & HO_FT_KIND_MASK) {
		case HO_FT_EMPTY:
			return entry ? -HO_EBLOBTREE : 0;
		case HO_FT_LEAF:
			return leaf_is_sane(entry) ? 0 : -HO_EBLOBTREE;
		case HO_FT_RUNS:
			if (shift != SHIFT_2M)
				return -HO_EBLOBTREE;
			return node_piece(view, entry, mfn, out);
		}
		table = view_va(view, entry & HO_FT_TABLE_MASK,
				HO_PAGE_BYTES);
		shift -= 9;
		if (!table || shift < 0)	/* a table below level 1 */
			return -HO_EBLOBTREE;
	}
}

static int piece_at(const struct frametable_view *view, uint64_t mfn,
		    struct piece *out)
{
	const uint64_t *root = view_va(view, view->root, HO_PAGE_BYTES);

	return root ? piece_below(view, root, SHIFT_512G, mfn, out)
		    : -HO_EBLOBTREE;
}

/* The level 2 table of a GiB, NULL if it has none (or a bad one, which
 * piece_at() will name). */
static const uint64_t *level2_of(const struct frametable_view *view,
				 uint64_t mfn)
{
	const uint64_t *table = view_va(view, view->root, HO_PAGE_BYTES);
	int shift;

	for (shift = SHIFT_512G; table && shift > SHIFT_2M; shift -= 9) {
		uint64_t entry = table[mfn >> shift & 511];

		if ((entry & HO_FT_KIND_MASK) != HO_FT_TABLE)
			return NULL;
		table = view_va(view, entry & HO_FT_TABLE_MASK,
				HO_PAGE_BYTES);
	}
	return table;
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
	return (struct frametable_walk){ .view = view, .gib = ~0ull };
}

/* Through the level 2 table of the last GiB where it is the same one. */
static int near_piece(struct frametable_walk *w, uint64_t mfn,
		      struct piece *out)
{
	if (w->gib != mfn >> SHIFT_1G) {
		w->gib = mfn >> SHIFT_1G;
		w->level2 = level2_of(w->view, mfn);
	}
	return w->level2 ? piece_below(w->view, w->level2, SHIFT_2M, mfn, out)
			 : piece_at(w->view, mfn, out);
}

int frametable_at(struct frametable_walk *w, uint64_t mfn,
		  struct frametable_span *out)
{
	struct piece piece;
	int rc;

	if (mfn >> HO_FT_MFN_BITS) {
		*out = (struct frametable_span){ .mfn = mfn, .count = ~mfn };
		return 0;
	}
	rc = near_piece(w, mfn, &piece);
	if (rc)
		return rc;
	span_from(out, mfn, piece.end - mfn, piece.leaf);
	return piece.leaf ? 1 : 0;
}

/* The next owned piece into *out: 1, 0 at the end, or an error. */
static int next_piece(struct frametable_walk *w, struct frametable_span *out)
{
	while (w->mfn < 1ull << HO_FT_MFN_BITS) {
		struct piece piece;
		uint64_t mfn = w->mfn;
		int rc = near_piece(w, mfn, &piece);

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

/* From the end of an entry on: to the first that is not like it, a whole 2 MiB
 * leaf (or nobody's), or to the end of the level 2 table. */
static uint64_t skip_alike(const struct frametable_walk *w, uint64_t mfn,
			   bool taken)
{
	uint32_t i = mfn >> SHIFT_2M & 511, from = i;

	if (!w->level2 || !is_aligned(mfn, PAGES_2M) ||
	    mfn >> SHIFT_1G != w->gib)
		return mfn;
	if (taken)
		for (;;)
			if (!(i & 7) && i < 512 && leaves_are_sane(&w->level2[i]))
				i += 8;
			else if (i < 512 && leaf_is_sane(w->level2[i]))
				i++;
			else
				break;
	else
		while (i < 512 && !w->level2[i])
			i++;
	return mfn + (i - from) * PAGES_2M;
}

int frametable_next_taken(struct frametable_walk *w,
			  struct frametable_span *out)
{
	out->count = 0;
	while (w->mfn < 1ull << HO_FT_MFN_BITS) {
		struct piece piece;
		int rc = near_piece(w, w->mfn, &piece);

		if (rc)
			return rc;
		if (!piece.leaf && out->count)
			break;
		if (piece.leaf && !out->count)
			out->mfn = w->mfn;
		w->mfn = skip_alike(w, piece.end, piece.leaf);
		if (piece.leaf)
			out->count = w->mfn - out->mfn;
	}
	return out->count > 0;
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
