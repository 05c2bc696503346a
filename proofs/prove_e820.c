// SPDX-License-Identifier: MIT
/*
 * prove_e820.c - one step of the target's memory map, from any that it can have come to: the
 * next gap, or the rest. RAM that it puts in is that gap, so nobody's and no region's; all
 * that the host has up to there is in it once, in order. The state afterwards is such a state.
 *
 * proof: core/base/span.c
 * bound: 2 ranges of RAM, one of the firmware, in 16 pages
 * flags: --unwind 3 --unwindset main.0:9
 */
#include "proof.h"
#include "core/target/e820.c"
#include "no_gaps.h"

#define ENTRIES	8	/* more than a step puts in */
#define PAGES	16	/* around 1 MiB, which is special */
#define LOW	(E820_LOW_END - PAGES / 2 * HO_PAGE_BYTES)

static struct blob blob;
static struct e820_entry entries[ENTRIES];
static struct e820_map map = { .entries = entries, .capacity = ENTRIES };
static struct e820_report report;

static uint64_t any_page(void)
{
	return LOW + (any_below(PAGES + 1) << HO_PAGE_SHIFT);
}

static struct range any_pages(void)
{
	struct range r = { any_page(), any_page() };

	assume(r.start < r.end);
	return r;
}

/* As prove_blob_memory.c has it: sorted, apart from each other. */
static void any_memory(void)
{
	blob.memory_count = any_below(2) + 1;
	blob.firmware_count = any_below(2);
	blob.memory[0] = any_pages();
	blob.memory[1] = any_pages();
	assume(blob.memory[0].end < blob.memory[1].start);
	blob.firmware[0].place = any_pages();
	blob.firmware[0].type = any_below(20) + 2;
	assume(!range_overlaps(blob.memory[0], blob.firmware[0].place));
	assume(!range_overlaps(blob.memory[1], blob.firmware[0].place));
}

/* All up to `at`, which is in RAM range b->memory, is in the map; of the
 * entries only the last one counts. */
static bool is_state(const struct builder *b)
{
	const struct range ram = blob.memory[b->memory];
	uint64_t last = map.entries[map.count - 1].place.end;

	return b->at >= ram.start && b->at <= ram.end && last <= b->at &&
	       (b->firmware == blob.firmware_count ||
		blob.firmware[0].place.start >= last);
}

static bool has(struct range r, uint64_t at)
{
	return at >= r.start && at < r.end;
}

/* What the host has at `at`, once the step has come to `end`. */
static bool of_host(const struct builder *before, const struct builder *b,
		    uint64_t at)
{
	uint32_t i;

	for (i = 0; i < blob.memory_count; i++)
		if (has(blob.memory[i], at))
			return at >= before->at && at < b->at;
	return before->firmware < b->firmware &&
	       has(blob.firmware[0].place, at);
}

int main(void)
{
	struct builder b = { .map = &map, .blob = &blob, .report = &report };
	struct free_gap gap = { { 0, 0 }, 0 };
	uint64_t at = any_page();
	bool rest = any_bool(), ram = false;
	struct builder before;
	uint32_t i, in = 0;

	any_memory();
	entries[0].place = any_pages();
	map.count = 1;
	b.memory = any_below(blob.memory_count);
	b.firmware = any_below(blob.firmware_count + 1);
	b.at = any_page();
	assume(is_state(&b));
	before = b;
	if (rest) {
		put_rest(&b);
		check(b.at == blob.memory[blob.memory_count - 1].end);
		check(b.firmware == blob.firmware_count);
	} else {
		gap.place = any_pages();
		gap.memory = any_below(blob.memory_count);
		assume(gap.memory >= b.memory && gap.place.start >= b.at);
		assume(range_covers(blob.memory[gap.memory], gap.place));
		put_gap(&b, &gap);
		check(is_state(&b) && b.at == gap.place.end);
		check(report.plugged_frames ==
		      range_bytes(gap.place) >> HO_PAGE_SHIFT);
	}
	for (i = 1; i < map.count; i++) {
		check(entries[i].place.start < entries[i].place.end);
		check(entries[i - 1].place.end <= entries[i].place.start);
		in += has(entries[i].place, at);
		ram |= has(entries[i].place, at) && entries[i].type == E820_RAM;
	}
	check(in == of_host(&before, &b, at));
	check(ram == has(gap.place, at));
	return 0;
}
