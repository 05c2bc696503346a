// SPDX-License-Identifier: MIT
/*
 * prove_free.c - one step of the visitor of free ranges, from any state that it can be
 * in: the gap is RAM, nobody's and no region's, nothing free is left out before it,
 * and it ends where something begins.
 *
 * proof: core/own/free.c
 * bound: one range of RAM, one of the region, and an owned one; 16 pages. A stand-in for
 *	the walk over the frametable does what frametable.h says
 * quick:
 * flags: --unwind 3 --unwindset next_taken.0:4,free_next.0:5
 */
#include "proof.h"
#include "free.h"

#define RANGES	2
#define NONE	(~0ull)

static struct blob blob;
static const struct frametable_view view;
static struct frametable_span owned[RANGES];
static uint32_t owned_count, given;
static bool damaged;

struct frametable_walk frametable_walk(const struct frametable_view *v)
{
	return (struct frametable_walk){ .view = v };
}

int frametable_next_taken(struct frametable_walk *w,
			  struct frametable_span *out)
{
	check(w->view == &view);
	if (given == owned_count)
		return damaged ? -HO_EBLOBTREE : 0;
	out->mfn = owned[given].mfn;
	out->count = owned[given++].count;
	return 1;
}

static struct range owned_range(uint32_t i)
{
	return (struct range){ owned[i].mfn << HO_PAGE_SHIFT,
			(owned[i].mfn + owned[i].count) << HO_PAGE_SHIFT };
}

/* All that is done with an address is to compare it: so many let each of them be
 * before, at, or behind each other one. */
static uint64_t any_frame(void)
{
	return any_u8() & 15;
}

static uint64_t any_page(void)
{
	return any_frame() << HO_PAGE_SHIFT;
}

static void any_machine(void)
{
	uint32_t i;

	for (i = 0; i < RANGES; i++) {
		struct range *m = &blob.memory[i], *r = &blob.region[i];

		*m = (struct range){ any_page(), any_page() };
		*r = (struct range){ any_page(), any_page() };
		owned[i] = (struct frametable_span){ any_frame(), any_frame() };
		assume(m->start < m->end && r->start < r->end);
		assume(owned[i].count);
	}
	assume(blob.memory[0].end <= blob.memory[1].start);
	assume(owned[0].mfn + owned[0].count <= owned[1].mfn);
}

/* What is behind has been given, or is no gap. */
static bool is_walk(const struct free_walk *w)
{
	uint32_t i;

	if (w->blob != &blob || w->owned.view != &view ||
	    w->memory > blob.memory_count || given > owned_count)
		return false;
	for (i = 0; i < w->memory; i++)
		if (blob.memory[i].end > w->at)
			return false;
	for (i = 0; i + 1 < given; i++)
		if (owned_range(i).end > w->at)
			return false;
	if (w->ahead.start == NONE)
		return w->ahead.end == NONE && given == owned_count &&
		       (!given || owned_range(given - 1).end <= w->at);
	return given && w->ahead.start == owned_range(given - 1).start &&
	       w->ahead.end == owned_range(given - 1).end;
}

static bool range_has(struct range r, uint64_t byte)
{
	return byte >= r.start && byte < r.end;
}

static bool in_ram(uint64_t byte)
{
	uint32_t i;

	for (i = 0; i < blob.memory_count; i++)
		if (range_has(blob.memory[i], byte))
			return true;
	return false;
}

static bool is_taken(uint64_t byte)
{
	uint32_t i;

	for (i = 0; i < blob.region_count; i++)
		if (range_has(blob.region[i], byte))
			return true;
	for (i = 0; i < owned_count; i++)
		if (range_has(owned_range(i), byte))
			return true;
	return false;
}

static void step(uint32_t memory, uint32_t region, uint32_t spans)
{
	struct free_walk w = { 0 };
	struct free_gap gap;
	uint64_t byte = any_page(), from = 0;
	int rc;

	blob.memory_count = memory;
	blob.region_count = region;
	owned_count = spans;
	any_machine();
	damaged = any_bool();
	if (any_bool()) {
		rc = free_walk_init(&w, &blob, &view);
		check(!rc || (damaged && rc == -HO_EBLOBTREE));
		check(rc || is_walk(&w));
		return;
	}
	w = (struct free_walk){ .blob = &blob, .owned = { .view = &view },
				.ahead = { any_u64(), any_u64() },
				.memory = any_u32(), .at = any_page() };
	given = any_u32();
	assume(is_walk(&w));
	from = w.at;
	rc = free_next(&w, &gap);
	if (rc < 0) {
		check(damaged && rc == -HO_EBLOBTREE);
		return;
	}
	check(is_walk(&w) && w.at >= from);
	if (!rc) {
		check(w.memory == blob.memory_count);
		check(byte < from || !in_ram(byte) || is_taken(byte));
		return;
	}
	check(rc == 1 && gap.memory < blob.memory_count);
	check(gap.place.start >= from && gap.place.start < gap.place.end &&
	      gap.place.end == w.at);
	check(range_covers(blob.memory[gap.memory], gap.place));
	if (range_has(gap.place, byte)) {
		check(!is_taken(byte));
	}
	if (byte >= from && byte < gap.place.start) {
		check(!in_ram(byte) || is_taken(byte));
	}
	check(gap.place.end == blob.memory[gap.memory].end ||
	      is_taken(gap.place.end));
}

int main(void)
{
	step(1, 1, 1);
	return 0;
}
