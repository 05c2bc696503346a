// SPDX-License-Identifier: MIT
/*
 * test_ptcheck.c - page tables made by hand: a good tree of all levels, and one
 * wrong entry per rule; what is counted, and what is not looked at.
 */
#include "cmocka_all.h"
#include "ptcheck.h"
#include "testmachine.h"

/* The guest: tables at 0x20000.., ordinary frames at 0x21000.. */
#define L4	0x20000ull
#define L3	0x20001ull
#define L2	0x20002ull
#define L1	0x20010ull		/* and the 3 behind it */
#define PAGES	0x21000ull
#define SHARED	0x22000ull		/* of domain 2 */
#define FOREIGN	0x22100ull		/* of domain 2 */

#define P	1ull
#define W	2ull
#define PS	0x80ull

static struct machine m;
static struct stream_text s;
static struct pass pass;
static struct frametable_view view;
static struct ptcheck_work work;
static uint64_t tables[0x14][512];	/* L4..L1+3 */
static uint64_t unreadable;

static const uint64_t *map(void *context, uint64_t mfn)
{
	assert_ptr_equal(context, &m);
	assert_in_range(mfn, L4, L4 + 0x13);
	return mfn == unreadable ? NULL : tables[mfn - L4];
}

static void set(uint64_t table, uint32_t index, uint64_t mfn, uint64_t flags)
{
	tables[table - L4][index] = mfn << 12 | flags;
}

static int setup(void **state)
{
	const uint64_t one[] = {
		frame_word(L4, 1, HO_TYPE_L4 | HO_TYPE_PINNED),
		frame_word(L3, 1, HO_TYPE_L3), frame_word(L2, 1, HO_TYPE_L2),
		frame_word(L1, 4, HO_TYPE_L1),
		frame_word(PAGES, 2048, HO_TYPE_NORMAL),
	};
	const uint64_t two[] = {
		frame_word(SHARED, 1, HO_TYPE_SHARED),
		frame_word(FOREIGN, 1, HO_TYPE_NORMAL),
	};
	uint32_t i;

	(void)state;
	machine_setup(&m, GIB, 16 * MIB);
	stream_text_begin(&s);
	stream_text_pv(&s, 1, "one");
	stream_text_frames(&s, 1, one, 5);
	stream_text_domain_end(&s, 1, 7 + 2048, 5);
	stream_text_domain(&s, 2, "two");
	stream_text_frames(&s, 2, two, 2);
	stream_text_domain_end(&s, 2, 2, 2);
	stream_text_end(&s);
	assert_int_equal(machine_pass(&m, &s, &pass), 0);
	frametable_view(&pass.ft, &m.blob, &view);
	assert_int_equal(pass.typed_frames, 7);
	memset(tables, 0, sizeof(tables));
	unreadable = 0;
	set(L4, 0, L3, P | W);
	set(L4, 260, 0x7ffff, P | W | PS);	/* Xen's own */
	set(L3, 511, L2, P | W);
	for (i = 0; i < 4; i++)
		set(L2, i, L1 + i, P | W);
	for (i = 0; i < 2048; i++)
		set(L1 + i / 512, i % 512, PAGES + i, P | W);
	set(L1, 7, L2, P);			/* a table, read-only */
	set(L1, 8, SHARED, P | W);
	set(L1, 9, FOREIGN, W);			/* not present */
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stream_text_free(&s);
	machine_teardown(&m);
	return 0;
}

static int run(void)
{
	diag_init(&m.diag, HO_STAGE_PASS);
	return ptcheck_run(&pass, &view, map, &m, &work, &m.diag);
}

static void good(void **state)
{
	(void)state;
	assert_int_equal(run(), 0);
	assert_int_equal(work.tables, 7);
	assert_int_equal(work.entries, 1 + 1 + 4 + 2047);
}

/* One entry is this; its violation names the place. */
static void wrong(uint64_t table, uint32_t index, uint64_t mfn,
		  uint64_t flags, int code, const char *where)
{
	uint64_t was = tables[table - L4][index];

	set(table, index, mfn, flags);
	assert_int_equal(run(), -code);
	assert_int_equal(m.diag.total, 1);
	assert_non_null(strstr(m.diag.items[0].where, where));
	assert_int_equal(work.tables, 7);
	tables[table - L4][index] = was;
}

