// SPDX-License-Identifier: MIT
/*
 * test_e820.c - no entry given to a target covers an owned frame or the
 * region: a property over random machines, extents and budgets. Also the
 * visitor of free ranges and the search for room.
 */
#include "cmocka_all.h"
#include "e820.h"
#include "free.h"
#include "testmachine.h"
#include "place.h"

static struct machine m;
static struct frametable ft;
static struct frametable_view view;
static struct e820_map map;
static struct e820_entry entries[HO_E820_BUDGET_MAX];
static struct e820_report report;

static int setup(void **state)
{
	(void)state;
	machine_setup(&m, GIB, 16 * MIB);
	assert_int_equal(frametable_init(&ft, &m.region), 0);
	frametable_view(&ft, &m.blob, &view);
	map = (struct e820_map){ .entries = entries,
				 .capacity = ARRAY_COUNT(entries) };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	machine_teardown(&m);
	return 0;
}

static int build(uint32_t budget)
{
	return e820_build(&map, &m.blob, &view, &m.region, budget, &report,
			  &m.diag);
}

static void plain_machine(void **state)
{
	(void)state;
	m.blob.firmware_count = 2;
	m.blob.firmware[0] = (struct blob_firmware_range){
		{ 0x9f000, 0xa0000 }, E820_RESERVED };
	m.blob.firmware[1] = (struct blob_firmware_range){
		{ GIB, GIB + 0x1234 }, E820_ACPI };
	frametable_set(&ft, 0x20000, 512, 1, HO_TYPE_NORMAL, NULL);
	assert_int_equal(build(500), 0);
	assert_true(e820_check(&map, &m.blob, &view));
	assert_int_equal(map.count, 8);
	assert_int_equal(map.entries[1].type, E820_RESERVED);
	assert_int_equal(map.entries[2].place.start, MIB);
	assert_int_equal(map.entries[3].place.start, REGION_BASE);
	assert_int_equal(map.entries[3].type, E820_RESERVED);
	assert_int_equal(map.entries[5].place.start, 0x20000000);
	assert_int_equal(map.entries[7].type, E820_ACPI);
	assert_int_equal(report.unplugged_ranges, 0);
	assert_int_equal(report.plugged_frames,
			 0x9f + 0x3ff00 - 16 * 256 - 512);
}

/* Alternate frames: the smallest gaps go, the first RAM range stays. */
/* Soft-reserved and persistent memory stays what it is, in a fallback, too. */
static void special_types(void **state)
{
	static const uint32_t types[] = { 0xefffffff, 7, 12, 5 };
	uint32_t i, region_alone;

	(void)state;
	m.blob.firmware_count = 4;
	for (i = 0; i < 4; i++)
		m.blob.firmware[i] = (struct blob_firmware_range){
			{ (i + 2) * GIB, (i + 3) * GIB }, types[i] };
	for (region_alone = 0; region_alone < 2; region_alone++) {
		assert_int_equal(region_alone
			? e820_build_region(&map, &m.blob, &m.region, &report,
					    &m.diag)
			: build(500), 0);
		for (i = 0; i < 4; i++) {
			struct e820_entry e = entries[map.count - 4 + i];

			assert_int_equal(e.type, types[i]);
			assert_int_equal(e.place.start, (i + 2) * GIB);
			assert_int_equal(e.place.end, (i + 3) * GIB);
		}
	}
}

static void budget_leaves_out_the_smallest(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		frametable_set(&ft, 0x20000 + 8 * i, 1 + i % 4, 1,
			       HO_TYPE_NORMAL, NULL);
	assert_int_equal(build(100), 0);
	assert_true(map.count <= 100);
	assert_true(e820_check(&map, &m.blob, &view));
	assert_int_equal(map.entries[0].type, E820_RAM);
	assert_int_equal(report.listed, HO_NOT_PLUGGED_MAX);
	assert_int_equal(report.plugged_frames + report.unplugged_frames +
			 250 * 10 + 16 * 256, 0x9f + 0x3ff00);
	/* of gaps of 4..7 frames none of the 7s was left out before a 4 */
	assert_true(report.unplugged_ranges > 900);
}

