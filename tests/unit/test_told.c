// SPDX-License-Identifier: MIT
/*
 * test_told.c - memmap= on a command line: what it takes away from RAM, and
 * what Linux would not take for that either.
 */
#include "cmocka_all.h"
#include "told.h"

#include <string.h>

static struct hostmap map;
static struct diag_log diag;

static void next_is(struct told *t, uint64_t start, uint64_t end,
		    uint32_t type)
{
	struct range r;
	uint32_t found;

	assert_true(told_next(t, &r, &found));
	assert_int_equal(r.start, start);
	assert_int_equal(r.end, end);
	assert_int_equal(found, type);
}

static void no_more(struct told *t)
{
	struct range r;
	uint32_t found;

	assert_false(told_next(t, &r, &found));
}

static void words(void **state)
{
	struct told t = { .at = "quiet memmap=64K$0x2000000 mem=4G "
		"memmap=128M!384m,1G#4G,0x1000$01000  root=/dev/sda1,memmap=1M$1M "
		"memmap=16M%0x36000000-1+0xefffffff memmap=1M%2M-1\n"
		"memmap=1P$1E\tmemmap=1G$2G \"memmap=1M$1G\" memmap=\"2M$1G,4M$1G\"\r"
		"\"a memmap=1G$1G\" \"memmap=8M$1G" };

	(void)state;
	next_is(&t, 0x2000000, 0x2010000, 2);
	next_is(&t, 384ull << 20, 512ull << 20, 12);
	next_is(&t, 4ull << 30, 5ull << 30, 3);
	next_is(&t, 01000, 0x1000 + 01000, 2);
	next_is(&t, 0x36000000, 0x37000000, 0xefffffff);
	next_is(&t, 2 << 20, 3 << 20, 2);
	next_is(&t, 1ull << 60, (1ull << 60) + (1ull << 50), 2);
	next_is(&t, 2ull << 30, 3ull << 30, 2);
	next_is(&t, 1 << 30, 1025 << 20, 2);
	next_is(&t, 1 << 30, 1026 << 20, 2);
	next_is(&t, 1 << 30, 1028 << 20, 2);
	next_is(&t, 1 << 30, 1032 << 20, 2);
	no_more(&t);
	no_more(&t);
}

static void takes_nothing_away(void **state)
{
	static const char *const lines[] = {
		"", " ", "memmap=", "memmap=,", "memmap=exactmap",
		"memmap=4G", "memmap=1M@2M", "memmap=$2M", "memmap=1M$",
		"memmap=0$2M", "memmap=1M$-1", "memmap=xM$2M", "memmap=0x$2M",
		"memmap=1M%2M-2+1", "memmap=1M%2M-1+1", "memmap=1M%2M-2+3",
		"memmap=1M%2M-", "memmap=1M%2M+", "xmemmap=1M$2M",
		"memmap=1M&2M", "memmap=99999999999999999999$1",
		"memmap=17E$1M", "memmap=1M$0xffffffffffffffff", "memmap",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(lines); i++) {
		struct told t = { .at = lines[i] };

		no_more(&t);
	}
}

static void in_ram_alone(void **state)
{
	/* as found, in any order: one reaches over an end, two are side by side */
	static const struct range keep[] = {
		{ 0x6000000, 0x7000000 }, { 0x7000000, 0x7800000 },
		{ 0x1e00000, 0x2008000 }, { 0x9000000, 0xa000000 },
	};

	(void)state;
	map.raw_count = 0;
	diag_init(&diag, HO_STAGE_LOADER);
	hostmap_add(&map, 0, 0x9f000, 1, &diag);
	hostmap_add(&map, 0x100000, 0x8000000, 1, &diag);
	hostmap_add(&map, 0x8000000, 0x9000000, 3, &diag);
	assert_int_equal(hostmap_settle(&map, &diag), 0);
	assert_int_equal(told_add(&map, "memmap=64K$0x2000000,64M!0x5000000 "
		"memmap=1M$0xfee00000", keep, 4, &diag), 0);
	assert_int_equal(map.memory_count, 4);
	assert_int_equal(map.memory[1].end, 0x2008000);
	assert_int_equal(map.memory[2].start, 0x2010000);
	assert_int_equal(map.memory[2].end, 0x5000000);
	assert_int_equal(map.memory[3].start, 0x6000000);
	assert_int_equal(map.memory[3].end, 0x7800000);
	assert_int_equal(map.firmware_count, 4);
	assert_int_equal(map.firmware[0].type, 2);
	assert_int_equal(map.firmware[1].place.end, 0x6000000);
	assert_int_equal(map.firmware[1].type, 12);
	assert_int_equal(map.firmware[2].place.start, 0x7800000);
	assert_int_equal(map.firmware[2].place.end, 0x8000000);
	assert_int_equal(map.firmware[3].type, 3);	/* and it alone */
	assert_int_equal(told_add(&map, "memmap=1G$0", NULL, 0, &diag), 0);
	assert_int_equal(map.memory_count, 1);
	assert_int_equal(map.memory[0].end, 0x9f000);
}

/* What makes RAM of memory that the map says is none. */
static void adds(void **state)
{
	static const char *const bad[] = {
		"memmap=exactmap", "quiet memmap=exactmap memmap=1G@0",
		"memmap=64M@0x10000000", "memmap=64K$0x2000000,1M@4G",
		"memmap=1G%0x40000000-2+1", "memmap=1G%0x40000000+1",
		"a memmap=1G%4G-0xefffffff+0x1 b", "memmap=\"1G@4G\"",
		"\"memmap=exactmap\"", "quiet\tmemmap=1G@4G", "a\xa0memmap=1G@4G",
		"\"memmap=exactmap", "memmap=\"1M$1M,1G@4G\"",
	};
	static const char *const good[] = {
		"", "quiet", "memmap=64K$0x2000000", "memmap=1M#4G,2M!8G",
		"memmap=1G%4G-1+0xefffffff", "memmap=1G%4G-1", "memmap=512M",
		"mem=1G", "xmemmap=exactmap", "memmap=nonsense@1",
		"root=a@b memmap=1M$1G@2", "memmap=1G%4G-2+12",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_non_null(told_adds(bad[i]));
	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_null(told_adds(good[i]));
	assert_int_equal(strncmp(told_adds(bad[3]), "1M@4G", 5), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words), cmocka_unit_test(takes_nothing_away),
		cmocka_unit_test(in_ram_alone), cmocka_unit_test(adds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
