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
	assert_int_equal(hostmap_settle(&map, &diag), 0);
	assert_int_equal(map.memory_count, 4);
	is_firmware(0, 0x10000, 0x20000, 2);
	is_firmware(1, 0x30000, 0x40000, 2);
	is_firmware(2, 0x50000, 0x60000, 2);
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
	for (i = 0; i < HO_MEMORY_RANGES_MAX; i++)
		add(i << 13, (i << 13) + 0x1000, 1);
	assert_int_equal(hostmap_add(&map, 0, 1, 1, &diag), -HO_EMEMORY);
	assert_int_equal(hostmap_settle(&map, &diag), 0);
	assert_int_equal(map.memory_count, HO_MEMORY_RANGES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(any_order, setup),
		cmocka_unit_test_setup(overlaps, setup),
		cmocka_unit_test_setup(unknown_types, setup),
		cmocka_unit_test_setup(refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
