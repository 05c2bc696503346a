// SPDX-License-Identifier: MIT
/*
 * test_hostmap.c - maps as firmware and boot loaders give them: in any order,
 * in pieces, overlapping; what comes out is sorted and apart.
 */
#include "cmocka_all.h"
#include "hostmap.h"

static struct hostmap map;
static struct diag_log diag;

static int setup(void **state)
{
	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	map.raw_count = 0;
	return 0;
}

static void add(uint64_t start, uint64_t end, uint32_t type)
{
	assert_int_equal(hostmap_add(&map, start, end, type, &diag), 0);
}

static void is_memory(uint32_t i, uint64_t start, uint64_t end)
{
	assert_int_equal(map.memory[i].start, start);
	assert_int_equal(map.memory[i].end, end);
}

static void is_firmware(uint32_t i, uint64_t start, uint64_t end,
			uint32_t type)
{
	assert_int_equal(map.firmware[i].place.start, start);
	assert_int_equal(map.firmware[i].place.end, end);
	assert_int_equal(map.firmware[i].type, type);
}

/* A page that two entries have half each is one page of RAM. */
static void any_order(void **state)
{
	(void)state;
	add(0x300000, 0x400800, 1);
	add(0xf0000, 0x100000, 2);
	add(0x9fc00, 0xa0000, 2);
	add(0x100000, 0x300000, 1);
	add(0, 0x9fc00, 1);
	add(0x400800, 0x500000, 1);
	add(7, 7, 1);
	assert_int_equal(hostmap_settle(&map, &diag), 0);
	assert_int_equal(map.memory_count, 2);
	is_memory(0, 0, 0x9f000);
	is_memory(1, 0x100000, 0x500000);
	assert_int_equal(map.firmware_count, 2);
	is_firmware(0, 0x9fc00, 0xa0000, 2);
	is_firmware(1, 0xf0000, 0x100000, 2);
	assert_true(hostmap_is_ram(&map, (struct range){ 0x100000,
							 0x500000 }));
	assert_false(hostmap_is_ram(&map, (struct range){ 0x100000,
							  0x500001 }));
	assert_false(hostmap_is_ram(&map, (struct range){ 0x9e000,
							  0x101000 }));
}

static void overlaps(void **state)
{
	(void)state;
	add(0, 0x1000000, 1);
	add(0x800000, 0x801000, 3);
	add(0x800800, 0x802000, 4);
	add(0xfff000, 0x1800000, 2);
	add(0x800000, 0x802000, 2);
	assert_int_equal(hostmap_settle(&map, &diag), 0);
	assert_int_equal(map.memory_count, 2);
	is_memory(0, 0, 0x800000);
	is_memory(1, 0x802000, 0xfff000);
	assert_int_equal(map.firmware_count, 3);
	is_firmware(0, 0x800000, 0x800800, 3);
	is_firmware(1, 0x800800, 0x802000, 4);
	is_firmware(2, 0xfff000, 0x1800000, 2);
}

/* GRUB's 0x14 for EFI runtime code, and whatever comes. */
static void unknown_types(void **state)
{
	(void)state;
	add(0, 0x100000, 1);
	add(0x10000, 0x20000, 20);
	add(0x30000, 0x40000, 0);
	add(0x50000, 0x60000, 0xffffffff);
	add(0x60000, 0x61000, 0xeffffffe);
	add(0x61000, 0x62000, 0xf0000000);
	assert_int_equal(hostmap_settle(&map, &diag), 0);
	assert_int_equal(map.memory_count, 4);
	is_firmware(0, 0x10000, 0x20000, 2);
	is_firmware(1, 0x30000, 0x40000, 2);
	is_firmware(2, 0x50000, 0x62000, 2);
}

/* A boot loader that does not know of EFI_MEMORY_SP calls it RAM; whoever
 * reserves it on top does not make it plain reserved memory. */
