// SPDX-License-Identifier: MIT
/*
 * test_pvh.c - PVH's start info at the door: a good one, and a bad one per
 * check.
 */
#include "cmocka_all.h"
#include "pvh.h"
#include "testdoor.h"

static int read_pvh(void)
{
	map.raw_count = 0;
	return pvh_read(&facts, &map, &memory, ARENA, &diag);
}

static void put_pvh(void)
{
	put32(0, 0x336ec578);
	put32(4, 1);
	put32(12, 1);
	put64(16, ARENA + 0x100);
	put64(32, 0xf5a80);
	put64(40, ARENA + 0x200);
	put32(48, 2);
	put64(0x100, 0x40000000);
	put64(0x108, 0x12345);
	put_e820(0x200, 0, 0x9fc00, 1);
	put_e820(0x218, MIB, MIB, 1);
}

static void start_info(void **state)
{
	(void)state;
	put_pvh();
	assert_int_equal(read_pvh(), 0);
	door_blob_is(0x40000000, 0x40012345);
	assert_true(door_took(ARENA, ARENA + 56));
	assert_true(door_took(ARENA + 0x100, ARENA + 0x120));
	assert_int_equal(facts.rsdp, 0xf5a80);
	assert_int_equal(map.raw_count, 2);
	put32(12, 0);			/* no module, wherever they were */
	put64(16, 0);
	assert_int_equal(read_pvh(), 0);
	assert_int_equal(range_bytes(facts.blob), 0);
}

static int spoiled_pvh(uint32_t at, uint64_t v)
{
	door_setup(NULL);
	put_pvh();
	put64(at, v);
	return read_pvh();
}

static void start_info_refused(void **state)
{
	(void)state;
	assert_int_equal(pvh_read(&facts, &map, &nowhere, ARENA, &diag),
			 -HO_EDOOR);
	assert_int_equal(spoiled_pvh(0, 0x1336ec577), -HO_EDOOR);
	assert_int_equal(spoiled_pvh(4, 0), -HO_EDOOR);
	assert_int_equal(spoiled_pvh(12, 2ull), -HO_EDOOR);	/* at 0 */
	assert_int_equal(spoiled_pvh(16, ARENA + ARENA_BYTES - 31), -HO_EDOOR);
	assert_int_equal(spoiled_pvh(40, ARENA + ARENA_BYTES - 47), -HO_EDOOR);
	assert_int_equal(spoiled_pvh(48, 0xffffffff), -HO_EDOOR);
	assert_int_equal(spoiled_pvh(0x100, ~0ull), -HO_EDOOR);
	assert_int_equal(spoiled_pvh(0x200, ~0ull), -HO_EMEMORY);
	door_setup(NULL);
	put_pvh();
	put32(12, 2);
	put64(0x120, 0x50000000);
	put64(0x128, 1);
	assert_int_equal(read_pvh(), -HO_EDOOR);
}

#define T(f) cmocka_unit_test_setup(f, door_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(start_info), T(start_info_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