static void budget_too_small(void **state)
{
	(void)state;
	assert_int_equal(build(2), -HO_ETOOMANYRANGES);
	/* two RAM ranges, and the page between them and the ROM's */
	assert_int_equal(build(3), 0);
	assert_true(e820_check(&map, &m.blob, &view));
	assert_int_equal(map.entries[1].type, E820_PRAM);
	assert_int_equal(map.entries[1].place.start, 0x100000);
	assert_int_equal(range_bytes(map.entries[1].place), HO_PAGE_BYTES);
	assert_int_equal(map.entries[2].type, E820_RESERVED);
}

/* A fallback's map: RAM is the first MiB and what the allocator still has, to
 * the byte, whoever owns the rest. */
static void region_only(void **state)
{
	uint64_t left, ram;
	uint32_t i, round;

	(void)state;
	m.blob.region_count = 3;
	m.blob.region[1] = (struct range){ 64 * MIB, 66 * MIB };
	m.blob.region[2] = (struct range){ GIB - 4 * MIB, GIB };
	for (round = 0; round < 200; round++) {
		region_init(&m.region, &m.blob, (struct range){
			REGION_BASE + 5 * MIB, REGION_BASE + 6 * MIB + 1 },
			0, &m.diag);
		while (random() % 8)
			region_alloc(&m.region, 1 + random() % MIB,
				     64 << random() % 8);
		for (left = 0x9f000, i = 0; i < m.region.chunk_count; i++)
			left += m.region.chunks[i].end -
				((m.region.chunks[i].next + 4095) & ~4095ull);
		assert_int_equal(e820_build_region(&map, &m.blob, &m.region,
						   &report, &m.diag), 0);
		assert_true(e820_check_region(&map, &m.blob));
		for (ram = 0, i = 0; i < map.count; i++)
			if (map.entries[i].type == E820_RAM)
				ram += range_bytes(map.entries[i].place);
		assert_int_equal(ram, left);
		assert_int_equal(report.plugged_frames, left >> 12);
	}
	/* RAM beside the region is seen */
	for (i = 0; map.entries[i].type != E820_RESERVED; i++)
		;
	map.entries[i].type = E820_RAM;
	assert_false(e820_check_region(&map, &m.blob));
	map.capacity = 8;
	assert_int_equal(e820_build_region(&map, &m.blob, &m.region, &report,
					   &m.diag), -HO_ETOOMANYRANGES);
}

static void own_random_frames(uint32_t extents)
{
	while (extents--) {
		uint64_t mfn = 0x100 + random() % (0x40000 - 0x100);
		uint64_t count = 1 + random() % (1 << random() % 11), i;
		struct frametable_span s;
		bool taken = mfn + count > 0x40000;

		for (i = mfn; i < mfn + count && !taken; i++)
			taken = frametable_lookup(&view, i, &s) ||
				(i >= REGION_BASE >> 12 &&
				 i < (REGION_BASE + 16 * MIB) >> 12);
		if (!taken)
			assert_int_equal(frametable_set(&ft, mfn, count,
							random() % 9,
							HO_TYPE_NORMAL,
							NULL), 0);
	}
}

/* A frame by frame look, with none of the code under test but the lookup. */
static void assert_never_owned(void)
{
	uint32_t i;

	for (i = 0; i < map.count; i++) {
		struct range r = map.entries[i].place;
		struct frametable_span s;

		if (map.entries[i].type != E820_RAM)
			continue;
		assert_false(range_overlaps(r, m.blob.region[0]));
		for (; r.start < r.end; r.start += 4096)
			assert_false(frametable_lookup(&view, r.start >> 12,
						       &s));
	}
}

