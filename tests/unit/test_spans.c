// SPDX-License-Identifier: MIT
/*
 * test_spans.c - the pass's short cuts for many extents of 2 MiB, or of a page,
 * against a model that knows none: random lists of spans, runs and single pages
 * in any order, with and without one fault somewhere in them. Owner and type of every
 * frame must be the model's, and a fault must be the first error.
 */
#include <stdio.h>

#include "cmocka_all.h"
#include "testmachine.h"

#define SPANS		4096		/* of 2 MiB: 8 GiB of RAM */
#define FRAMES		(SPANS * 512ull)
#define EXTENTS_MAX	3000
#define ROUNDS		60

static struct machine m;
static struct pass pass;
static uint16_t model[FRAMES];		/* domid << 4 | type, 0: nobody */
static uint64_t words[EXTENTS_MAX];
static uint32_t count;

static bool is_free(uint64_t mfn, uint64_t pages)
{
	uint64_t at = mfn << HO_PAGE_SHIFT, i;
	struct range r = { at, at + (pages << HO_PAGE_SHIFT) };

	if (mfn < 0x100 || mfn + pages > FRAMES ||
	    range_overlaps(r, m.blob.region[0]))
		return false;
	for (i = 0; i < pages; i++)
		if (model[mfn + i])
			return false;
	return true;
}

static void add(uint64_t mfn, uint64_t pages, uint32_t type, uint32_t domid)
{
	uint64_t i;

	if (count == EXTENTS_MAX || !is_free(mfn, pages))
		return;
	for (i = 0; i < pages; i++)
		model[mfn + i] = domid << 4 | type;
	words[count++] = frame_word(mfn, pages, type);
}

/* Neighbours of one size in a row, one of which may be of another type. */
static void add_row(uint64_t mfn, uint32_t type, uint32_t domid)
{
	uint64_t pages = 1ull << random() % 10;
	uint32_t n = 2 + random() % 11, odd = random() % 24, i;

	for (i = 0; i < n; i++)
		add(mfn + i * pages, pages, i == odd ? type ^ 1 : type, domid);
}

/* Mostly spans, some with their neighbour, some larger, some small. */
static void fill(uint32_t domid, uint32_t tries)
{
	uint32_t type = HO_TYPE_NORMAL;

	while (tries--) {
		uint64_t span = random() % SPANS * 512ull;

		if (random() % 64 == 0)
			type = random() % 8;
		switch (random() % 16) {
		case 0:
			add(span + random() % 512, 1 + random() % 16, type,
			    domid);
			break;
		case 1:
			add(span, 1024, type, domid);
			break;
		case 2:
			add(span, 512, type, domid);
			add(span + 512, 512, type, domid);
			break;
		case 3:
			add(span, 512 - random() % 2, HO_TYPE_SHARED, domid);
			break;
		case 4:
			add_row(span, type, domid);
			break;
		default:
			add(span, 512, type, domid);
		}
	}
}

/* Mostly pages, so near each other that nodes become tables, some in a row. */
static void fill_pages(uint32_t domid, uint32_t tries)
{
	while (tries--) {
		uint64_t span = random() % 64 * 61 * 512ull;
		uint64_t mfn = span + random() % 512;
		uint32_t type = random() % 8 ? 0 : random() % 8;

		switch (random() % 16) {
		case 0:
			add(span + 512, 512, 0, domid);
			break;
		case 1:
			add(mfn, 1 + random() % 3, type, domid);
			break;
		case 2:
			add_row(mfn, type, domid);
			break;
		default:
			add(mfn, 1, type, domid);
		}
	}
}

static void write_domain(struct stream_text *s, uint32_t domid, uint32_t from)
{
	char name[16];
	uint64_t frames = 0;
	uint32_t i;

	snprintf(name, sizeof(name), "d%u", domid);
	for (i = from; i < count; i++)
		frames += frame_word_pages(words[i]);
	stream_text_domain(s, domid, name);
	if (count > from)
		stream_text_frames(s, domid, words + from, count - from);
	stream_text_domain_end(s, domid, frames, count - from);
}

static void compare(void)
{
	struct frametable_view view;
	struct frametable_span span;
	uint64_t mfn, owned = 0;

	frametable_view(&pass.ft, &m.blob, &view);
	for (mfn = 0; mfn < FRAMES; mfn++) {
		bool have = frametable_lookup(&view, mfn, &span);

		if (have != !!model[mfn] ||
		    (have && (span.domid != model[mfn] >> 4 ||
			      span.type != (model[mfn] & 15))))
			fail_msg("frame 0x%llx", (unsigned long long)mfn);
		owned += have;
	}
	assert_int_equal(owned, pass.frame_count);
}

static void begin(struct stream_text *s)
{
	machine_setup(&m, SPANS * 2 * MIB, 64 * MIB);
	memset(model, 0, sizeof(model));
	count = 0;
	stream_text_begin(s);
}

