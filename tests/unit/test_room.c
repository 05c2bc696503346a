// SPDX-License-Identifier: MIT
/*
 * test_room.c - the search for a free place, against one that tries each.
 */
#include <stdlib.h>

#include "cmocka_all.h"
#include "room.h"

#define SPACE	96
#define ROUNDS	20000

static bool fits(const struct room_list *l, struct range within,
		 struct range want)
{
	uint32_t i;

	for (i = 0; i < l->count; i++)
		if (range_overlaps(l->ranges[i], want))
			return false;
	return range_covers(within, want);
}

static void against_each(void **state)
{
	struct range taken[6], within;
	struct room_list list = { .ranges = taken };
	uint32_t round, i;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		uint64_t bytes = 1 + random() % 24, align = 1 << random() % 4;
		uint64_t at, low = 0, high = 0;

		within.start = 1 + random() % 32;
		within.end = within.start + random() % (SPACE - 32);
		list.count = random() % 7;
		for (i = 0; i < list.count; i++) {
			taken[i].start = random() % SPACE;
			taken[i].end = taken[i].start + 1 + random() % 20;
		}
		for (at = align; at < SPACE; at += align)
			if (fits(&list, within,
				 (struct range){ at, at + bytes })) {
				low = low ? low : at;
				high = at;
			}
		assert_int_equal(room_lowest(within, bytes, align,
					     room_listed, &list), low);
		assert_int_equal(room_highest(within, bytes, align,
					      room_listed, &list), high);
	}
}

/* Nothing wraps at the end of addresses. */
static void ends(void **state)
{
	const struct range all = { 1, UINT64_MAX };
	const struct range top = { UINT64_MAX - 4096, UINT64_MAX };
	const struct room_list one = { &top, 1 }, none = { 0 };

	(void)state;
	assert_int_equal(room_lowest(top, 4096, 1, room_listed, &none),
			 top.start);
	assert_int_equal(room_lowest(top, 4096, 1, room_listed, &one), 0);
	assert_int_equal(room_lowest(top, 1, 1 << 21, room_listed, &none),
			 0);
	assert_int_equal(room_lowest(all, UINT64_MAX, 1, room_listed,
				     &none), 0);
	assert_int_equal(room_highest(all, UINT64_MAX, 1, room_listed,
				      &none), 0);
	assert_int_equal(room_highest(all, 4096, 4096, room_listed, &one),
			 UINT64_MAX - 0x2fff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_each),
		cmocka_unit_test(ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
