// SPDX-License-Identifier: MIT
/*
 * test_regionnext.c - the region of the update after the next one: grown,
 * shrunk, moved, and what is in the way.
 */
#include "regionnext.h"
#include "cmocka_all.h"
#include "testmachine.h"

static struct hostmap map;
static struct region_found r;
static struct stream_text s;
static struct diag_log diag;

/* RAM up to 1 GiB, a region of 64 MiB at 256 MiB, one domain frame. */
static int setup(void **state)
{
	uint64_t word = frame_word(330 * MIB >> 12, 1, HO_TYPE_NORMAL);

	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	map.memory_count = 2;
	map.memory[0] = (struct range){ 0, 0x9f000 };
	map.memory[1] = (struct range){ MIB, GIB };
	r = (struct region_found){ .count = 1,
				   .ranges = { { 256 * MIB, 320 * MIB } } };
	stream_text_begin(&s);
	stream_text_domain(&s, 1, "one");
	stream_text_frames(&s, 1, &word, 1);
	stream_text_domain_end(&s, 1, 1, 1);
	stream_text_end(&s);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stream_text_free(&s);
	return 0;
}

/* Memory of the stream itself, if it is not empty. */
static struct range own;

static int next(const char *text)
{
	struct taken taken = { 0 };
	int rc = taken_add_stream(&taken, s.bytes, s.length, &diag);

	if (!rc && range_bytes(own))
		rc = taken_add(&taken, own, &diag);
	if (!rc)
		rc = region_next(&r, text, &map, &taken, &diag);
	taken_free(&taken);
	return rc;
}

static void assert_range(struct range have, uint64_t start, uint64_t mib)
{
	assert_int_equal(have.start, start * MIB);
	assert_int_equal(have.end, (start + mib) * MIB);
}

static void grows(void **state)
{
	(void)state;
	assert_int_equal(next("72M"), 0);
	assert_range(r.next, 256, 72);
	assert_int_equal(r.count, 2);
	assert_range(r.ranges[0], 256, 64);
	assert_range(r.ranges[1], 320, 8);
}

static void shrinks(void **state)
{
	(void)state;
	assert_int_equal(next("16M"), 0);
	assert_range(r.next, 256, 16);
	assert_int_equal(r.count, 1);
}

/* The frame is in the way of growing in place. */
static void moves_by_itself(void **state)
{
	(void)state;
	assert_int_equal(next("128M"), 0);
	assert_range(r.next, 896, 128);
	assert_int_equal(r.count, 2);
	assert_range(r.ranges[1], 896, 128);
}

/* ... and what is taken at the top is in its way there. */
static void moves_below(void **state)
{
	(void)state;
	own = (struct range){ 1000 * MIB, 1001 * MIB };
	assert_int_equal(next("128M"), 0);
	assert_range(r.next, 872, 128);
	own = (struct range){ 0 };
}

static void moves(void **state)
{
	(void)state;
	assert_int_equal(next("200M+80M"), 0);
	assert_range(r.next, 200, 80);
	assert_int_equal(r.count, 2);
	assert_range(r.ranges[1], 200, 56);
}

/* Around what there is, on both sides. */
static void grows_both_ways(void **state)
{
	(void)state;
	assert_int_equal(next("192M+192M"), 0);
	assert_int_equal(r.count, 3);
	assert_range(r.ranges[1], 192, 64);
	assert_range(r.ranges[2], 320, 64);
}

static void refused(void **state)
{
	(void)state;
	assert_int_equal(next("x"), -HO_EUSAGE);
	assert_int_equal(next("1M+"), -HO_EUSAGE);
	assert_int_equal(next("65M"), -HO_ENEXTREGION);
	assert_int_equal(next("2M"), -HO_ENEXTREGION);
	assert_int_equal(next("257M+64M"), -HO_ENEXTREGION);
	assert_int_equal(next("1000M+64M"), -HO_ENEXTREGION);
	assert_int_equal(next("2G"), -HO_ENEXTROOM);
	assert_int_equal(next("0xfffffffff0000000"), -HO_ENEXTROOM);
	assert_int_equal(next("0xfffffffff0000000+256M"), -HO_ENEXTREGION);
	assert_int_equal(next("900G+64M"), -HO_ENEXTREGION);
	assert_int_equal(r.count, 1);
	r.count = HO_REGION_RANGES_MAX;
	assert_int_equal(next("512M+64M"), -HO_EREGIONRANGES);
}

/* Overlapping, inside each other, side by side: one list without seams. */
static void joined(void **state)
{
	const struct range given[] = { { 50, 60 }, { 10, 40 }, { 12, 14 },
				       { 60, 61 }, { 39, 45 }, { 80, 90 } };
	struct range at;
	struct taken t = { 0 };
	size_t i;

	(void)state;
	taken_sort(&t);
	assert_false(taken_in_the_way(&t, (struct range){ 0, 100 }, &at));
	for (i = 0; i < ARRAY_COUNT(given); i++)
		assert_int_equal(taken_add(&t, given[i], &diag), 0);
	taken_sort(&t);
	assert_int_equal(t.count, 3);
	assert_false(taken_in_the_way(&t, (struct range){ 1, 10 }, &at));
	assert_true(taken_in_the_way(&t, (struct range){ 14, 15 }, &at));
	assert_true(at.start == 10 && at.end == 45);
	assert_false(taken_in_the_way(&t, (struct range){ 45, 50 }, &at));
	assert_true(taken_in_the_way(&t, (struct range){ 45, 51 }, &at));
	assert_true(at.start == 50 && at.end == 61);
	assert_true(taken_in_the_way(&t, (struct range){ 89, 200 }, &at));
	assert_false(taken_in_the_way(&t, (struct range){ 90, 200 }, &at));
	taken_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(grows, setup, teardown),
		cmocka_unit_test_setup_teardown(shrinks, setup, teardown),
		cmocka_unit_test_setup_teardown(moves_by_itself, setup,
						teardown),
		cmocka_unit_test_setup_teardown(moves_below, setup, teardown),
		cmocka_unit_test_setup_teardown(moves, setup, teardown),
		cmocka_unit_test_setup_teardown(grows_both_ways, setup,
						teardown),
		cmocka_unit_test_setup_teardown(refused, setup, teardown),
		cmocka_unit_test(joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
