// SPDX-License-Identifier: MIT
/*
 * test_pass_stream.c - the one pass over a stream: its records and digests,
 * each code by one that is damaged by hand.
 */
#include "cmocka_all.h"
#include "digest.h"
#include "testwalk.h"

static void truncated(void **state)
{
	size_t whole, at;

	(void)state;
	walk_two_domains(&word_2m, 1, 512);
	stream_text_end(&s);
	whole = s.length;
	for (at = 0; at < whole; at += 3) {
		s.length = at;
		walk_expect(HO_ESTREAMTRUNC);
		walk_teardown(NULL);
		walk_setup(NULL);
		walk_two_domains(&word_2m, 1, 512);
		stream_text_end(&s);
	}
}

static void header(void **state)
{
	(void)state;
	stream_text_end(&s);
	s.bytes[8] ^= 1;
	walk_expect(HO_ESTREAMMAGIC);
	diag_init(&m.diag, HO_STAGE_PASS);
	s.bytes[8] ^= 1;
	s.bytes[15]++;
	walk_expect(HO_ESTREAMVERSION);
	diag_init(&m.diag, HO_STAGE_PASS);
	s.bytes[15]--;
	s.bytes[16]++;
	walk_expect(HO_ERESERVED);
}

static void trailing(void **state)
{
	(void)state;
	stream_text_end(&s);
	stream_text_raw(&s, "12345678", 8);
	walk_expect(HO_ETRAILING);
}

static void wrong_digest(void **state)
{
	(void)state;
	walk_two_domains(&word_2m, 1, 512);
	stream_text_end(&s);
	s.bytes[s.length - 32] ^= 1;
	walk_expect(HO_EDIGEST);
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
	walk_expect(0);
	diag_init(&m.diag, HO_STAGE_PASS);
	s.bytes[first + 8 + 8] ^= 1;		/* uuid of the second */
	walk_expect(HO_EDIGEST);
	assert_non_null(strstr(m.diag.items[0].where, ".."));
	s.bytes[first + 8 + 8] ^= 1;
	s.length = second;
	s.records = 8;
	stream_text_domain(&s, 3, "three");
	stream_text_domain_end(&s, 3, 0, 0);
	stream_text_end(&s);
	diag_init(&m.diag, HO_STAGE_PASS);
	walk_expect(HO_EDIGEST);
	assert_non_null(strstr(m.diag.items[0].where, "behind the last"));
}

/* DIGEST stands behind VERSION or a domain, once, and nowhere else. */
static void digest_of_nothing_else(void **state)
{
	(void)state;
	stream_text_digest(&s, 0);
	stream_text_end(&s);
	walk_expect(0);
}

static void digest_inside_a_domain(void **state)
{
	(void)state;
	stream_text_domain(&s, 1, "one");
	stream_text_digest(&s, 0);
	walk_expect(HO_ERECORDER);
}

static void digest_twice(void **state)
{
	size_t first;

	(void)state;
	walk_two_domains(&word_2m, 1, 512);
	stream_text_digest(&s, 0);
	first = s.length;
	stream_text_digest(&s, first);
	walk_expect(HO_ERECORDER);
}

static void padding(void **state)
{
	(void)state;
	stream_text_record(&s, HO_REC_OPTIONAL | 0x77, "?", 1);
	s.bytes[s.length - 1] = 1;
	stream_text_end(&s);
	walk_expect(HO_ERESERVED);
}

static void unused_digest(void **state)
{
	struct ho_rec_end e = { .record_count = s.records, .digest[31] = 1 };

	(void)state;
	stream_text_record(&s, HO_REC_END, &e, sizeof(e));
	walk_expect(HO_ERESERVED);
}

static void unknown_record(void **state)
{
	(void)state;
	stream_text_record(&s, 0x77, NULL, 0);
	stream_text_end(&s);
	walk_expect(HO_ERECTYPE);
}

static void version_not_first(void **state)
{
	struct ho_rec_version v = { .version = 1 };

	(void)state;
	stream_text_record(&s, HO_REC_VERSION, &v, sizeof(v));
	walk_expect(HO_ERECORDER);
}

static void frames_length(void **state)
{
	uint32_t body[8] = { 1, 0 };	/* no extents */

	(void)state;
	stream_text_domain(&s, 1, "one");
	stream_text_record(&s, HO_REC_FRAMES, body, 8);
	walk_expect(HO_ERECLEN);
}

static void frames_do_not_fit(void **state)
{
	uint32_t body[8] = { 1, 0x10000001 };	/* * 16 wraps in 32 bits */

	(void)state;
	stream_text_domain(&s, 1, "one");
	stream_text_record(&s, HO_REC_FRAMES, body, 24);
	walk_expect(HO_ERECLEN);
}

static void record_too_long(void **state)
{
	struct ho_rec rec = { HO_REC_STATE, HO_REC_MAX_BYTES + 1 };

	(void)state;
	stream_text_raw(&s, &rec, sizeof(rec));
	walk_expect(HO_ERECLEN);
}

static void totals_of_the_stream(void **state)
{
	(void)state;
	s.records++;
	stream_text_end(&s);
	walk_expect(HO_ETOTALS);
}

/* As long as the field: what reads it as a text would not stop there. */
static void name_without_end(void **state)
{
	struct ho_rec_domain d = { .domid = 1, .kind = HO_KIND_KVM };

	(void)state;
	memset(d.name, 'a', sizeof(d.name));
	stream_text_record(&s, HO_REC_DOMAIN, &d, sizeof(d));
	walk_expect(HO_EDOMAIN);
}

static void names(void **state)
{
	static const char *const bad[] = { "", "a b", "../x", "a\n" };
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		stream_text_domain(&s, 1, bad[i]);
		walk_expect(HO_EDOMAIN);
		walk_teardown(NULL);
		walk_setup(NULL);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, walk_setup, walk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(truncated), T(header), T(trailing), T(wrong_digest),
		T(digest_of_a_group), T(digest_of_nothing_else),
		T(digest_inside_a_domain), T(digest_twice), T(padding),
		T(unused_digest), T(unknown_record), T(version_not_first),
		T(frames_length), T(frames_do_not_fit), T(record_too_long),
		T(totals_of_the_stream), T(name_without_end), T(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