static void random_machines(void **state)
{
	uint32_t round;

	(void)state;
	srandom(4711);
	for (round = 0; round < 150; round++) {
		uint64_t hole = MIB + random() % 900 * MIB;

		teardown(NULL);
		setup(NULL);
		/* a hole in RAM, sometimes with firmware in it */
		if (round % 3 && (hole < REGION_BASE - MIB ||
				  hole > REGION_BASE + 16 * MIB)) {
			m.blob.memory_count = 3;
			m.blob.memory[2] = (struct range){ hole + 0x5000,
							   GIB };
			m.blob.memory[1].end = hole;
			if (hole == MIB)
				m.blob.memory[1].end = hole + 0x1000;
			m.blob.firmware_count = 1;
			m.blob.firmware[0] = (struct blob_firmware_range){
				{ hole + 0x2000, hole + 0x3000 }, E820_NVS };
		}
		own_random_frames(random() % 400);
		if (build(6 + random() % 300))
			fail();
		assert_true(e820_check(&map, &m.blob, &view));
		assert_never_owned();
	}
}

static void check_finds_faults(void **state)
{
	(void)state;
	frametable_set(&ft, 0x20000, 512, 1, HO_TYPE_NORMAL, NULL);
	assert_int_equal(build(500), 0);
	assert_true(e820_check(&map, &m.blob, &view));
	map.entries[1].place.end += 4096;	/* into the region */
	map.entries[2].place.start += 4096;
	assert_false(e820_check(&map, &m.blob, &view));
	map.entries[1].place.end -= 4096;
	assert_false(e820_check(&map, &m.blob, &view));	/* RAM missing */
	map.entries[2].place.start -= 4096;
	assert_true(e820_check(&map, &m.blob, &view));
	map.entries[4].type = E820_RAM;		/* the owned one */
	assert_false(e820_check(&map, &m.blob, &view));
}

/* Xen's boot allocator takes so many ranges and no more. */
static void limit_of_ram_entries(void **state)
{
	uint32_t i, ram = 0;
	uint64_t smallest = ~0ull;

	(void)state;
	for (i = 0; i < 1000; i++)
		frametable_set(&ft, 0x20000 + 8 * i, 1 + i % 4, 1,
			       HO_TYPE_NORMAL, NULL);
	map.ram_max = 199;
	assert_int_equal(build(3200), 0);
	assert_true(e820_check(&map, &m.blob, &view));
	for (i = 0; i < map.count; i++) {
		if (map.entries[i].type != E820_RAM)
			continue;
		ram++;
		if (range_bytes(map.entries[i].place) < smallest)
			smallest = range_bytes(map.entries[i].place);
	}
	assert_in_range(ram, 190, 199);
	assert_int_equal(smallest, 7 * 4096);	/* the largest gaps */
	map.ram_max = 1;			/* RAM has two ranges itself */
	assert_int_equal(build(3200), -HO_ETOOMANYRANGES);
}

static void places(void **state)
{
	struct place p;

	(void)state;
	frametable_set(&ft, 0x1000, 512, 1, HO_TYPE_NORMAL, NULL);
	assert_int_equal(build(500), 0);
	place_init(&p, &map, &(struct efi){ 0 });
	/* 16 MiB is owned: the next 2 MiB boundary */
	assert_int_equal(place_take(&p, 4 * MIB, 2 * MIB, 16 * MIB, GIB),
			 18 * MIB);
	assert_int_equal(place_take(&p, 1, 4096, 16 * MIB, GIB), 22 * MIB);
	assert_int_equal(place_take(&p, 1, 4096, 0, GIB), 4096);
	assert_int_equal(place_take(&p, 2 * GIB, 4096, 0, GIB), 0);
	assert_false(place_take_at(&p, 16 * MIB, 4096));
	assert_false(place_take_at(&p, 18 * MIB, 4096));
	assert_true(place_take_at(&p, 40 * MIB, 4096));
	assert_false(place_take_at(&p, 40 * MIB, 4096));
	assert_false(place_take_at(&p, ~0ull - 1, 4096));
	/* nothing across the region */
	assert_int_equal(place_take(&p, 512 * MIB, 4096, 0, GIB),
			 REGION_BASE + 16 * MIB);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(plain_machine), T(special_types), T(budget_leaves_out_the_smallest),
		T(budget_too_small), T(region_only), T(random_machines),
		T(check_finds_faults), T(limit_of_ram_entries),
		T(places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
