// SPDX-License-Identifier: MIT
/*
 * bench.c - the pass at speed, each row beside a reference measured in the
 * same run. Memory is touched beforehand; every row runs RUNS times, the
 * median counts.
 *
 *   bench [-o results.json]
 *
 * References:
 *   memset   the same bytes of tables, cleared
 *   memcpy   the bytes read (frame words) and written (table entries)
 *   flat     a 32-byte page_info written for every frame of RAM, as a
 *            hypervisor's own frametable would be; measured over 16 GiB of
 *            RAM and scaled
 *   list     the in-use list: all ranges sorted, then a second pass
 *   writes   as many 8-byte writes as there are extents, each to an address of
 *            its own by chance, over as many bytes as the tables have: what the
 *            memory of this machine makes of such an order, without any work
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "digest.h"
#include "jsonout.h"
#include "pass.h"
#include "ptcheck.h"
#include "testmachine.h"

#define RUNS		9
#define ARENA_BYTES	(512ull << 20)
#define HASH_BYTES	(ARENA_BYTES / 2)
#define WORDS_MAX	(16u << 20)
#define REGION_AT	(8ull << 40)
#define RAM_END		(9ull << 40)
#define FLAT_GIB	16

struct bench {
	struct blob blob;
	struct region region;
	struct pass pass;
	struct diag_log diag;
	uint8_t *arena;
	uint8_t *other;			/* the same size, for references */
	uint64_t *words;
	struct stream_text stream;
	struct json_object *rows;
	double flat_frame_ns;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

struct times {
	double median, min, max;	/* seconds */
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static struct times measure(void (*f)(struct bench *), struct bench *b)
{
	double t[RUNS];
	int i;

	for (i = 0; i < RUNS; i++) {
		double start = now();

		f(b);
		t[i] = now() - start;
	}
	qsort(t, RUNS, sizeof(t[0]), by_value);
	return (struct times){ t[RUNS / 2], t[0], t[RUNS - 1] };
}

static uint8_t *touched(uint64_t bytes)
{
	uint8_t *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED) {
		perror("bench: mmap");
		exit(1);
	}
	/* the stub maps the region with large pages, too */
	madvise(at, bytes, MADV_HUGEPAGE);
	memset(at, 1, bytes);
	return at;
}

static void run_pass(struct bench *b)
{
	diag_init(&b->diag, HO_STAGE_PASS);
	region_init(&b->region, &b->blob, (struct range){ 0, 0 },
		    (uintptr_t)b->arena - REGION_AT, &b->diag);
	if (pass_run(&b->pass, &b->blob, &b->region, &b->diag)) {
		fprintf(stderr, "bench: %s\n", b->diag.items[0].where);
		exit(1);
	}
}

/* One domain, its words in records of 64,000. */
static void make_stream(struct bench *b, uint64_t count, uint64_t frames)
{
	uint64_t i;

	stream_text_free(&b->stream);
	stream_text_begin(&b->stream);
	stream_text_pv(&b->stream, 1, "bench");
	for (i = 0; i < count; i += 64000)
		stream_text_frames(&b->stream, 1, b->words + i,
				   count - i < 64000 ? count - i : 64000);
	stream_text_domain_end(&b->stream, 1, frames, count);
	stream_text_end(&b->stream);
	b->blob.stream = b->stream.bytes;
	b->blob.stream_bytes = b->stream.length;
}

static void shuffle(uint64_t *words, uint64_t count)
{
	uint64_t i;

	for (i = count - 1; i > 0; i--) {
		uint64_t j = ((uint64_t)random() << 31 ^ random()) % (i + 1);
		uint64_t word = words[i];

		words[i] = words[j];
		words[j] = word;
	}
}

static void add_row(struct bench *b, const char *name, double value,
		    const char *unit, const char *reference,
		    double reference_value, double budget, bool ok,
		    struct times t)
{
	struct json_object *o = json_object_new_object();
	double ratio = value ? reference_value / value : 0;