static void special(void **state)
{
	(void)state;
	add(0, 0x1000000, 1);
	add(0x400000, 0x800000, 0xefffffff);
	add(0x600000, 0x800000, 2);
	add(0x800000, 0x900000, 7);
	add(0x900000, 0xa00000, 12);
	assert_int_equal(hostmap_settle(&map, &diag), 0);
	assert_int_equal(map.memory_count, 2);
	is_memory(0, 0, 0x400000);
	is_memory(1, 0xa00000, 0x1000000);
	assert_int_equal(map.firmware_count, 3);
	is_firmware(0, 0x400000, 0x800000, 0xefffffff);
	is_firmware(1, 0x800000, 0x900000, 7);
	is_firmware(2, 0x900000, 0xa00000, 12);
}

static void refused(void **state)
{
	uint64_t i;

	(void)state;
	assert_int_equal(hostmap_add(&map, 2, 1, 1, &diag), -HO_EMEMORY);
	assert_int_equal(hostmap_settle(&map, &diag), -HO_EMEMORY);
	add(0, 0x800, 1);
	assert_int_equal(hostmap_settle(&map, &diag), -HO_EMEMORY);
	map.raw_count = 0;
	for (i = 0; i < HOSTMAP_RAW_MAX; i++)
		add(i << 13, (i << 13) + 0x1000, 1);
	assert_int_equal(hostmap_add(&map, 0, 1, 1, &diag), -HO_EMEMORY);
	assert_int_equal(hostmap_settle(&map, &diag), -HO_EMEMORY);
	map.raw_count = HO_MEMORY_RANGES_MAX;
	assert_int_equal(hostmap_settle(&map, &diag), 0);
	assert_int_equal(map.memory_count, HO_MEMORY_RANGES_MAX);
}

/* Maps as kernels have printed them, with what has to come of them. */
struct machine {
	const char *name;
	struct e820_entry in[16];
	struct range ram[8];
	struct blob_firmware_range firmware[12];
};

static const struct machine machines[] = {
	{ "QEMU 7.2, pc, 1 GiB, SeaBIOS",
	  { { { 0, 0x9fc00 }, 1 }, { { 0x9fc00, 0xa0000 }, 2 },
	    { { 0xf0000, 0x100000 }, 2 }, { { 0x100000, 0x3ffe0000 }, 1 },
	    { { 0x3ffe0000, 0x40000000 }, 2 },
	    { { 0xfeffc000, 0xff000000 }, 2 },
	    { { 0xfffc0000, 0x100000000 }, 2 },
	    { { 0xfd00000000, 0x10000000000 }, 2 } },
	  { { 0, 0x9f000 }, { 0x100000, 0x3ffe0000 } },
	  { { { 0x9fc00, 0xa0000 }, 2 }, { { 0xf0000, 0x100000 }, 2 },
	    { { 0x3ffe0000, 0x40000000 }, 2 },
	    { { 0xfeffc000, 0xff000000 }, 2 },
	    { { 0xfffc0000, 0x100000000 }, 2 },
	    { { 0xfd00000000, 0x10000000000 }, 2 } } },
	/* the first MiB is one RAM entry, the second is missing */
	{ "MRB of ACRN, 512 MiB",
	  { { { 0, 0xf0000 }, 1 }, { { 0xf0000, 0x100000 }, 2 },
	    { { 0x200000, 0x20100000 }, 1 },
	    { { 0x20100000, 0xc0000000 }, 2 },
	    { { 0xe0000000, 0x100000000 }, 2 } },
	  { { 0, 0xf0000 }, { 0x200000, 0x20100000 } },
	  { { { 0xf0000, 0x100000 }, 2 }, { { 0x20100000, 0xc0000000 }, 2 },
	    { { 0xe0000000, 0x100000000 }, 2 } } },
	/* holes far above 4 GiB, as after memmap= */
	{ "HP Z8 G4, BIOS P60 v01.67, its upper half",
	  { { { 0x6a9ae000, 0x6abc0000 }, 3 },
	    { { 0x6abc0000, 0x6f800000 }, 1 },
	    { { 0x6f800000, 0x90000000 }, 2 },
	    { { 0xfe000000, 0xfe011000 }, 2 },
	    { { 0x100000000, 0x1480000000 }, 1 },
	    { { 0x1480000000, 0x2840000000 }, 2 },
	    { { 0x2840000000, 0x2880000000 }, 1 } },
	  { { 0x6abc0000, 0x6f800000 }, { 0x100000000, 0x1480000000 },
	    { 0x2840000000, 0x2880000000 } },
	  { { { 0x6a9ae000, 0x6abc0000 }, 3 },
	    { { 0x6f800000, 0x90000000 }, 2 },
	    { { 0xfe000000, 0xfe011000 }, 2 },
	    { { 0x1480000000, 0x2840000000 }, 2 } } },
};