static void end(struct stream_text *s)
{
	stream_text_free(s);
	machine_teardown(&m);
}

static void as_the_model(void **state)
{
	struct stream_text s;
	uint32_t round, from;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		begin(&s);
		fill(1 + round % 7, random() % 800);
		fill_pages(1 + round % 7, random() % 1000);
		write_domain(&s, 1 + round % 7, 0);
		from = count;
		fill_pages(100, random() % 1000);
		fill(100, random() % 800);
		write_domain(&s, 100, from);
		stream_text_end(&s);
		assert_int_equal(machine_pass(&m, &s, &pass), 0);
		compare();
		end(&s);
	}
}

/* One extent among the good ones is wrong. */
static void one_fault(void **state)
{
	static const struct {
		int code;
		uint64_t span, page;	/* mfn */
		uint32_t type;
	} faults[] = {
		{ HO_EINREGION, (REGION_BASE + 2 * MIB) >> 12,
		  (REGION_BASE >> 12) + 3, 0 },
		{ HO_ENOTRAM, FRAMES, FRAMES, 0 },
		{ HO_ENOTRAM, FRAMES - 256, FRAMES + 256, 0 },
		{ HO_ELOWMEM, 0, 0xff, 0 },
		{ HO_EFRAMEHIGH, 1ull << 36, 1ull << 36, 0 },
		{ HO_EFRAMETYPE, 0, 0, 13 },
		{ HO_EDOUBLE, 0, 0, 0 },
	};
	struct stream_text s;
	uint32_t round, at;

	(void)state;
	for (round = 0; round < ROUNDS * 2; round++) {
		uint32_t i = round % ARRAY_COUNT(faults);

		begin(&s);
		if (round & 1)
			fill_pages(5, 1500);
		else
			fill(5, 1500);
		at = 1 + random() % (count - 1);
		if (faults[i].code == HO_EDOUBLE)
			words[at] = words[random() % at];
		else if (faults[i].code == HO_EFRAMETYPE)
			words[at] = frame_word(frame_word_mfn(words[at]),
					       frame_word_pages(words[at]),
					       faults[i].type);
		else
			words[at] = round & 1 ?
				frame_word(faults[i].page, 1, 0) :
				frame_word(faults[i].span, 512, 0);
		write_domain(&s, 5, 0);
		stream_text_end(&s);
		assert_int_equal(machine_pass(&m, &s, &pass),
				 -faults[i].code);
		assert_int_equal(machine_error(&m), faults[i].code);
		end(&s);
	}
}

static int by_mfn(const void *a, const void *b)
{
	uint64_t x = frame_word_mfn(*(const uint64_t *)a);
	uint64_t y = frame_word_mfn(*(const uint64_t *)b);

	return x < y ? -1 : x > y;
}

static void reverse(void)
{
	uint32_t i;

	for (i = 0; i < count / 2; i++) {
		uint64_t w = words[i];

		words[i] = words[count - 1 - i];
		words[count - 1 - i] = w;
	}
}

/* The pass over words[]: what it did, and not how long that took. */
static struct frametable_work work_of(void)
{
	struct stream_text s;

	machine_setup(&m, SPANS * 2 * MIB, 64 * MIB);
	stream_text_begin(&s);
	write_domain(&s, 1, 0);
	stream_text_end(&s);
	assert_int_equal(machine_pass(&m, &s, &pass), 0);
	end(&s);
	return pass.ft.work;
}

/* In any order: one entry a span of 2 MiB; one node and one run an isolated
 * frame; tables as the RAM has them, each linked once. */
static void expect_work(uint64_t entries, uint64_t nodes)
{
	struct frametable_work w[3];
	int i;

	w[0] = work_of();
	qsort(words, count, sizeof(words[0]), by_mfn);
	w[1] = work_of();
	reverse();
	w[2] = work_of();
	for (i = 0; i < 3; i++) {
		assert_int_equal(w[i].tables, 1 + 1 + 8);
		assert_int_equal(w[i].nodes, nodes);
		assert_int_equal(w[i].overflows, 0);
		assert_int_equal(w[i].entries, entries + 9);
	}
}

static void work_is_counted(void **state)
{
	uint32_t n;

	(void)state;
	for (n = 400; n <= 1600; n *= 2) {
		struct stream_text s;

		begin(&s);
		while (count < n) {
			uint64_t span = random() % SPANS;

			/* every other one: neighbours would be joined */
			if (span >= 256 && !(span & 1))
				add(span * 512, 512, 0, 1);
		}
		end(&s);
		expect_work(n, 0);
		for (count = 0; count < n; count++)
			words[count] = frame_word((256 + (SPANS - 256) *
						   count / n) * 512ull +
						  random() % 512, 1, 0);
		expect_work(2 * n, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(work_is_counted),
		cmocka_unit_test(as_the_model), cmocka_unit_test(one_fault),
	};

	srandom(4711);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
