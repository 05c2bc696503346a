// SPDX-License-Identifier: MIT
/*
 * test_xen_translated.c - what xl save writes of a translated guest, which has
 * no page tables of its own: runs of pages, sent or in place.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include "testsave.h"

/* A translated guest: xl lists what it has not, too, whole records of it. */
#define GFNS	(3 * 1024)
#define FIRST	1000			/* of 40 that it has */
#define HAS	40

static uint64_t gfn_word(int gfn, bool all, uint64_t type)
{
	if (!all || (gfn >= FIRST && gfn < FIRST + HAS))
		return gfn | type << 60;
	return gfn | 0xfull << 60;
}

/* all: as xl writes it; else as xl restore is given it. */
static void put_gfns(bool all, uint64_t type)
{
	int first, i, from, to;

	for (first = 0; first < GFNS; first += 1024) {
		from = all || first > FIRST ? first : FIRST;
		to = all || first + 1024 < FIRST + HAS ? first + 1024
						       : FIRST + HAS;
		uint32_t head[4] = { 1, 8 + 8 * (to - from), to - from, 0 };

		if (from >= to)
			continue;
		for (i = from; i < to && !type; i++)
			head[1] += gfn_word(i, all, 0) >> 60 ? 0 : PAGE_BYTES;
		fake_save_put(&save, head, sizeof(head));
		for (i = from; i < to; i++) {
			uint64_t word = gfn_word(i, all, type);

			fake_save_put(&save, &word, 8);
		}
		for (i = from; i < to && !type; i++)
			if (!(gfn_word(i, all, 0) >> 60))
				fake_save_put(&save, pages[i % PAGES],
					      PAGE_BYTES);
	}
}

static void make_hvm(bool all, uint64_t type)
{
	save_setup(NULL);
	save.bytes[domain_at] = 2;
	save.used = page_record_at;
	put_gfns(all, type);
	fake_save_record(&save, 9, pages[1], 24); /* HVM_CONTEXT */
	fake_save_record(&save, 0, NULL, 0);
	fake_save_record(&save, 3, pages[2], 40); /* EMULATOR_CONTEXT */
	fake_save_record(&save, 0, NULL, 0);
}

static int read_gfns(void *context, const uint64_t *gfns,
		     const uint8_t *kinds, uint32_t count, uint8_t *out,
		     struct diag_log *d)
{
	uint32_t i;

	(void)context, (void)d;
	for (i = 0; i < count; i++) {
		assert_int_equal(kinds[i], 0);
		memcpy(out + i * PAGE_BYTES, pages[gfns[i] % PAGES],
		       PAGE_BYTES);
	}
	return 0;
}

static void translated(void **state)
{
	size_t length;
	char *out;

	(void)state;
	source = (struct xen_pages){ .read = read_gfns };
	make_hvm(true, 0);
	assert_int_equal(save_strip(save.used), 0);
	assert_true(saved.hvm);
	assert_int_equal(saved.page_count, HAS);
	assert_int_equal(saved.absent_count, GFNS - HAS);
	assert_int_equal(saved.types[FIRST], 0);
	assert_int_equal(saved.types[FIRST - 1], 0xf);
	/* two records, a run in each */
	assert_int_equal(save_inflate(&out, &length), 0);
	make_hvm(false, 0);
	assert_true(saved.length == save.used - HAS * (PAGE_BYTES + 8) + 2 * 8);
	save_same(out, length);
	/* what a back end has written meanwhile */
	pages[FIRST % PAGES][5] ^= 1;
	make_hvm(false, 0);
	assert_int_equal(save_inflate(&out, &length), 0);
	save_same(out, length);
	saved.bytes[saved.length - 40] ^= 1;
	assert_int_equal(save_inflate(&out, &length), -HO_EDIGEST);
	free(out);
	xen_saved_free(&saved);
}

/* None of its pages is sent. */
static void translated_in_place(void **state)
{
	size_t length;
	char *out;

	(void)state;
	source = (struct xen_pages){ .read = read_gfns, .in_place = true };
	make_hvm(true, STAYS);
	assert_int_equal(save_strip(save.used), 0);
	assert_int_equal(saved.stays_count, HAS);
	assert_int_equal(save_inflate(&out, &length), 0);
	assert_int_equal(source.sent, 0);
	make_hvm(false, STAYS);
	save_same(out, length);
	xen_saved_free(&saved);
}

static void runs_of_another_length(void **state)
{
	size_t length, i;
	char *out;

	(void)state;
	source = (struct xen_pages){ .read = read_gfns };
	make_hvm(true, 0);
	assert_int_equal(save_strip(save.used), 0);
	/* 1024 pages are all that a record has: bits 48..59 of its word */
	for (i = 0; i < 2; i++) {
		saved.bytes[page_record_at + 16 + 6] = 0xff;
		saved.bytes[page_record_at + 16 + 7] = i ? 0x0f : 0x03;
		assert_int_equal(save_inflate(&out, &length),
				 i ? -HO_EXENSTREAM : -HO_EDIGEST);
		free(out);
	}
	xen_saved_free(&saved);
}

#define T(f) cmocka_unit_test_setup(f, save_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(translated), T(translated_in_place),
		T(runs_of_another_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
