// SPDX-License-Identifier: MIT
/*
 * test_xen_stream.c - what xl save writes, made by hand: out of it and back
 * into it byte for byte, every place to cut it off, and a bad stream for each
 * reason to refuse one. Also page tables made canonical.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmocka_all.h"

#include <xen/xen.h>

#include "xen_stream.h"

#define PAGE		4096
#define PAGES		6
#define BATCH		3
#define START_INFO	4
#define STAYS		0xeull

static uint8_t stream[512 * 1024], pages[PAGES][PAGE];
static size_t used, pv_info_at, page_record_at, domain_at;
static struct diag_log diag;
static struct xen_saved saved;
/* pfn 3 was ballooned out; 1 is a pinned L4, 2 an L1 */
static const uint64_t types[PAGES] = { 0, 12, 1, 0xf, 0, 9 };

static void put(const void *bytes, size_t length)
{
	if (length)
		memcpy(stream + used, bytes, length);
	used += length;
}

static void put_record(uint32_t type, const void *body, uint32_t length)
{
	const uint32_t head[2] = { type, length };
	const uint64_t zero = 0;

	put(head, sizeof(head));
	put(body, length);
	put(&zero, -length % 8);
}

/* Saved with xen/save.c: ordinary pages have no contents */
static bool stays;

static uint64_t type_of(int pfn)
{
	return stays && !types[pfn] ? STAYS : types[pfn];
}

static bool has_page(int pfn)
{
	return type_of(pfn) < 0xd;
}

static void put_pages(int first)
{
	uint32_t head[4] = { 1, 8 + 8 * BATCH, BATCH, 0 };
	int i;

	for (i = first; i < first + BATCH; i++)
		head[1] += has_page(i) ? PAGE : 0;
	put(head, sizeof(head));
	for (i = first; i < first + BATCH; i++) {
		uint64_t word = i | type_of(i) << 60;

		put(&word, 8);
	}
	for (i = first; i < first + BATCH; i++)
		if (has_page(i))
			put(pages[i], PAGE);
}

static void put_vcpu(void)
{
	static struct {
		uint32_t id, zero;
		vcpu_guest_context_t c;
	} vcpu = { .c = { .user_regs.rdx = START_INFO } };

	put_record(4, &vcpu, sizeof(vcpu));
}

static int setup(void **state)
{
	static const uint8_t config[16] = "{ \"name\": 1 }";
	static const uint32_t file_tail[4] = { 0x01020304, 0, 1, 16 };
	static const uint8_t libxl[16] = "LibxlFmt\0\0\0\2";
	static const uint8_t libxc[24] = "\377\377\377\377\377\377\377\377"
					 "XENF\0\0\0\3";
	static const uint32_t domain[4] = { 1, 12, 4, 17 };
	static const uint8_t pv_info[8] = { 8, 4 };
	int i, j;

	(void)state;
	used = 0;
	for (i = 0; i < PAGES; i++)
		for (j = 0; j < PAGE; j++)
			pages[i][j] = 37 * i + j;
	put("Xen saved domain, xl format\n \0 \r", 32);
	put(file_tail, sizeof(file_tail));
	put(config, sizeof(config));
	put(libxl, sizeof(libxl));
	put_record(1, NULL, 0);
	put(libxc, sizeof(libxc));
	domain_at = used;
	put(domain, sizeof(domain));
	pv_info_at = used + 8;
	put_record(2, pv_info, sizeof(pv_info));
	page_record_at = used;
	put_pages(0);
	put_pages(BATCH);
	put_record(7, pages[0], 13);		/* padded */
	put_vcpu();
	put_record(0, NULL, 0);
	put_record(0, NULL, 0);
	diag_init(&diag, HO_STAGE_LOADER);
	return 0;
}

