// SPDX-License-Identifier: MIT
/*
 * test_pass.c - the one pass: totals, and a hand-made bad stream per code.
 */
#include <stdio.h>

#include "cmocka_all.h"
#include "digest.h"
#include "testmachine.h"

static struct machine m;
static struct stream_text s;
static struct pass pass;

static int setup(void **state)
{
	(void)state;
	machine_setup(&m, 2 * GIB, 16 * MIB);
	stream_text_begin(&s);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stream_text_free(&s);
	machine_teardown(&m);
	return 0;
}

static const uint64_t word_2m = 0x20000ull | 511ull << HO_FRAME_COUNT_SHIFT;

/* Two good domains; the extents of the first are given. */
static void two_domains(const uint64_t *words, uint32_t count,
			uint64_t frames)
{
	uint64_t other = frame_word(0x1000, 2, HO_TYPE_L1);

	stream_text_domain(&s, 1, "one");
	stream_text_frames(&s, 1, words, count);
	stream_text_domain_end(&s, 1, frames, count);
	stream_text_domain(&s, 9, "nine");
	stream_text_frames(&s, 9, &other, 1);
	stream_text_domain_end(&s, 9, 2, 1);
}

static void good_stream(void **state)
{
	const struct ho_domain *d;

	(void)state;
	two_domains(&word_2m, 1, 512);
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
	two_domains(words, ARRAY_COUNT(words), 512);
	stream_text_end(&s);
	assert_int_equal(machine_pass(&m, &s, &pass), -HO_EDOUBLE);
	assert_int_equal(m.diag.total, ARRAY_COUNT(codes));
	for (i = 0; i < ARRAY_COUNT(codes); i++)
		assert_int_equal(m.diag.items[i].code, codes[i]);
	assert_string_equal(m.diag.items[0].where,
			    "mfn 0x20001: domain 1 (one) and domain 1 (one)");
}

static void expect(int code)
{
	assert_int_equal(machine_pass(&m, &s, &pass), -code);
	assert_int_equal(machine_error(&m), code);
}

static void truncated(void **state)
{
	size_t whole, at;

	(void)state;
	two_domains(&word_2m, 1, 512);
	stream_text_end(&s);
	whole = s.length;
	for (at = 0; at < whole; at += 3) {
		s.length = at;
		expect(HO_ESTREAMTRUNC);
		teardown(NULL);
		setup(NULL);
		two_domains(&word_2m, 1, 512);
		stream_text_end(&s);
	}
}

static void header(void **state)
{
	(void)state;
	stream_text_end(&s);
	s.bytes[8] ^= 1;
	expect(HO_ESTREAMMAGIC);
	diag_init(&m.diag, HO_STAGE_PASS);
	s.bytes[8] ^= 1;
	s.bytes[15]++;
	expect(HO_ESTREAMVERSION);
	diag_init(&m.diag, HO_STAGE_PASS);
	s.bytes[15]--;
	s.bytes[16]++;
	expect(HO_ERESERVED);
}

static void trailing(void **state)
{
	(void)state;
	stream_text_end(&s);
	stream_text_raw(&s, "12345678", 8);
	expect(HO_ETRAILING);
}

static void wrong_digest(void **state)
{
	(void)state;
	two_domains(&word_2m, 1, 512);
	stream_text_end(&s);
	s.bytes[s.length - 32] ^= 1;
	expect(HO_EDIGEST);
}

/* A damaged byte fails the group it is in; every byte but END is in one. */
static void digest_of_a_group(void **state)
{
	size_t first, second;

	(void)state;
	stream_text_domain(&s, 1, "one");
	stream_text_frames(&s, 1, &word_2m, 1);
	stream_text_domain_end(&s, 1, 512, 1);
	stream_text_digest(&s, 0);
	first = s.length;
	stream_text_domain(&s, 2, "two");
	stream_text_domain_end(&s, 2, 0, 0);
	stream_text_digest(&s, first);
	second = s.length;
	stream_text_end(&s);
	expect(0);
	diag_init(&m.diag, HO_STAGE_PASS);
	s.bytes[first + 8 + 8] ^= 1;		/* uuid of the second */
	expect(HO_EDIGEST);
	assert_non_null(strstr(m.diag.items[0].where, ".."));
	s.bytes[first + 8 + 8] ^= 1;
	s.length = second;
	s.records = 8;
	stream_text_domain(&s, 3, "three");
	stream_text_domain_end(&s, 3, 0, 0);
	stream_text_end(&s);
	diag_init(&m.diag, HO_STAGE_PASS);
	expect(HO_EDIGEST);
	assert_non_null(strstr(m.diag.items[0].where, "behind the last"));
}

/* DIGEST stands behind VERSION or a domain, once, and nowhere else. */
static void digest_of_nothing_else(void **state)
{
	(void)state;
	stream_text_digest(&s, 0);
	stream_text_end(&s);
	expect(0);
}

static void digest_inside_a_domain(void **state)
{
	(void)state;
	stream_text_domain(&s, 1, "one");
	stream_text_digest(&s, 0);
	expect(HO_ERECORDER);
}

static void digest_twice(void **state)
{
	size_t first;

	(void)state;
	two_domains(&word_2m, 1, 512);
	stream_text_digest(&s, 0);
	first = s.length;
	stream_text_digest(&s, first);
	expect(HO_ERECORDER);
}