	json_text(o, "name", name);
	json_object_object_add(o, "value", json_object_new_double(value));
	json_text(o, "unit", unit);
	json_text(o, "reference", reference);
	json_object_object_add(o, "reference_value",
			       json_object_new_double(reference_value));
	json_object_object_add(o, "ratio", json_object_new_double(ratio));
	json_object_object_add(o, "budget", json_object_new_double(budget));
	json_flag(o, "ok", ok);
	json_u64(o, "runs", RUNS);
	json_object_object_add(o, "min", json_object_new_double(t.min));
	json_object_object_add(o, "max", json_object_new_double(t.max));
	json_object_array_add(b->rows, o);
	printf("%-46s %9.3f %-4s %-24s %9.3f %8.1fx %8.3f %s\n", name, value,
	       unit, reference, reference_value, ratio, budget,
	       ok ? "" : "OVER");
	fflush(stdout);
}

static void write_flat(struct bench *b)
{
	uint64_t frames = (uint64_t)FLAT_GIB << 18, i;
	struct page_info {
		uint64_t list[2], owner, type;
	} *page = (struct page_info *)b->other;

	for (i = 0; i < frames; i++) {
		page[i] = (struct page_info){ { i, i + 1 }, 1, i & 7 };
		__asm__ volatile("" : : : "memory");
	}
}

static uint64_t list_count;

static int by_word(const void *a, const void *b)
{
	uint64_t x = frame_word_mfn(*(const uint64_t *)a);
	uint64_t y = frame_word_mfn(*(const uint64_t *)b);

	return x < y ? -1 : x > y;
}

/* Sort all ranges, look for overlaps, then look each up once more. */
static void sorted_list(struct bench *b)
{
	uint64_t *list = (uint64_t *)b->other, i, overlaps = 0;

	memcpy(list, b->words, 8 * list_count);
	qsort(list, list_count, 8, by_word);
	for (i = 1; i < list_count; i++)
		overlaps += frame_word_mfn(list[i]) <
			    frame_word_mfn(list[i - 1]) +
			    frame_word_pages(list[i - 1]);
	for (i = 0; i < list_count; i++)
		overlaps += !bsearch(&b->words[i], list, list_count, 8,
				     by_word);
	if (overlaps)
		exit(1);
}

static uint64_t copy_bytes;

static void copy(struct bench *b)
{
	memcpy(b->other, b->arena, copy_bytes);
	__asm__ volatile("" : : "r"(b->other) : "memory");
}

static uint64_t write_count, write_bytes;

/* Where the next one goes depends on no memory, so they overlap. */
static void random_writes(struct bench *b)
{
	uint64_t *at = (uint64_t *)b->other, state = 1, i;
	uint64_t words = write_bytes / 8;

	for (i = 0; i < write_count; i++) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		at[(uint64_t)((unsigned __int128)state * words >> 64)] = i;
		__asm__ volatile("" : : : "memory");
	}
}

/* The row before it, once more, for each `part` of it: 1.5 times what `reference`
 * takes is the goal. Both in ns a part. */
static void beside(struct bench *b, const char *name, const char *part,
		   double ns, const char *reference, double limit,
		   struct times t)
{
	char text[80];

	snprintf(text, sizeof(text), "%s, %s", name, part);
	add_row(b, text, ns, "ns", reference, limit, 1.5 * limit,
		ns <= 1.5 * limit, t);
}

/* `value`: ns an extent. */
static void beside_writes(struct bench *b, const char *name, uint64_t count,
			  double value, struct times t)
{
	write_count = count;
	write_bytes = b->region.used_bytes;
	beside(b, name, "an extent", value, "random writes",
	       measure(random_writes, b).median * 1e9 / count, t);
}

static uint64_t clear_bytes;

static void clear(struct bench *b)
{
	memset(b->arena, 0, clear_bytes);
}