static int strip(size_t length)
{
	FILE *in = fmemopen(stream, length, "r");
	int rc;

	diag_init(&diag, HO_STAGE_LOADER);
	rc = xen_stream_strip(in, &saved, &diag);
	fclose(in);
	assert_int_equal(!rc, !diag.total);
	return rc;
}

static void refused(void)
{
	assert_int_equal(strip(used), -HO_EXENSTREAM);
	assert_null(saved.bytes);
}

static int read_pages(void *context, const uint64_t *pfns,
		      const uint8_t *kinds, uint32_t count, uint8_t *out,
		      struct diag_log *d)
{
	uint32_t i;

	(void)context, (void)d;
	for (i = 0; i < count; i++) {
		assert_int_equal(kinds[i], types[pfns[i]]);
		memcpy(out + i * PAGE, pages[pfns[i]], PAGE);
	}
	return 0;
}

static struct xen_pages source = { .read = read_pages };

static int inflate(char **out, size_t *length)
{
	FILE *f = open_memstream(out, length);
	int rc;

	diag_init(&diag, HO_STAGE_LOADER);
	rc = xen_stream_inflate(saved.bytes, saved.length, saved.digest,
				&source, f, &diag);
	fclose(f);
	return rc;
}

static void there_and_back(void **state)
{
	size_t length;
	char *out;
	int i;

	(void)state;
	assert_int_equal(strip(used), 0);
	assert_int_equal(saved.page_count, PAGES - 1);
	assert_true(saved.length == used - (PAGES - 1) * PAGE);
	assert_int_equal(saved.bytes[page_record_at], 0x57);
	for (i = 0; i < PAGES; i++)
		assert_int_equal(saved.types[i], types[i]);
	assert_int_equal(saved.types[PAGES], XEN_PFN_NONE);
	assert_int_equal(inflate(&out, &length), 0);
	assert_int_equal(length, used);
	assert_memory_equal(out, stream, used);
	free(out);
	xen_saved_free(&saved);
}

/* The last record never comes, so that no reader takes it for whole. */
static void one_bit_is_not_the_same(void **state)
{
	size_t length;
	char *out;

	(void)state;
	assert_int_equal(strip(used), 0);
	pages[4][123] ^= 0x10;
	assert_int_equal(inflate(&out, &length), -HO_EDIGEST);
	assert_true(length == used - 8);
	free(out);
	pages[4][123] ^= 0x10;
	saved.bytes[saved.length - 40] ^= 1;	/* in what is no page */
	assert_int_equal(inflate(&out, &length), -HO_EDIGEST);
	free(out);
	xen_saved_free(&saved);
}

static void cut_off_anywhere(void **state)
{
	size_t length;

	(void)state;
	for (length = 1; length < used; length += length < 200 ? 1 : 97)
		assert_int_equal(strip(length), -HO_EXENSTREAM);
}

static void stripped_and_cut_off(void **state)
{
	uint64_t whole, shorter;
	size_t length;
	char *out;

	(void)state;
	assert_int_equal(strip(used), 0);
	whole = saved.length;
	for (shorter = 0; shorter < whole; shorter++) {
		saved.length = shorter;
		assert_int_not_equal(inflate(&out, &length), 0);
		free(out);
	}
	xen_saved_free(&saved);
}

static void bad_streams(void **state)
{
	static const uint32_t changes[] = { 0, 64, 88, 96 };
	uint32_t i, word = 0;

	for (i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		stream[changes[i]] ^= 0x40;	/* each magic in turn */
		refused();
		setup(state);
	}
	stream[domain_at] = 3;			/* Arm's */
	refused();
	setup(state);
	stream[pv_info_at] = 4;			/* 32 bits */
	refused();
	setup(state);
	memset(stream + page_record_at + 8, 0xff, 4);	/* too many pfns */
	refused();
	memcpy(stream + page_record_at + 8, &word, 4);	/* none */
	refused();
	setup(state);
	stream[page_record_at + 16] = 5;	/* comes again later */
	refused();
	setup(state);
	stream[page_record_at + 16 + 6] = 0x08;	/* far too high a pfn */
	refused();
	setup(state);
	stream[page_record_at + 5] ^= 0x10;	/* a page too many */
	refused();
	setup(state);
	stream[page_record_at - 9] = 0;		/* PV_INFO too long: 4 GiB */
	memset(stream + pv_info_at - 4, 0xff, 4);
	refused();
}