static void hostile(void **state)
{
	(void)state;
	wrong(L1, 3, FOREIGN, P, HO_EPTOWNER,
	      "domain 1 L1 table mfn 0x20010 entry 3: 0x22100001");
	wrong(L1 + 3, 511, 0x30000, P, HO_EPTOWNER, "entry 511");
	wrong(L1, 0, L4, P | W, HO_EPTFLAGS, "L1 table");
	wrong(L1, 0, 1ull << 38, P, HO_EPTFLAGS, "L1 table");
	wrong(L2, 9, PAGES, P | W, HO_EPTLEVEL, "L2 table");
	wrong(L2, 9, SHARED, P, HO_EPTOWNER, "L2 table");
	wrong(L2, 9, PAGES, P | W | PS, HO_EPTFLAGS, "L2 table");
	wrong(L3, 0, L3, P, HO_EPTLEVEL, "L3 table");	/* itself */
	wrong(L3, 0, L4, P, HO_EPTLEVEL, "L3 table");	/* a loop */
	wrong(L3, 0, L1, P, HO_EPTLEVEL, "L3 table");
	wrong(L3, 0, PAGES, P | PS, HO_EPTFLAGS, "L3 table");
	wrong(L4, 511, L4, P, HO_EPTLEVEL, "L4 table");	/* self-map */
	wrong(L4, 255, L2, P, HO_EPTLEVEL, "entry 255");
	wrong(L4, 272, 0x7ffff, P, HO_EPTOWNER, "entry 272");
	assert_int_equal(run(), 0);
}

static void all_are_recorded(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 512; i++)
		set(L1 + 2, i, FOREIGN, P);
	assert_int_equal(run(), -HO_EPTOWNER);
	assert_int_equal(m.diag.total, 512);
	assert_int_equal(m.diag.kept, DIAG_KEPT);
}

static void cannot_be_read(void **state)
{
	(void)state;
	unreadable = L1 + 2;
	assert_int_equal(run(), -HO_EINTERNAL);
}

/* More typed extents than one page lists; spans of 2 MiB take no short cut. */
static void many(void **state)
{
	static uint64_t words[700];
	uint32_t i;

	(void)state;
	stream_text_free(&s);
	machine_teardown(&m);
	machine_setup(&m, 4 * GIB, 16 * MIB);
	for (i = 0; i < 700; i++)
		words[i] = frame_word(0x20000 + 1024 * i, 512, i % 7 == 0
				      ? HO_TYPE_L2 | HO_TYPE_PINNED : 0);
	stream_text_begin(&s);
	stream_text_pv(&s, 1, "one");
	stream_text_frames(&s, 1, words, 700);
	stream_text_domain_end(&s, 1, 700 * 512, 700);
	stream_text_end(&s);
	assert_int_equal(machine_pass(&m, &s, &pass), 0);
	assert_int_equal(pass.typed_frames, 100 * 512);
	for (i = 0; i < 700; i++)
		words[i] = frame_word(0x20000 + 2 * i, 1, HO_TYPE_L1);
	stream_text_free(&s);
	stream_text_begin(&s);
	stream_text_pv(&s, 1, "one");
	stream_text_frames(&s, 1, words, 700);
	stream_text_domain_end(&s, 1, 700, 700);
	stream_text_end(&s);
	region_init(&m.region, &m.blob, (struct range){ 0, 0 },
		    m.region.bias, &m.diag);
	assert_int_equal(machine_pass(&m, &s, &pass), 0);
	assert_int_equal(pass.typed_frames, 700);
	assert_int_equal(pass.typed->count, 700 % TYPED_PER_PAGE);
	assert_non_null(pass.typed->before->before);
}

/* Types are the writer's to keep: of a process they are no tables. */
static void only_pv(void **state)
{
	uint64_t word = frame_word(0x30000, 8, HO_TYPE_L1);

	(void)state;
	stream_text_free(&s);
	stream_text_begin(&s);
	stream_text_domain(&s, 1, "one");
	stream_text_frames(&s, 1, &word, 1);
	stream_text_domain_end(&s, 1, 8, 1);
	stream_text_end(&s);
	region_init(&m.region, &m.blob, (struct range){ 0, 0 },
		    m.region.bias, &m.diag);
	assert_int_equal(machine_pass(&m, &s, &pass), 0);
	assert_int_equal(pass.typed_frames, 0);
	assert_int_equal(pass.domains.domains[0].type_frames[HO_TYPE_L1], 8);
	assert_int_equal(run(), 0);
	assert_int_equal(work.tables, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(good), T(hostile), T(all_are_recorded), T(cannot_be_read),
		T(many), T(only_pv),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
