// SPDX-License-Identifier: MIT
/*
 * test_cedt.c - windows of CXL memory, out of good and damaged tables.
 */
#include "cedt.h"

#include <string.h>

#include "cmocka_all.h"

static uint8_t table[512];
static uint32_t length;

static void put(uint64_t value, unsigned int bytes)
{
	while (bytes--) {
		table[length++] = value;
		value >>= 8;
	}
}

static void begin(void)
{
	memset(table, 0, sizeof(table));
	memcpy(table, "CEDT", 4);
	length = 36;
}

/* Of one way: 40 bytes. */
static void window(uint64_t base, uint64_t size)
{
	put(1, 2);
	put(40, 2);
	put(0, 4);
	put(base, 8);
	put(size, 8);
	put(0, 16);
}

/* A host bridge (type 0), 32 bytes. */
static void bridge(void)
{
	put(0, 2);
	put(32, 2);
	length += 28;
}

static void end(void)
{
	table[4] = length;
	table[5] = length >> 8;
}

static void good(void **state)
{
	struct range r;
	uint64_t at = 0;

	(void)state;
	begin();
	bridge();
	window(0x100000000, 0x40000000);
	window(0x200000000, 0);			/* none */
	window(UINT64_MAX - 1, 4096);		/* wraps */
	bridge();
	window(0x300000000, 0x1000);
	end();
	assert_true(cedt_next(table, sizeof(table), &at, &r));
	assert_int_equal(r.start, 0x100000000);
	assert_int_equal(r.end, 0x140000000);
	assert_true(cedt_next(table, sizeof(table), &at, &r));
	assert_int_equal(r.start, 0x300000000);
	assert_false(cedt_next(table, sizeof(table), &at, &r));
}

static bool any(uint64_t bytes)
{
	struct range r;
	uint64_t at = 0;

	return cedt_next(table, bytes, &at, &r);
}

static void damaged(void **state)
{
	uint64_t i;

	(void)state;
	assert_false(any(0));
	begin();
	window(0x100000000, 0x40000000);
	end();
	assert_true(any(length));
	for (i = 0; i < length; i++)
		assert_false(any(i));
	table[36 + 2] = 3;			/* no room for its own head */
	assert_false(any(length));
	table[36 + 2] = 41;			/* past the end */
	assert_false(any(length));
	table[36 + 2] = 23;			/* too short for a window */
	assert_false(any(length));
	table[36 + 2] = 40;
	table[4] = 50;				/* the table says it is shorter */
	assert_false(any(length));
	table[4] = length;
	table[5] = length >> 8;
	table[0] = 'c';
	assert_false(any(length));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good), cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
