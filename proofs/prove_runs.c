// SPDX-License-Identifier: MIT
/*
 * prove_runs.c - a run goes into a node of the frametable: it owns its frames then, no
 * other frame changes, and a frame that has an owner never gets a second one.
 *
 * proof:
 * bound: nodes of 4 runs (8 in core), in the first 16 frames of a span
 * quick:
 * flags: --unwind 6
 */
#include "proof.h"
#include "frametable.h"

#undef HO_FT_RUNS_PER_NODE
#define HO_FT_RUNS_PER_NODE	4
#include "core/own/frametable.c"

#define RUNS	HO_FT_RUNS_PER_NODE
#define SPAN	16		/* frames that are looked at */

/* In order, apart, in their span, and nothing behind the first that is 0. */
static bool is_node(const uint64_t node[RUNS])
{
	uint32_t behind = 0, i;

	for (i = 0; i < RUNS && node[i]; i++) {
		if ((node[i] & HO_FT_KIND_MASK) != HO_FT_LEAF ||
		    run_first(node[i]) < behind || run_end(node[i]) > SPAN)
			return false;
		behind = run_end(node[i]);
	}
	for (; i < RUNS; i++)
		if (node[i])
			return false;
	return true;
}

/* Not only neighbours are in order: it follows from the above, and is not easily seen. */
static bool is_apart(const uint64_t node[RUNS])
{
	bool good = true;
	uint32_t i, j;

	for (i = 0; i < RUNS; i++)
		for (j = i + 1; j < RUNS; j++)
			good &= !node[j] || run_end(node[i]) <= run_first(node[j]);
	return good;
}

/* The leaf of a frame, 0: nobody's. No two runs have it. */
static uint64_t owner(const uint64_t node[RUNS], uint32_t frame)
{
	uint64_t leaf = 0;
	uint32_t i;

	for (i = 0; i < RUNS; i++)
		leaf |= node[i] && frame >= run_first(node[i]) &&
			frame < run_end(node[i]) ? run_leaf(node[i]) : 0;
	return leaf;
}

int main(void)
{
	uint64_t node[RUNS], before, after, old[RUNS];
	uint64_t leaf = frametable_leaf(any_u16(), any_below(16));
	uint32_t first = any_below(SPAN), frame = any_below(SPAN);
	uint32_t count = any_below(SPAN) + 1, i;
	bool inside;
	enum insert did;

	assume(first + count <= SPAN);
	for (i = 0; i < RUNS; i++)
		old[i] = node[i] = any_u64();
	assume(is_node(node) && is_apart(node));
	before = owner(node, frame);
	did = node_insert(node, first, count, leaf);
	after = owner(node, frame);
	inside = frame >= first && frame < first + count;
	check(is_node(node));
	if (did == INSERT_DONE) {
		check(after == (inside ? leaf : before));
		check(!inside || !before);
		return 0;
	}
	for (i = 0; i < RUNS; i++)
		check(node[i] == old[i]);
	check(did == INSERT_TAKEN || did == INSERT_FULL);
	if (did == INSERT_FULL)
		check(old[RUNS - 1] != 0 && !(inside && before));
	return 0;
}