/* By the tables that it took, beside no more than to clear as many. */
static void beside_clearing(struct bench *b, const char *name, struct times t)
{
	uint64_t tables = b->pass.ft.work.tables;

	clear_bytes = tables * 4096;
	beside(b, name, "a table", t.median * 1e9 / tables, "tables cleared",
	       measure(clear, b).median * 1e9 / tables, t);
}

enum order { SORTED, ALTERNATING, RANDOM };

/* Spans of 2 MiB over `gib` GiB: sorted, so that neighbours join; sorted with
 * two types in turn, so that they do not; in random order. */
/* Returns its milliseconds. */
static double spans(struct bench *b, uint64_t gib, enum order order)
{
	static const char *const names[] = { "sorted", "sorted, two types",
					     "random" };
	bool is_random = order == RANDOM;
	uint64_t count = gib * 512, i;
	double budget = (is_random ? 4.0 : 2.0) * gib / 1024, value, ms;
	char name[64];
	struct times t;

	for (i = 0; i < count; i++)
		b->words[i] = frame_word((i + 512) * 512, 512,
					 order == ALTERNATING && i & 1 ? 7 : 0);
	if (is_random)
		shuffle(b->words, count);
	make_stream(b, count, count * 512);
	t = measure(run_pass, b);
	value = ms = t.median * 1e3;
	snprintf(name, sizeof(name), "%llu GiB on 2 MiB pages, %s",
		 (unsigned long long)gib, names[order]);
	add_row(b, name, value, "ms", "flat page_info",
		b->flat_frame_ns * gib * 262144 / 1e6, budget,
		value <= budget, t);
	if (is_random)
		beside_writes(b, name, count, ms * 1e6 / count, t);
	snprintf(name, sizeof(name), "%llu GiB on 2 MiB pages, memory",
		 (unsigned long long)gib);
	if (is_random) {
		value = b->region.used_bytes / 1048576.0;
		add_row(b, name, value, "MiB", "flat page_info",
			gib * 262144 * 32 / 1048576.0, 8.0 * gib / 1024,
			value <= 8.0 * gib / 1024, t);
	}
	return ms;
}

/* Every frame an extent of its own, over 64 GiB. */
static void small_frames(struct bench *b, bool is_random)
{
	uint64_t count = WORDS_MAX, i;
	struct times t, c;
	double value;

	for (i = 0; i < count; i++)
		b->words[i] = frame_word(0x40000 + i, 1, 0);
	if (is_random)
		shuffle(b->words, count);
	make_stream(b, count, count);
	t = measure(run_pass, b);
	copy_bytes = count * 16;	/* words read, entries written */
	c = measure(copy, b);
	value = t.median * 1e9 / count;
	add_row(b, is_random ? "64 GiB in 4 KiB extents, random"
			     : "64 GiB in 4 KiB extents, sorted",
		value, "ns", "memcpy of the bytes", c.median * 1e9 / count,
		is_random ? 40 : 3, value <= (is_random ? 40 : 3), t);
	if (is_random)
		beside_writes(b, "64 GiB in 4 KiB extents, random", count,
			      value, t);
}

static void isolated(struct bench *b)
{
	double first = 0, last = 0, value;
	uint64_t count, i, step;
	struct times t, l;
	char name[64];

	for (count = 1000; count <= 1024000; count *= 4) {
		step = (1ull << 28) / count;
		for (i = 0; i < count; i++)
			b->words[i] = frame_word(0x40000 + i * step +
						 random() % (step - 1), 1, 0);
		shuffle(b->words, count);
		make_stream(b, count, count);
		t = measure(run_pass, b);
		list_count = count;
		l = measure(sorted_list, b);
		value = t.median * 1e9 / count;
		last = t.median / count;
		if (count == 16000)
			first = last;
		snprintf(name, sizeof(name), "%llu isolated frames in 1 TiB",
			 (unsigned long long)count);
		add_row(b, name, value, "ns", "sorted list, twice",
			l.median * 1e9 / count, 40, value <= 40, t);
		beside_writes(b, name, count, value, t);
		if (count < 16000)
			beside_clearing(b, name, t);
	}
	/* from 16,000 (all tables are there) to 1 million: 64 times */
	printf("growth: %.2f times the time per extent from 16,000 to 1,024,000\n",
	       last / first);
	value = b->region.used_bytes / 1048576.0;
	add_row(b, "1024000 isolated frames, memory", value, "MiB",
		"4 KiB table each", 524288 * 4096.0 / 1048576, 80,
		value <= 80, t);
}

