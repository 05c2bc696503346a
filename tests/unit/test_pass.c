// SPDX-License-Identifier: MIT
/*
 * test_pass.c - the one pass over a stream: what it adds up, and domains and
 * frames that it refuses.
 */
#include <stdio.h>

#include "cmocka_all.h"
#include "testwalk.h"

static void good_stream(void **state)
{
	const struct ho_domain *d;

	(void)state;
	walk_two_domains(&word_2m, 1, 512);
	stream_text_record(&s, HO_REC_OPTIONAL | 0x77, "xyz", 3);
	stream_text_end(&s);
	assert_int_equal(machine_pass(&m, &s, &pass), 0);
	assert_int_equal(pass.frame_count, 514);
	assert_int_equal(pass.extent_count, 2);
	assert_int_equal(pass.domains.count, 2);
	d = domtab_find(&pass.domains, 9);
	assert_string_equal(d->name, "nine");
	assert_int_equal(d->type_frames[HO_TYPE_L1], 2);
	assert_int_equal(d->frame_count, 2);
	assert_null(domtab_find(&pass.domains, 2));
}

/* Extents that are refused one by one: all are recorded, the walk goes on. */
static void every_conflict_is_found(void **state)
{
	const uint64_t words[] = {
		word_2m,
		frame_word(0x20001, 1, HO_TYPE_NORMAL),	/* double */
		frame_word(0x80, 1, HO_TYPE_NORMAL),	/* low */
		frame_word(REGION_BASE >> 12, 1, HO_TYPE_NORMAL),
		frame_word(0x7ffff, 2, HO_TYPE_NORMAL),	/* past RAM */
		frame_word(1ull << 36, 1, HO_TYPE_NORMAL),
		frame_word(0x30000, 1, 8),
		frame_word(0x40000, 1, 15),
		frame_word((REGION_BASE >> 12) - 1, 2, HO_TYPE_NORMAL),
	};
	static const int codes[] = {
		HO_EDOUBLE, HO_ELOWMEM, HO_EINREGION, HO_ENOTRAM,
		HO_EFRAMEHIGH, HO_EFRAMETYPE, HO_EFRAMETYPE, HO_EINREGION,
	};
	uint32_t i;

	(void)state;
	walk_two_domains(words, ARRAY_COUNT(words), 512);
	stream_text_end(&s);
	assert_int_equal(machine_pass(&m, &s, &pass), -HO_EDOUBLE);
	assert_int_equal(m.diag.total, ARRAY_COUNT(codes));
	for (i = 0; i < ARRAY_COUNT(codes); i++)
		assert_int_equal(m.diag.items[i].code, codes[i]);
	assert_string_equal(m.diag.items[0].where,
			    "mfn 0x20001: domain 1 (one) and domain 1 (one)");
}

/* Neighbours are set as one run, but not into the region, nor from below it
 * to what lies behind. */
static void run_into_the_region(void **state)
{
	const uint64_t region = REGION_BASE >> 12;
	const uint64_t words[] = {
		frame_word(region - 16, 4, 0), frame_word(region - 12, 4, 0),
		frame_word(region - 8, 8, 0), frame_word(region, 1, 0),
		frame_word(region - 40, 8, 0), frame_word(region - 1, 600, 0),
	};

	(void)state;
	stream_text_domain(&s, 1, "one");
	stream_text_frames(&s, 1, words, ARRAY_COUNT(words));
	stream_text_domain_end(&s, 1, 24, ARRAY_COUNT(words));
	stream_text_end(&s);
	walk_expect(HO_EINREGION);
	assert_int_equal(m.diag.total, 2);
	assert_int_equal(pass.domains.domains[0].frame_count, 24);
}

/* Nor to what lies behind RAM, wherever in a row of them it ends. */
static void run_to_the_end_of_ram(void **state)
{
	uint64_t words[12];
	uint32_t good, i;

	(void)state;
	for (good = 1; good <= ARRAY_COUNT(words); good++) {
		for (i = 0; i < ARRAY_COUNT(words); i++)
			words[i] = frame_word(0x80000 - 2 * good + 2 * i, 2, 0);
		walk_teardown(NULL);
		walk_setup(NULL);
		stream_text_domain(&s, 1, "one");
		stream_text_frames(&s, 1, words, ARRAY_COUNT(words));
		stream_text_domain_end(&s, 1, 2 * good, ARRAY_COUNT(words));
		stream_text_end(&s);
		walk_expect(good < ARRAY_COUNT(words) ? HO_ENOTRAM : 0);
		assert_int_equal(m.diag.total, ARRAY_COUNT(words) - good);
		assert_int_equal(pass.domains.domains[0].frame_count, 2 * good);
	}
}

