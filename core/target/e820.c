// SPDX-License-Identifier: MIT
/*
 * e820.c - the target's memory map within a budget of entries. Decides what
 * is plugged; the plan and the tests use it.
 */
#include "e820.h"

#include <string.h>

#include "checked.h"
#include "free.h"

/*
 * Which gaps are plugged. Each gap costs at most two entries (itself and the
 * reserved one behind it) on top of one per RAM range, so `limit` gaps
 * always fit. A gap that is its whole RAM range costs nothing and is always
 * taken; of the others the largest: a min-heap of their sizes finds the
 * smallest size that is still taken, and how many of just that size.
 */
struct choice {
	uint64_t *heap;
	uint32_t limit;
	uint32_t count;
	uint64_t threshold;		/* taken when larger */
	uint32_t ties;			/* or just as large, so many times */
};

static void heap_sink(uint64_t *heap, uint32_t count, uint32_t at)
{
	for (;;) {
		uint32_t child = 2 * at + 1;
		uint64_t v = heap[at];

		if (child >= count)
			return;
		if (child + 1 < count && heap[child + 1] < heap[child])
			child++;
		if (heap[child] >= v)
			return;
		heap[at] = heap[child];
		heap[child] = v;
		at = child;
	}
}

static void heap_raise(uint64_t *heap, uint32_t at)
{
	while (at && heap[at] < heap[(at - 1) / 2]) {
		uint64_t v = heap[at];

		heap[at] = heap[(at - 1) / 2];
		heap[(at - 1) / 2] = v;
		at = (at - 1) / 2;
	}
}

/* Offer a gap's size. */
static void choice_offer(struct choice *c, uint64_t bytes)
{
	if (c->count < c->limit) {
		c->heap[c->count] = bytes;
		heap_raise(c->heap, c->count++);
		return;
	}
	if (c->limit && bytes > c->heap[0]) {
		if (c->heap[0] > c->threshold)
			c->threshold = c->heap[0];
		c->heap[0] = bytes;
		heap_sink(c->heap, c->count, 0);
	} else if (bytes > c->threshold) {
		c->threshold = bytes;
	}
}

/* `threshold` is now the largest size that was turned away. */
static void choice_settle(struct choice *c)
{
	uint32_t i;

	for (i = 0; i < c->count; i++)
		c->ties += c->heap[i] == c->threshold;
}

static bool choice_take(struct choice *c, uint64_t bytes)
{
	if (bytes > c->threshold)
		return true;
	if (bytes < c->threshold || !c->ties)
		return false;
	c->ties--;
	return true;
}

static bool gap_is_whole(const struct free_gap *gap, const struct blob *blob)
{
	return range_bytes(gap->place) == range_bytes(blob->memory[gap->memory]);
}

static int choose(struct choice *c, const struct blob *blob,
		  const struct frametable_view *view)
{
	struct free_walk w;
	struct free_gap gap;
	int rc = free_walk_init(&w, blob, view);

	while (!rc && (rc = free_next(&w, &gap)) > 0) {
		if (!gap_is_whole(&gap, blob))
			choice_offer(c, range_bytes(gap.place));
		rc = 0;
	}
	choice_settle(c);
	return rc;
}

/* Remember the largest gaps that were left out, in address order. */
static void report_unplugged(struct e820_report *report, struct range gap)
{
	uint32_t i, least = 0;

	report->unplugged_frames += range_bytes(gap) >> HO_PAGE_SHIFT;
	report->unplugged_ranges++;
	if (report->listed < HO_NOT_PLUGGED_MAX) {
		report->list[report->listed++] = gap;
		return;
	}
	for (i = 1; i < report->listed; i++)
		if (range_bytes(report->list[i]) <
		    range_bytes(report->list[least]))
			least = i;
	if (range_bytes(gap) <= range_bytes(report->list[least]))
		return;
	memmove(&report->list[least], &report->list[least + 1],
		(report->listed - least - 1) * sizeof(gap));
	report->list[report->listed - 1] = gap;
}

/* The map as it grows from gap to gap, with the firmware's entries merged in
 * by address. */
struct builder {
	struct e820_map *map;
	const struct blob *blob;
	struct e820_report *report;
	uint32_t firmware;		/* next entry of the firmware */
	uint32_t memory;		/* RAM range that `at` is in */
	uint64_t at;			/* end of what is in the map */
};

static struct builder builder(struct e820_map *map, const struct blob *blob,
			      struct e820_report *report)
{
	*report = (struct e820_report){ 0 };
	map->count = 0;
	return (struct builder){ .map = map, .blob = blob, .report = report,
				 .at = blob->memory[0].start };
}

static void put(struct builder *b, struct range place, uint32_t type)
{
	b->map->entries[b->map->count++] = (struct e820_entry){ place, type };
}

static void put_firmware_before(struct builder *b, uint64_t limit)
{
	while (b->firmware < b->blob->firmware_count &&
	       b->blob->firmware[b->firmware].place.start < limit) {
		put(b, b->blob->firmware[b->firmware].place,
		    b->blob->firmware[b->firmware].type);
		b->firmware++;
	}
}

/*
 * Linux joins neighbours of one type and makes what then starts below 1 MiB
 * exclusive: reserved memory that begins just there would become one with the
 * firmware's ROM range, and nobody could map what is kept in it. One page of
 * another type keeps them apart (e820__update_table() and do_mark_busy() of
 * arch/x86/kernel/e820.c; seen with 6.1).
 */
