// SPDX-License-Identifier: MIT
/*
 * prove_overflow.c - a full node of the frametable becomes a table, in which each frame
 * has the owner that it had; and entries of a table are written until one is taken.
 *
 * proof:
 * bound: nodes of 3 runs of at most 3 frames, and 3 entries, in the first 16 frames of a
 *	span. A stand-in for the region gives one page, or none
 * quick:
 * flags: --unwind 5 --unwindset stand_clear.0:17,fill.0:17
 */
#include "proof.h"
#include <string.h>

#include "frametable.h"

#undef HO_FT_RUNS_PER_NODE
#define HO_FT_RUNS_PER_NODE	3
#define FRAMES_MAX		3
#define SPAN			16	/* frames that are looked at */
#define FILL_MAX		3
#define NODE_PA			0x5000040ull
#define TABLE_PA		0x7000000ull

static uint64_t node[HO_FT_RUNS_PER_NODE], table[SPAN];
static uint32_t pages;

/* The region, as region.h says, with one node and one page. */
static void *stand_va(const struct region *r, uint64_t pa)
{
	(void)r;
	check(pa == NODE_PA || (pa == TABLE_PA && pages));
	return pa == NODE_PA ? node : table;
}

uint64_t region_page(struct region *r)
{
	(void)r;
	if (any_bool())
		return 0;
	pages++;
	return TABLE_PA;
}

/* memset() of a whole table, of which the first entries are here. */
static void stand_clear(uint64_t *at, int value, uint64_t bytes)
{
	uint32_t i;

	check(at == table && value == 0 && bytes == HO_PAGE_BYTES);
	for (i = 0; i < SPAN; i++)
		table[i] = 0;
}

#define region_va	stand_va
#define memset		stand_clear
#include "core/own/frametable.c"

static struct region region;
static struct frametable ft = { .region = &region };

static uint64_t any_leaf(void)
{
	return frametable_leaf(any_u16(), any_below(16));
}

static void overflow(uint32_t frame)
{
	uint64_t entry = NODE_PA | HO_FT_RUNS, owner = 0;
	uint32_t behind = 0, i;
	int rc;

	for (i = 0; i < HO_FT_RUNS_PER_NODE; i++) {
		uint32_t first = any_below(SPAN);
		uint32_t count = any_below(FRAMES_MAX) + 1;

		assume(first >= behind && first + count <= SPAN);
		node[i] = run_of(any_leaf(), first, count);
		if (frame >= first && frame < first + count)
			owner = run_leaf(node[i]);
		behind = first + count;
	}
	rc = node_overflow(&ft, &entry);
	if (rc) {
		check(rc == -HO_EFULL && !pages);
		check(entry == (NODE_PA | HO_FT_RUNS));
		return;
	}
	check(pages == 1 && entry == (TABLE_PA | HO_FT_TABLE));
	check(table[frame] == owner);
}

static void fill(uint32_t frame)
{
	uint32_t first = any_below(SPAN), count = any_below(FILL_MAX + 1);
	uint64_t before, leaf = any_leaf(), others[FILL_MAX] = { 0 };
	uint32_t done, i;

	assume(first + count <= SPAN);
	for (i = 0; i < SPAN; i++)
		table[i] = any_bool() ? any_leaf() : 0;
	before = table[frame];
	for (i = 0; i < count; i++)
		others[i] = table[first + i];
	done = fill_entries(&ft, table, first, count, leaf);
	check(done <= count);
	check(done == count || others[done]);
	check(table[frame] ==
	      (frame >= first && frame < first + done ? leaf : before));
	if (frame >= first && frame < first + done) {
		check(!before);
	}
}

int main(void)
{
	uint32_t frame = any_below(SPAN);

	if (any_bool())
		overflow(frame);
	else
		fill(frame);
	return 0;
}