/* The window around an extent begins at 1 MiB, where RAM begins below. */
static void run_from_below(void **state)
{
	const uint64_t words[] = { frame_word(0x100, 4, 0),
				   frame_word(0xfc, 4, 0) };

	(void)state;
	m.blob.memory_count = 1;
	m.blob.memory[0] = (struct range){ 0, GIB };
	stream_text_domain(&s, 1, "one");
	stream_text_frames(&s, 1, words, 2);
	stream_text_domain_end(&s, 1, 4, 2);
	stream_text_end(&s);
	walk_expect(HO_ELOWMEM);
}

static void domid_unknown(void **state)
{
	(void)state;
	stream_text_frames(&s, 1, &word_2m, 1);
	walk_expect(HO_EDOMID);
}

static void domid_out_of_range(void **state)
{
	(void)state;
	stream_text_domain(&s, HO_DOMID_COUNT, "one");
	walk_expect(HO_EDOMID);
}

static void domid_twice(void **state)
{
	(void)state;
	walk_two_domains(&word_2m, 1, 512);
	stream_text_domain(&s, 1, "again");
	walk_expect(HO_EDOMDUP);
}

static void frames_after_the_end(void **state)
{
	(void)state;
	walk_two_domains(&word_2m, 1, 512);
	stream_text_frames(&s, 1, &word_2m, 1);
	walk_expect(HO_ERECORDER);
}

static void domain_not_closed(void **state)
{
	(void)state;
	stream_text_domain(&s, 1, "one");
	stream_text_end(&s);
	walk_expect(HO_ERECORDER);
}

static void domain_inside_domain(void **state)
{
	(void)state;
	stream_text_domain(&s, 1, "one");
	stream_text_domain(&s, 2, "two");
	walk_expect(HO_ERECORDER);
}

static void totals_of_a_domain(void **state)
{
	(void)state;
	walk_two_domains(&word_2m, 1, 513);
	walk_expect(HO_ETOTALS);
}

static void extents_of_a_domain(void **state)
{
	(void)state;
	stream_text_domain(&s, 1, "one");
	stream_text_frames(&s, 1, &word_2m, 1);
	stream_text_domain_end(&s, 1, 512, 2);
	stream_text_end(&s);
	walk_expect(HO_ETOTALS);
}

static void many_domains(void **state)
{
	char name[16];
	uint32_t i;

	(void)state;
	for (i = 0; i < 3000; i++) {
		uint64_t word = frame_word(0x20000 + 2 * i, 1,
					   HO_TYPE_NORMAL);

		snprintf(name, sizeof(name), "d%u", i);
		stream_text_domain(&s, i, name);
		stream_text_frames(&s, i, &word, 1);
		stream_text_domain_end(&s, i, 1, 1);
	}
	stream_text_end(&s);
	assert_int_equal(machine_pass(&m, &s, &pass), 0);
	assert_int_equal(pass.domains.count, 3000);
	assert_string_equal(domtab_find(&pass.domains, 17)->name, "d17");
	assert_int_equal(domtab_find(&pass.domains, 17)->frame_count, 1);
}

static void region_exhausted(void **state)
{
	uint64_t words[5000];
	uint32_t i;

	(void)state;
	machine_teardown(&m);
	machine_setup(&m, 64 * GIB, 4 * MIB);
	for (i = 0; i < ARRAY_COUNT(words); i++)
		words[i] = frame_word(0x100000 + 512 * 512 * (i % 60) +
				      512 * (i / 60) + 1 + i % 3, 1,
				      HO_TYPE_NORMAL);
	/* eat the region up to its last page */
	while (m.region.room_bytes - m.region.used_bytes > 20 * 4096)
		region_page(&m.region);
	walk_two_domains(words, ARRAY_COUNT(words), ARRAY_COUNT(words));
	walk_expect(HO_EFULL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, walk_setup, walk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(good_stream), T(every_conflict_is_found),
		T(run_into_the_region), T(run_to_the_end_of_ram),
		T(run_from_below), T(domid_unknown), T(domid_out_of_range),
		T(domid_twice), T(frames_after_the_end),
		T(domain_not_closed), T(domain_inside_domain),
		T(totals_of_a_domain), T(extents_of_a_domain), T(many_domains),
		T(region_exhausted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