static void is_machine(const struct machine *m)
{
	uint32_t i;

	assert_int_equal(hostmap_settle(&map, &diag), 0);
	for (i = 0; i < map.memory_count; i++)
		is_memory(i, m->ram[i].start, m->ram[i].end);
	assert_int_equal(m->ram[i].end, 0);
	for (i = 0; i < map.firmware_count; i++)
		is_firmware(i, m->firmware[i].place.start,
			    m->firmware[i].place.end, m->firmware[i].type);
	assert_int_equal(m->firmware[i].place.end, 0);
}

/* As it is; from its end to its start; everything twice; in two halves that
 * overlap; each reserved range called RAM, too. */
static void broken_maps(void **state)
{
	uint32_t i, k, n;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(machines); i++) {
		const struct e820_entry *in = machines[i].in;

		for (n = 0; n < 16 && in[n].type; n++)
			add(in[n].place.start, in[n].place.end, in[n].type);
		is_machine(&machines[i]);
		map.raw_count = 0;
		for (k = n; k-- > 0;)
			add(in[k].place.start, in[k].place.end, in[k].type);
		is_machine(&machines[i]);
		for (k = 0; k < n; k++)
			add(in[k].place.start, in[k].place.end, in[k].type);
		is_machine(&machines[i]);
		map.raw_count = 0;
		for (k = 0; k < n; k++) {
			uint64_t third = range_bytes(in[k].place) / 3;

			add(in[k].place.start + third, in[k].place.end,
			    in[k].type);
			add(in[k].place.start, in[k].place.end - third,
			    in[k].type);
			if (in[k].type == E820_RESERVED)
				add(in[k].place.start, in[k].place.end,
				    E820_RAM);
		}
		is_machine(&machines[i]);
		map.raw_count = 0;
	}
}

/* Any map, page by page: what the highest of the claims says. */
static void as_linux(void **state)
{
	enum { PAGES = 64, ENTRIES = 12 };
	uint32_t seed = 1, round, i, p;

	(void)state;
	for (round = 0; round < 20000; round++) {
		uint32_t type[PAGES] = { 0 }, seen[PAGES] = { 0 };

		map.raw_count = 0;
		for (i = 0; i < ENTRIES; i++) {
			uint32_t start, end, kind;

			seed = seed * 1664525 + 1013904223;
			start = seed >> 8 & 63;
			end = start + (seed >> 16 & 15);
			kind = 1 + (seed >> 24 & 3);
			add(start * 4096ull, end * 4096ull, kind);
			for (p = start; p < end && p < PAGES; p++)
				if (kind > type[p])
					type[p] = kind;
		}
		if (hostmap_settle(&map, &diag))
			continue;	/* no RAM in this one */
		for (i = 0; i < map.memory_count; i++)
			for (p = map.memory[i].start >> 12;
			     p < map.memory[i].end >> 12 && p < PAGES; p++)
				seen[p] += 1;
		for (i = 0; i < map.firmware_count; i++)
			for (p = map.firmware[i].place.start >> 12; p < PAGES &&
			     p < map.firmware[i].place.end >> 12; p++)
				seen[p] += map.firmware[i].type;
		assert_memory_equal(type, seen, sizeof(type));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(any_order, setup),
		cmocka_unit_test_setup(overlaps, setup),
		cmocka_unit_test_setup(unknown_types, setup),
		cmocka_unit_test_setup(special, setup),
		cmocka_unit_test_setup(broken_maps, setup),
		cmocka_unit_test_setup(as_linux, setup),
		cmocka_unit_test_setup(refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