static int setup_stays(void **state)
{
	stays = true;
	setup(state);
	stays = false;
	source = (struct xen_pages){ .read = read_pages };
	return 0;
}

/* Copied after all: as if it had been saved with its contents. */
static void stays_and_copied(void **state)
{
	size_t length;
	char *out;

	(void)state;
	assert_int_equal(strip(used), 0);
	assert_int_equal(saved.page_count, PAGES - 1);
	assert_int_equal(saved.stays_count, 2);
	assert_int_equal(saved.types[0], 0);
	assert_int_equal(saved.start_info, START_INFO);
	assert_true(saved.length == used - 3 * PAGE);
	assert_int_equal(inflate(&out, &length), 0);
	setup(state);
	assert_int_equal(length, used);
	assert_memory_equal(out, stream, used);
	assert_int_equal(source.sent, PAGES - 1);
	free(out);
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
	memset(info.page, 0x5e, PAGE);
	assert_int_equal(strip(used), 0);
	source.in_place = true;
	source.start_info = &info;
	assert_int_equal(inflate(&out, &length), 0);
	assert_int_equal(source.sent, 4);
	assert_int_equal(length, used + PAGE);
	assert_true(word_of(out, 0, 0) == STAYS << 60);
	assert_true(word_of(out, 0, 1) == (1 | 12ull << 60));
	assert_true(word_of(out, 0, 2) == (2 | 1ull << 60));
	assert_true(word_of(out, 1, 0) == (3 | 0xfull << 60));
	assert_true(word_of(out, 1, 1) == START_INFO);
	assert_memory_equal(out + page_record_at + 16 + 24, pages[1], PAGE);
	/* the last record's: start_info, then a table; then all that is left */
	tail = used - (page_record_at + 2 * 40 + 3 * PAGE);
	assert_memory_equal(out + length - tail - 2 * PAGE, info.page, PAGE);
	assert_memory_equal(out + length - tail - PAGE, pages[5], PAGE);
	assert_memory_equal(out + length - tail, stream + used - tail, tail);
	free(out);
	/* a table that is not as it was */
	source.sent = 0;
	pages[2][7] ^= 1;
	assert_int_equal(inflate(&out, &length), -HO_EDIGEST);
	assert_int_equal(length, used + PAGE - 8);
	pages[2][7] ^= 1;
	free(out);
	xen_saved_free(&saved);
}

/* What an older collect has saved: no digest of what is not read. */
static void in_place_of_contents(void **state)
{
	size_t length;
	char *out;

	setup(state);
	assert_int_equal(strip(used), 0);
	source.in_place = true;
	assert_int_equal(inflate(&out, &length), 0);
	assert_int_equal(source.sent, 4);
	assert_int_equal(length, used - PAGE);
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
	return read_pages(context, pfns, kinds, count, out, d);
}

/* Once xl knows of a page its frame may be the guest's. */
static void read_beforehand(void **state)
{
	size_t length;
	char *out;

	(void)state;
	assert_int_equal(strip(used), 0);
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
	source.in_place = true;
	stripped_and_cut_off(state);
}

