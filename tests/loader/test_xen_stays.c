// SPDX-License-Identifier: MIT
/*
 * test_xen_stays.c - what xl save writes of a guest whose pages stay where they
 * are: copied after all, and taken in place.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include "testsave.h"

static int setup_stays(void **state)
{
	stays = true;
	save_setup(state);
	stays = false;
	source = (struct xen_pages){ .read = save_read_pages };
	return 0;
}

/* Copied after all: as if it had been saved with its contents. */
static void stays_and_copied(void **state)
{
	size_t length;
	char *out;

	(void)state;
	assert_int_equal(save_strip(save.used), 0);
	assert_int_equal(saved.page_count, PAGES - 1);
	assert_int_equal(saved.stays_count, 2);
	assert_int_equal(saved.types[0], 0);
	assert_int_equal(saved.start_info, START_INFO);
	assert_true(saved.length == save.used - 3 * PAGE_BYTES);
	assert_int_equal(save_inflate(&out, &length), 0);
	save_setup(state);
	save_same(out, length);
	assert_int_equal(source.sent, PAGES - 1);
	xen_saved_free(&saved);
}

static uint64_t word_of(const char *out, int record, int i)
{
	const char *at = out + page_record_at;
	uint64_t word;
	uint32_t length;

	for (; record; record--) {
		memcpy(&length, at + 4, 4);
		at += 8 + length;
	}
	memcpy(&word, at + 16 + 8 * i, 8);
	return word;
}

/* Tables, start_info, and nothing else; that one as it was when saved. */
static void in_place(void **state)
{
	static struct xen_start_info info = { .pfn = START_INFO };
	size_t length, tail;
	char *out;

	(void)state;
	memset(info.page, 0x5e, PAGE_BYTES);
	assert_int_equal(save_strip(save.used), 0);
	source.in_place = true;
	source.start_info = &info;
	assert_int_equal(save_inflate(&out, &length), 0);
	assert_int_equal(source.sent, 4);
	assert_int_equal(length, save.used + PAGE_BYTES);
	assert_true(word_of(out, 0, 0) == STAYS << 60);
	assert_true(word_of(out, 0, 1) == (1 | 12ull << 60));
	assert_true(word_of(out, 0, 2) == (2 | 1ull << 60));
	assert_true(word_of(out, 1, 0) == (3 | 0xfull << 60));
	assert_true(word_of(out, 1, 1) == START_INFO);
	assert_memory_equal(out + page_record_at + 16 + 24, pages[1],
			    PAGE_BYTES);
	/* the last record's: start_info, then a table; then all that is left */
	tail = save.used - (page_record_at + 2 * 40 + 3 * PAGE_BYTES);
	assert_memory_equal(out + length - tail - 2 * PAGE_BYTES, info.page,
			    PAGE_BYTES);
	assert_memory_equal(out + length - tail - PAGE_BYTES, pages[5],
			    PAGE_BYTES);
	assert_memory_equal(out + length - tail, save.bytes + save.used - tail,
			    tail);
	free(out);
	/* a table that is not as it was */
	source.sent = 0;
	pages[2][7] ^= 1;
	assert_int_equal(save_inflate(&out, &length), -HO_EDIGEST);
	assert_int_equal(length, save.used + PAGE_BYTES - 8);
	pages[2][7] ^= 1;
	free(out);
	xen_saved_free(&saved);
}

/* What an older collect has saved: no digest of what is not read. */
static void in_place_of_contents(void **state)
{
	size_t length;
	char *out;

	save_setup(state);
	assert_int_equal(save_strip(save.used), 0);
	source.in_place = true;
	assert_int_equal(save_inflate(&out, &length), 0);
	assert_int_equal(source.sent, 4);
	assert_int_equal(length, save.used - PAGE_BYTES);
	free(out);
	xen_saved_free(&saved);
}

static FILE *written;
static long written_before;

/* How much had xl been told when the last page was read? */
static int note_when(void *context, const uint64_t *pfns,
		     const uint8_t *kinds, uint32_t count, uint8_t *out,
		     struct diag_log *d)
{
	written_before = ftell(written);
	return save_read_pages(context, pfns, kinds, count, out, d);
}

/* Once xl knows of a page its frame may be the guest's. */
static void read_beforehand(void **state)
{
	size_t length;
	char *out;

	(void)state;
	assert_int_equal(save_strip(save.used), 0);
	source = (struct xen_pages){ .read = note_when, .in_place = true };
	written = open_memstream(&out, &length);
	assert_int_equal(xen_stream_inflate(saved.bytes, saved.length,
					    saved.digest, &source, written,
					    &diag), 0);
	fclose(written);
	assert_in_range(written_before, 1, page_record_at);
	free(out);
	xen_saved_free(&saved);
}

static void in_place_cut_off(void **state)
{
	(void)state;
	source.in_place = true;
	save_cut_off();
}

#define T(f) cmocka_unit_test_setup(f, setup_stays)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(stays_and_copied), T(in_place), T(in_place_of_contents),
		T(read_beforehand), T(in_place_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
