// SPDX-License-Identifier: MIT
/*
 * test_xen_stream.c - what xl save writes: out of it and back into it byte for
 * byte, every place to cut it off, and a bad stream for each reason to refuse
 * one. Also page tables made canonical.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include "testsave.h"

static void there_and_back(void **state)
{
	size_t length;
	char *out;
	int i;

	(void)state;
	assert_int_equal(save_strip(save.used), 0);
	assert_int_equal(saved.page_count, PAGES - 1);
	assert_true(saved.length == save.used - (PAGES - 1) * PAGE_BYTES);
	assert_int_equal(saved.bytes[page_record_at], 0x57);
	for (i = 0; i < PAGES; i++)
		assert_int_equal(saved.types[i], types[i]);
	assert_int_equal(saved.types[PAGES], XEN_PFN_NONE);
	assert_int_equal(save_inflate(&out, &length), 0);
	save_same(out, length);
	xen_saved_free(&saved);
}

/* Dom0's back ends write into ordinary pages until the jump, and their guest goes on
 * with that. Of all else: the last record never comes, so that no reader takes it
 * for whole. */
static void one_bit_is_not_the_same(void **state)
{
	size_t length;
	char *out;

	(void)state;
	assert_int_equal(save_strip(save.used), 0);
	assert_int_equal(types[START_INFO], 0);
	pages[START_INFO][123] ^= 0x10;
	assert_int_equal(save_inflate(&out, &length), 0);
	assert_int_equal(length, save.used);
	assert_non_null(memmem(out, length, pages[START_INFO], PAGE_BYTES));
	free(out);
	pages[START_INFO][123] ^= 0x10;
	assert_int_equal(types[2], 1);
	pages[2][123] ^= 0x10;
	assert_int_equal(save_inflate(&out, &length), -HO_EDIGEST);
	assert_true(length == save.used - 8);
	free(out);
	pages[2][123] ^= 0x10;
	saved.bytes[saved.length - 40] ^= 1;	/* in what is no page */
	assert_int_equal(save_inflate(&out, &length), -HO_EDIGEST);
	free(out);
	xen_saved_free(&saved);
}

static void cut_off_anywhere(void **state)
{
	size_t length;

	(void)state;
	for (length = 1; length < save.used; length += length < 200 ? 1 : 97)
		assert_int_equal(save_strip(length), -HO_EXENSTREAM);
}

static void stripped_and_cut_off(void **state)
{
	(void)state;
	save_cut_off();
}

static void bad_streams(void **state)
{
	static const uint32_t changes[] = { 0, 64, 88, 96 };
	uint32_t i, word = 0;

	for (i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		save.bytes[changes[i]] ^= 0x40;	/* each magic in turn */
		save_refused();
		save_setup(state);
	}
	save.bytes[domain_at] = 3;			/* Arm's */
	save_refused();
	save_setup(state);
	save.bytes[pv_info_at] = 4;			/* 32 bits */
	save_refused();
	save_setup(state);
	memset(save.bytes + page_record_at + 8, 0xff, 4); /* too many pfns */
	save_refused();
	memcpy(save.bytes + page_record_at + 8, &word, 4);	/* none */
	save_refused();
	save_setup(state);
	save.bytes[page_record_at + 16] = 5;	/* comes again later */
	save_refused();
	save_setup(state);
	save.bytes[page_record_at + 16 + 6] = 0x08;	/* far too high a pfn */
	save_refused();
	save_setup(state);
	save.bytes[page_record_at + 5] ^= 0x10;	/* a page too many */
	save_refused();
	save_setup(state);
	save.bytes[page_record_at - 9] = 0; /* PV_INFO too long: 4 GiB */
	memset(save.bytes + pv_info_at - 4, 0xff, 4);
	save_refused();
}

/* What an earlier release kept, a word a pfn: types 0x55, 0x56. */
static void kept_by_others(void **state)
{
	int type;

	(void)state;
	for (type = 0x55; type < 0x57; type++) {
		size_t length;
		char *out;

		assert_int_equal(save_strip(save.used), 0);
		saved.bytes[page_record_at] = type;
		saved.bytes[page_record_at + 16 + 24] = type;
		assert_int_equal(save_inflate(&out, &length), 0);
		save_same(out, length);
		xen_saved_free(&saved);
	}
}

static uint64_t plus_one(void *context, uint64_t mfn)
{
	(void)context;
	return mfn == 0xbad ? ~0ull : mfn + 1;
}

static void canonical_tables(void **state)
{
	static uint64_t table[512];

	(void)state;
	table[0] = 0x8000000000123067ull;	/* flags stay */
	table[1] = 0x123066;			/* not present: as it is */
	table[256] = table[271] = 0xbad067;	/* Xen's, in an L4 */
	table[272] = 0x7067;
	assert_true(xen_table_canonical(table, 12, plus_one, NULL));
	assert_true(table[0] == 0x8000000000124067ull);
	assert_int_equal(table[1], 0x123066);
	assert_int_equal(table[256], 0);
	assert_int_equal(table[271], 0);
	assert_int_equal(table[272], 0x8067);
	table[256] = 0x7067;			/* an L1's own */
	assert_true(xen_table_canonical(table, 1, plus_one, NULL));
	assert_int_equal(table[256], 0x8067);
	table[300] = 0xbad001;
	assert_false(xen_table_canonical(table, 1, plus_one, NULL));
}

#define T(f) cmocka_unit_test_setup(f, save_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(there_and_back), T(one_bit_is_not_the_same),
		T(cut_off_anywhere), T(stripped_and_cut_off), T(bad_streams),
		T(kept_by_others), T(canonical_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