static void padding(void **state)
{
	(void)state;
	stream_text_record(&s, HO_REC_OPTIONAL | 0x77, "?", 1);
	s.bytes[s.length - 1] = 1;
	stream_text_end(&s);
	expect(HO_ERESERVED);
}

static void unused_digest(void **state)
{
	struct ho_rec_end e = { .record_count = s.records, .digest[31] = 1 };

	(void)state;
	stream_text_record(&s, HO_REC_END, &e, sizeof(e));
	expect(HO_ERESERVED);
}

static void unknown_record(void **state)
{
	(void)state;
	stream_text_record(&s, 0x77, NULL, 0);
	stream_text_end(&s);
	expect(HO_ERECTYPE);
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
	expect(HO_EINREGION);
	assert_int_equal(m.diag.total, 2);
	assert_int_equal(pass.domains.domains[0].frame_count, 24);
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
	expect(HO_ELOWMEM);
}

static void version_not_first(void **state)
{
	struct ho_rec_version v = { .version = 1 };

	(void)state;
	stream_text_record(&s, HO_REC_VERSION, &v, sizeof(v));
	expect(HO_ERECORDER);
}

static void frames_length(void **state)
{
	uint32_t body[8] = { 1, 0 };	/* no extents */

	(void)state;
	stream_text_domain(&s, 1, "one");
	stream_text_record(&s, HO_REC_FRAMES, body, 8);
	expect(HO_ERECLEN);
}

static void frames_do_not_fit(void **state)
{
	uint32_t body[8] = { 1, 0x10000001 };	/* * 16 wraps in 32 bits */

	(void)state;
	stream_text_domain(&s, 1, "one");
	stream_text_record(&s, HO_REC_FRAMES, body, 24);
	expect(HO_ERECLEN);
}

static void record_too_long(void **state)
{
	struct ho_rec rec = { HO_REC_STATE, HO_REC_MAX_BYTES + 1 };

	(void)state;
	stream_text_raw(&s, &rec, sizeof(rec));
	expect(HO_ERECLEN);
}

static void domid_unknown(void **state)
{
	(void)state;
	stream_text_frames(&s, 1, &word_2m, 1);
	expect(HO_EDOMID);
}

static void domid_out_of_range(void **state)
{
	(void)state;
	stream_text_domain(&s, HO_DOMID_COUNT, "one");
	expect(HO_EDOMID);
}

static void domid_twice(void **state)
{
	(void)state;
	two_domains(&word_2m, 1, 512);
	stream_text_domain(&s, 1, "again");
	expect(HO_EDOMDUP);
}

static void frames_after_the_end(void **state)
{
	(void)state;
	two_domains(&word_2m, 1, 512);
	stream_text_frames(&s, 1, &word_2m, 1);
	expect(HO_ERECORDER);
}

static void domain_not_closed(void **state)
{
	(void)state;
	stream_text_domain(&s, 1, "one");
	stream_text_end(&s);
	expect(HO_ERECORDER);
}

static void domain_inside_domain(void **state)
{
	(void)state;
	stream_text_domain(&s, 1, "one");
	stream_text_domain(&s, 2, "two");
	expect(HO_ERECORDER);
}

static void totals_of_a_domain(void **state)
{
	(void)state;
	two_domains(&word_2m, 1, 513);
	expect(HO_ETOTALS);
}

static void extents_of_a_domain(void **state)
{
	(void)state;
	stream_text_domain(&s, 1, "one");
	stream_text_frames(&s, 1, &word_2m, 1);
	stream_text_domain_end(&s, 1, 512, 2);
	stream_text_end(&s);
	expect(HO_ETOTALS);
}

static void totals_of_the_stream(void **state)
{
	(void)state;
	s.records++;
	stream_text_end(&s);
	expect(HO_ETOTALS);
}

/* As long as the field: what reads it as a text would not stop there. */
static void name_without_end(void **state)
{
	struct ho_rec_domain d = { .domid = 1, .kind = HO_KIND_KVM };

	(void)state;
	memset(d.name, 'a', sizeof(d.name));
	stream_text_record(&s, HO_REC_DOMAIN, &d, sizeof(d));
	expect(HO_EDOMAIN);
}

static void names(void **state)
{
	static const char *const bad[] = { "", "a b", "../x", "a\n" };
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		stream_text_domain(&s, 1, bad[i]);
		expect(HO_EDOMAIN);
		teardown(NULL);
		setup(NULL);
	}
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
	two_domains(words, ARRAY_COUNT(words), ARRAY_COUNT(words));
	expect(HO_EFULL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(good_stream), T(every_conflict_is_found), T(truncated),
		T(header), T(trailing), T(wrong_digest), T(digest_of_a_group), T(unknown_record),
		T(digest_of_nothing_else), T(digest_inside_a_domain),
		T(digest_twice), T(run_into_the_region), T(run_from_below),
		T(extents_of_a_domain), T(name_without_end), T(padding),
		T(unused_digest),
		T(version_not_first), T(frames_length), T(frames_do_not_fit),
		T(record_too_long), T(domid_unknown), T(domid_out_of_range),
		T(domid_twice), T(frames_after_the_end), T(domain_not_closed),
		T(domain_inside_domain), T(totals_of_a_domain),
		T(totals_of_the_stream), T(names), T(many_domains),
		T(region_exhausted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