/* Page tables of 1 GiB of PV guest, L1 upwards, all entries present; each
 * frame is shown as the stub's window does, without the TLB. */
#define PV_L1		512
#define PV_TABLES	(PV_L1 + 3)
#define PV_FIRST	0x100000ull	/* mfn of the first table */
#define PV_PAGES	0x200000ull	/* mfn of the first ordinary frame */

static uint64_t (*pv_tables)[512];
static struct ptcheck_work pv_work;

static const uint64_t *show_table(void *context, uint64_t mfn)
{
	(void)context;
	return pv_tables[mfn - PV_FIRST];
}

static void check_tables(struct bench *b)
{
	struct frametable_view view;

	frametable_view(&b->pass.ft, &b->blob, &view);
	if (ptcheck_run(&b->pass, &view, show_table, NULL, &pv_work,
			&b->diag)) {
		fprintf(stderr, "bench: %s\n", b->diag.items[0].where);
		exit(1);
	}
}

static void page_tables(struct bench *b)
{
	uint64_t entries, i;
	struct times t, r;
	double value;

	pv_tables = (void *)touched(PV_TABLES * 4096ull);
	memset(pv_tables, 0, PV_TABLES * 4096ull);
	for (i = 0; i < PV_L1 * 512; i++)
		pv_tables[i / 512][i % 512] = (PV_PAGES + i) << 12 | 7;
	for (i = 0; i < PV_L1; i++)
		pv_tables[PV_L1][i] = (PV_FIRST + i) << 12 | 7;
	pv_tables[PV_L1 + 1][0] = (PV_FIRST + PV_L1) << 12 | 7;
	pv_tables[PV_L1 + 2][0] = (PV_FIRST + PV_L1 + 1) << 12 | 7;
	b->words[0] = frame_word(PV_FIRST, PV_L1, HO_TYPE_L1);
	b->words[1] = frame_word(PV_FIRST + PV_L1, 1, HO_TYPE_L2);
	b->words[2] = frame_word(PV_FIRST + PV_L1 + 1, 1, HO_TYPE_L3);
	b->words[3] = frame_word(PV_FIRST + PV_L1 + 2, 1, HO_TYPE_L4 |
				 HO_TYPE_PINNED);
	b->words[4] = frame_word(PV_PAGES, PV_L1 * 512, 0);
	make_stream(b, 5, PV_TABLES + PV_L1 * 512);
	run_pass(b);
	t = measure(check_tables, b);
	entries = pv_work.entries;
	value = t.median * 1e9 / entries;
	copy_bytes = PV_TABLES * 4096ull;
	r = measure(copy, b);
	add_row(b, "PV page tables, an entry", value, "ns",
		"memcpy of the tables", r.median * 1e9 / entries, 20,
		value <= 20, t);
	/* every entry somewhere else: a guest of scattered frames */
	for (i = 0; i < PV_L1 * 512; i++)
		b->words[4 + i] = frame_word(PV_PAGES + 17 * i, 1, 0);
	for (i = 0; i < PV_L1 * 512; i++)
		pv_tables[i / 512][i % 512] =
			(PV_PAGES + 17 * (i * 40503 % (PV_L1 * 512))) << 12 | 7;
	make_stream(b, 4 + PV_L1 * 512, PV_TABLES + PV_L1 * 512);
	run_pass(b);
	t = measure(check_tables, b);
	value = t.median * 1e9 / entries;
	add_row(b, "the same, scattered", value, "ns", "memcpy of the tables",
		r.median * 1e9 / entries, 20, value <= 20, t);
}