/* What an earlier release kept, a word a pfn: types 0x55, 0x56. */
static void kept_by_others(void **state)
{
	int type;

	(void)state;
	for (type = 0x55; type < 0x57; type++) {
		size_t length;
		char *out;

		assert_int_equal(strip(used), 0);
		saved.bytes[page_record_at] = type;
		saved.bytes[page_record_at + 16 + 24] = type;
		assert_int_equal(inflate(&out, &length), 0);
		assert_int_equal(length, used);
		assert_memory_equal(out, stream, used);
		free(out);
		xen_saved_free(&saved);
	}
}

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
			head[1] += gfn_word(i, all, 0) >> 60 ? 0 : PAGE;
		put(head, sizeof(head));
		for (i = from; i < to; i++) {
			uint64_t word = gfn_word(i, all, type);

			put(&word, 8);
		}
		for (i = from; i < to && !type; i++)
			if (!(gfn_word(i, all, 0) >> 60))
				put(pages[i % PAGES], PAGE);
	}
}

static void make_hvm(bool all, uint64_t type)
{
	setup(NULL);
	stream[domain_at] = 2;
	used = page_record_at;
	put_gfns(all, type);
	put_record(9, pages[1], 24);		/* HVM_CONTEXT */
	put_record(0, NULL, 0);
	put_record(3, pages[2], 40);		/* EMULATOR_CONTEXT */
	put_record(0, NULL, 0);
}

static int read_gfns(void *context, const uint64_t *gfns,
		     const uint8_t *kinds, uint32_t count, uint8_t *out,
		     struct diag_log *d)
{
	uint32_t i;

	(void)context, (void)d;
	for (i = 0; i < count; i++) {
		assert_int_equal(kinds[i], 0);
		memcpy(out + i * PAGE, pages[gfns[i] % PAGES], PAGE);
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
	assert_int_equal(strip(used), 0);
	assert_true(saved.hvm);
	assert_int_equal(saved.page_count, HAS);
	assert_int_equal(saved.absent_count, GFNS - HAS);
	assert_int_equal(saved.types[FIRST], 0);
	assert_int_equal(saved.types[FIRST - 1], 0xf);
	/* two records, a run in each */
	assert_int_equal(inflate(&out, &length), 0);
	make_hvm(false, 0);
	assert_true(saved.length == used - HAS * (PAGE + 8) + 2 * 8);
	assert_int_equal(length, used);
	assert_memory_equal(out, stream, used);
	free(out);
	pages[FIRST % PAGES][5] ^= 1;
	assert_int_equal(inflate(&out, &length), -HO_EDIGEST);
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
	assert_int_equal(strip(used), 0);
	assert_int_equal(saved.stays_count, HAS);
	assert_int_equal(inflate(&out, &length), 0);
	assert_int_equal(source.sent, 0);
	make_hvm(false, STAYS);
	assert_int_equal(length, used);
	assert_memory_equal(out, stream, used);
	free(out);
	xen_saved_free(&saved);
}

static void runs_of_another_length(void **state)
{
	size_t length, i;
	char *out;

	(void)state;
	source = (struct xen_pages){ .read = read_gfns };
	make_hvm(true, 0);
	assert_int_equal(strip(used), 0);
	/* 1024 pages are all that a record has: bits 48..59 of its word */
	for (i = 0; i < 2; i++) {
		saved.bytes[page_record_at + 16 + 6] = 0xff;
		saved.bytes[page_record_at + 16 + 7] = i ? 0x0f : 0x03;
		assert_int_equal(inflate(&out, &length),
				 i ? -HO_EXENSTREAM : -HO_EDIGEST);
		free(out);
	}
	xen_saved_free(&saved);
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

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(there_and_back), T(one_bit_is_not_the_same),
		T(cut_off_anywhere), T(stripped_and_cut_off), T(bad_streams),
		T(canonical_tables), T(kept_by_others), T(translated),
		T(translated_in_place), T(runs_of_another_length),
		cmocka_unit_test_setup(stays_and_copied, setup_stays),
		cmocka_unit_test_setup(in_place, setup_stays),
		cmocka_unit_test_setup(in_place_cut_off, setup_stays),
		cmocka_unit_test_setup(in_place_of_contents, setup_stays),
		cmocka_unit_test_setup(read_beforehand, setup_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