static void put_memory(struct builder *b, uint64_t end, uint32_t type)
{
	if (b->at == end)
		return;
	put_firmware_before(b, b->at);
	if (b->at == E820_LOW_END && type == E820_RESERVED) {
		b->at += HO_PAGE_BYTES;
		put(b, (struct range){ E820_LOW_END, b->at }, E820_PRAM);
	}
	if (b->at < end)
		put(b, (struct range){ b->at, end }, type);
	b->at = end;
}

/* Reserved up to the start of RAM range `memory`. */
static void put_ranges_before(struct builder *b, uint32_t memory)
{
	while (b->memory < memory) {
		put_memory(b, b->blob->memory[b->memory].end, E820_RESERVED);
		b->at = b->blob->memory[++b->memory].start;
	}
}

/* A gap becomes RAM, what lies before it reserved. */
static void put_gap(struct builder *b, const struct free_gap *gap)
{
	put_ranges_before(b, gap->memory);
	put_memory(b, gap->place.start, E820_RESERVED);
	put_memory(b, gap->place.end, E820_RAM);
	b->report->plugged_frames += range_bytes(gap->place) >> HO_PAGE_SHIFT;
}

static void put_rest(struct builder *b)
{
	put_ranges_before(b, b->blob->memory_count - 1);
	put_memory(b, b->blob->memory[b->memory].end, E820_RESERVED);
	put_firmware_before(b, ~0ull);
}

/* The second walk: what was chosen as RAM, the rest of RAM as reserved. */
static int fill(struct builder *b, struct choice *c,
		const struct frametable_view *view)
{
	struct free_walk w;
	struct free_gap gap;
	int rc = free_walk_init(&w, b->blob, view);

	while (!rc && (rc = free_next(&w, &gap)) > 0) {
		rc = 0;
		if (gap_is_whole(&gap, b->blob) ||
		    choice_take(c, range_bytes(gap.place)))
			put_gap(b, &gap);
		else
			report_unplugged(b->report, gap.place);
	}
	put_rest(b);
	return rc;
}

static int too_many(struct diag_log *diag, uint32_t need, uint32_t budget)
{
	return diag_add(diag, HO_ETOOMANYRANGES,
			"memory map: at least %u entries, budget %u", need,
			budget);
}

int e820_build(struct e820_map *map, const struct blob *blob,
	       const struct frametable_view *view, struct region *region,
	       uint32_t budget, struct e820_report *report,
	       struct diag_log *diag)
{
	uint32_t base = blob->memory_count + blob->firmware_count + 1;
	struct builder b = builder(map, blob, report);
	struct choice c = { 0 };
	uint64_t heap;
	int rc;

	if (budget > map->capacity)
		budget = map->capacity;
	if (base > budget)
		return too_many(diag, base, budget);
	c.limit = (budget - base) / 2;
	if (map->ram_max && blob->memory_count > map->ram_max)
		return too_many(diag, blob->memory_count, map->ram_max);
	/* a whole RAM range is taken on top of the limit */
	if (map->ram_max && c.limit > map->ram_max - blob->memory_count)
		c.limit = map->ram_max - blob->memory_count;
	heap = region_alloc(region, c.limit * sizeof(uint64_t) + 1, 64);
	if (!heap)
		return diag_add(diag, HO_EFULL, "memory map of %u entries",
				budget);
	c.heap = region_va(region, heap);
	rc = choose(&c, blob, view);
	if (!rc)
		rc = fill(&b, &c, view);
	if (rc)
		return diag_add(diag, -rc, "frametable, while building the map");
	return 0;
}

/* The part of `r` in RAM range `memory` behind `at`, if it is the lowest. */
static void lower(struct free_gap *best, struct range memory, struct range r,
		  uint64_t at)
{
	if (r.start < memory.start)
		r.start = memory.start;
	if (r.start < at)
		r.start = at;
	if (r.end > memory.end)
		r.end = memory.end;
	if (r.start < r.end && r.start < best->place.start)
		best->place = r;
}

/* In address order: the first MiB, and what the allocator still has. */
static bool next_room(const struct builder *b, const struct region *region,
		      struct free_gap *gap)
{
	uint32_t i;

	*gap = (struct free_gap){ .place = { ~0ull, ~0ull },
				  .memory = b->memory };
	for (; gap->memory < b->blob->memory_count; gap->memory++) {
		struct range memory = b->blob->memory[gap->memory];

		lower(gap, memory, (struct range){ 0, E820_LOW_END }, b->at);
		for (i = 0; i < region->chunk_count; i++)
			lower(gap, memory, (struct range){
				align_up(region->chunks[i].next,
					 HO_PAGE_BYTES),
				region->chunks[i].end }, b->at);
		if (gap->place.start != ~0ull)
			return true;
	}
	return false;
}

int e820_build_region(struct e820_map *map, const struct blob *blob,
		      const struct region *region,
		      struct e820_report *report, struct diag_log *diag)
{
	uint32_t need = blob->memory_count + blob->firmware_count + 1 +
			2 * (region->chunk_count + 1);
	struct builder b = builder(map, blob, report);
	struct free_gap gap;

	if (need > map->capacity)
		return too_many(diag, need, map->capacity);
	while (next_room(&b, region, &gap))
		put_gap(&b, &gap);
	put_rest(&b);
	return 0;
}