static uint32_t hash_alg;

static void hash(struct bench *b)
{
	uint8_t out[HO_DIGEST_BYTES];

	digest_of(hash_alg, b->arena, HASH_BYTES, out);
}

/* GB/s beside memcpy; then what a kernel and initrd of 64 MiB cost, beside
 * the ownership pass over 1 TiB: the share of the stub's time. */
static void digests(struct bench *b, double pass_ms)
{
	static const struct {
		uint32_t alg;
		const char *name;
		double budget;
	} algs[] = {
		{ HO_DIGEST_XXH64, "digest of streams (XXH64)", 1 },
		{ HO_DIGEST_SHA256, "digest of blob, images (SHA-256)", 0.25 },
	};
	double gbs = 0, memcpy_gbs;
	struct times t;
	uint32_t i;

	copy_bytes = HASH_BYTES;
	t = measure(copy, b);
	memcpy_gbs = HASH_BYTES / t.median / 1e9;
	for (i = 0; i < ARRAY_COUNT(algs); i++) {
		hash_alg = algs[i].alg;
		t = measure(hash, b);
		gbs = HASH_BYTES / t.median / 1e9;
		add_row(b, algs[i].name, gbs, "GB/s", "memcpy", memcpy_gbs,
			algs[i].budget, gbs >= algs[i].budget, t);
	}
	add_row(b, "64 MiB of images, SHA-256", 67.1 / gbs, "ms",
		"pass over 1 TiB, 2 MiB", pass_ms, 270, 67.1 / gbs <= 270, t);
}

static void setup(struct bench *b)
{
	struct times t;

	b->arena = touched(ARENA_BYTES);
	b->other = touched(ARENA_BYTES);
	b->words = (uint64_t *)touched(WORDS_MAX * 8ull);
	b->blob.memory_count = 1;
	b->blob.memory[0] = (struct range){ 0x100000, RAM_END };
	b->blob.region_count = 1;
	b->blob.region[0] = (struct range){ REGION_AT,
					    REGION_AT + ARENA_BYTES };
	b->blob.stub.place = (struct range){ REGION_AT + (2 << 20),
					     REGION_AT + (2ull << 20) + 4096 };
	b->rows = json_object_new_array();
	t = measure(write_flat, b);
	b->flat_frame_ns = t.median * 1e9 / ((uint64_t)FLAT_GIB << 18);
	printf("flat page_info: %.2f ns a frame, %.0f ms for 1 TiB\n\n",
	       b->flat_frame_ns, b->flat_frame_ns * 268435456 / 1e6);
	printf("%-46s %14s %-24s %9s %9s %8s\n", "case", "value    ",
	       "reference", "", "ratio", "budget");
}

int main(int argc, char **argv)
{
	static struct bench b;
	const char *output = argc == 3 && !strcmp(argv[1], "-o") ? argv[2]
								 : NULL;
	double pass_ms;

	srandom(1);
	setup(&b);
	pass_ms = spans(&b, 1024, SORTED);
	spans(&b, 1024, ALTERNATING);
	spans(&b, 1024, RANDOM);
	spans(&b, 4096, SORTED);
	spans(&b, 4096, RANDOM);
	small_frames(&b, false);
	small_frames(&b, true);
	isolated(&b);
	page_tables(&b);
	digests(&b, pass_ms);
	if (output && json_object_to_file_ext(output, b.rows,
					      JSON_C_TO_STRING_PRETTY)) {
		perror(output);
		return 1;
	}
	json_object_put(b.rows);
	return 0;
}
