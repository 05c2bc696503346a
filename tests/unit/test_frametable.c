// SPDX-License-Identifier: MIT
/*
 * test_frametable.c - the ownership table against a plain array of owners,
 * its counted work, and its readers on damaged tables.
 */
#include "cmocka_all.h"
#include "testmachine.h"

#define MODEL_FRAMES (4ull * 512 * 512)	/* 4 GiB */

static struct machine m;
static struct frametable ft;
static struct frametable_view view;

static int setup(void **state)
{
	(void)state;
	machine_setup(&m, 8 * GIB, 64 * MIB);
	assert_int_equal(frametable_init(&ft, &m.region), 0);
	frametable_view(&ft, &m.blob, &view);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	machine_teardown(&m);
	return 0;
}

static void leaves_at_every_level(void **state)
{
	struct frametable_span s;

	(void)state;
	/* 1 GiB + 2 MiB + 3 frames, from a GiB boundary */
	assert_int_equal(frametable_set(&ft, 0x40000, 0x40000 + 512 + 3, 7,
					HO_TYPE_NORMAL, NULL), 0);
	/* root, level 3, one level 2; a node for the 3 frames */
	assert_int_equal(ft.work.tables, 3);
	assert_int_equal(ft.work.nodes, 1);
	/* l4, l3 -> l2, 1 GiB leaf, 2 MiB leaf, node, run */
	assert_int_equal(ft.work.entries, 6);
	assert_true(frametable_lookup(&view, 0x40000, &s));
	assert_int_equal(s.domid, 7);
	assert_true(frametable_lookup(&view, 0x80000 + 512 + 2, &s));
	assert_false(frametable_lookup(&view, 0x80000 + 512 + 3, &s));
	assert_false(frametable_lookup(&view, 0x3ffff, &s));
	assert_false(frametable_lookup(&view, 1ull << 40, &s));
}

/* By one frame, at either end of what is there. */
static void overlaps_by_one(void **state)
{
	(void)state;
	assert_int_equal(frametable_set(&ft, 1034, 4, 1, HO_TYPE_NORMAL, NULL),
			 0);
	assert_int_equal(frametable_set(&ft, 1030, 5, 1, HO_TYPE_NORMAL, NULL),
			 -HO_EDOUBLE);
	assert_int_equal(frametable_set(&ft, 1037, 5, 1, HO_TYPE_NORMAL, NULL),
			 -HO_EDOUBLE);
	assert_int_equal(frametable_set(&ft, 1030, 4, 1, HO_TYPE_NORMAL, NULL),
			 0);
}

static void walk_merges_neighbours(void **state)
{
	struct frametable_walk w;
	struct frametable_span s;

	(void)state;
	frametable_set(&ft, 1000, 24, 1, HO_TYPE_NORMAL, NULL);
	frametable_set(&ft, 1024, 512, 1, HO_TYPE_NORMAL, NULL);
	frametable_set(&ft, 1536, 1, 1, HO_TYPE_NORMAL, NULL);
	frametable_set(&ft, 1537, 1, 1, HO_TYPE_L1, NULL);
	frametable_set(&ft, 1538, 1, 2, HO_TYPE_L1, NULL);
	w = frametable_walk(&view);
	assert_int_equal(frametable_next(&w, &s), 1);
	assert_int_equal(s.mfn, 1000);
	assert_int_equal(s.count, 537);
	assert_int_equal(frametable_next(&w, &s), 1);
	assert_int_equal(s.mfn, 1537);
	assert_int_equal(s.type, HO_TYPE_L1);
	assert_int_equal(frametable_next(&w, &s), 1);
	assert_int_equal(s.domid, 2);
	assert_int_equal(frametable_next(&w, &s), 0);
}

static void nodes_overflow_into_tables(void **state)
{
	struct frametable_span s;
	uint32_t i;

	(void)state;
	for (i = 0; i < 9; i++)
		assert_int_equal(frametable_set(&ft, 0x1000 + 2 * (8 - i), 1,
						3, HO_TYPE_NORMAL, NULL), 0);
	assert_int_equal(ft.work.overflows, 1);
	assert_int_equal(ft.work.nodes, 1);
	for (i = 0; i < 20; i++)
		assert_int_equal(frametable_lookup(&view, 0x1000 + i, &s),
				 i < 18 && i % 2 == 0);
}

static void runs_join(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 100; i++)
		assert_int_equal(frametable_set(&ft, 0x1000 + i, 1, 3,
						HO_TYPE_NORMAL, NULL), 0);
	for (i = 200; i > 100; i--)
		assert_int_equal(frametable_set(&ft, 0x1000 + i, 1, 3,
						HO_TYPE_NORMAL, NULL), 0);
	assert_int_equal(ft.work.overflows, 0);
	assert_int_equal(ft.work.nodes, 1);
}

static void occupy(void)
{
	uint32_t i;

	frametable_set(&ft, 0x40000, 0x40000, 7, HO_TYPE_NORMAL, NULL);
	frametable_set(&ft, 0x80200, 0x1f0, 8, HO_TYPE_NORMAL, NULL);
	frametable_set(&ft, 0x80605, 4, 9, HO_TYPE_NORMAL, NULL);
	frametable_set(&ft, 0x80e00, 512, 10, HO_TYPE_NORMAL, NULL);
	for (i = 0; i < 10; i++)	/* a table */
		frametable_set(&ft, 0x81000 + 32 * i, 1, 11, HO_TYPE_NORMAL,
			       NULL);
}

/* A second owner at each level, from above and from below. */
static void conflicts_are_named(void **state)
{
	static const struct {
		uint64_t mfn, count, at;
	} cases[] = {
		{ 0x40005, 1, 0x40005 },	/* inside a 1 GiB leaf */
		{ 0x40000, 0x40000, 0x40000 },	/* the same GiB */
		{ 0x80000, 0x40000, 0x80200 },	/* GiB over a 2 MiB leaf */
		{ 0x80200, 512, 0x80200 },	/* 2 MiB on itself */
		{ 0x80210, 3, 0x80210 },	/* inside a 2 MiB leaf */
		{ 0x80600, 512, 0x80605 },	/* 2 MiB over a run */
		{ 0x80600, 9, 0x80605 },	/* a run into a run */
		{ 0x80607, 9, 0x80607 },
		{ 0x803f0, 0x300, 0x80605 },	/* across spans */
		{ 0x80800, 0x800, 0x80e00 },	/* the last of four spans */
		{ 0x81101, 100, 0x81120 },	/* in the middle, in a table */
	};
	struct frametable_span s;
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		occupy();
		memset(&s, 0xff, sizeof(s));
		assert_int_equal(frametable_set(&ft, cases[i].mfn,
						cases[i].count, 1,
						HO_TYPE_NORMAL, &s),
				 -HO_EDOUBLE);
		assert_int_equal(s.mfn, cases[i].at);
		assert_int_equal(s.count, 1);
		/* what was set before the conflict belongs to domain 1 now;
		 * the run in the way does not */
		assert_int_not_equal(s.domid, 1);
		machine_teardown(&m);
		setup(NULL);
	}
}

static void beyond_the_address_width(void **state)
{
	(void)state;
	assert_int_equal(frametable_set(&ft, (1ull << 36) - 1, 1, 1,
					HO_TYPE_NORMAL, NULL), 0);
	assert_int_equal(frametable_set(&ft, (1ull << 36) - 1, 2, 1,
					HO_TYPE_NORMAL, NULL),
			 -HO_EFRAMEHIGH);
	assert_int_equal(frametable_set(&ft, ~0ull, 2, 1, HO_TYPE_NORMAL,
					NULL), -HO_EFRAMEHIGH);
}

/* The short ways, below and above where tables are found by one load. */
static void short_ways(void **state)
{
	static const uint64_t gibs[] = { 5, FRAMETABLE_NEAR_GIB - 1,
					 FRAMETABLE_NEAR_GIB, 70000 };
	struct frametable_span s;
	uint32_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(gibs); i++) {
		uint64_t at = gibs[i] << 18, end = at + (1 << 18), words[40];
		struct ho_domain d = { .domid = 9 };
		const uint8_t *bytes = (const uint8_t *)words;

		for (n = 0; n < 40; n++)
			words[n] = frame_word(at + (2 * n + 1) * 512, 512,
					      HO_TYPE_SHARED);
		/* there is no table yet */
		assert_int_equal(frametable_set_spans(&ft, bytes, 40, at, end,
						      &d), 0);
		assert_int_equal(frametable_set(&ft, at, 1, 8, HO_TYPE_NORMAL,
						NULL), 0);
		assert_int_equal(frametable_set_spans(&ft, bytes, 40, at, end,
						      &d), 40);
		for (n = 0; n < 40; n++)
			words[n] = frame_word(at + 1024 + 2 * n, 1, 0);
		words[30] = frame_word(at, 1, 0);	/* is taken */
		assert_int_equal(frametable_set_pages(&ft, bytes, 40, at, end,
						      &d), 30);
		assert_int_equal(frametable_set_pages(&ft, bytes + 248, 9, at,
						      at + 1024 + 2 * 35, &d),
				 4);
		assert_int_equal(d.frame_count, 40 * 512 + 34);
		assert_int_equal(d.type_frames[HO_TYPE_SHARED], 40 * 512);
		assert_int_equal(d.type_frames[HO_TYPE_NORMAL], 34);
		for (n = 0; n < 40; n++) {
			assert_int_equal(frametable_lookup(&view, at + 1024 +
							   2 * n, &s),
					 n < 35 && n != 30);
			assert_false(frametable_lookup(&view, at + 1025 + 2 * n,
						       &s));
			assert_true(frametable_lookup(&view, at + 512 *
						      (2 * n + 2) - 1, &s));
			assert_int_equal(s.type, HO_TYPE_SHARED);
			assert_int_equal(s.domid, 9);
		}
	}
}

static void full_region(void **state)
{
	uint64_t mfn;
	int rc = 0;

	(void)state;
	machine_teardown(&m);
	machine_setup(&m, 8 * GIB, 4 * MIB + 8 * 4096);
	/* not 2 MiB-aligned: only region_init sees it; 8 pages are left and
	 * 511 before the stub */
	assert_int_equal(frametable_init(&ft, &m.region), 0);
	for (mfn = 0; !rc && mfn < 1ull << 36; mfn += 1 << 18)
		rc = frametable_set(&ft, mfn, 512, 1, HO_TYPE_NORMAL, NULL);
	assert_int_equal(rc, -HO_EFULL);
}

/* Random extents of 1..n frames at all alignments against an array. */
static void random_against_a_model(void **state)
{
	static uint8_t owner[MODEL_FRAMES];
	struct frametable_walk w;
	struct frametable_span s;
	uint64_t i, total = 0, walked = 0;
	int rc;

	(void)state;
	memset(owner, 0, sizeof(owner));
	srandom(20261123);
	for (i = 0; i < 20000; i++) {
		uint64_t mfn = random() % MODEL_FRAMES, j;
		uint64_t max = 1ull << random() % 13;
		uint64_t count = 1 + random() % max;
		uint8_t dom = 1 + random() % 5;
		bool taken = false;

		if (i % 7 == 0)
			mfn &= ~511ull;
		if (mfn + count > MODEL_FRAMES)
			continue;
		for (j = 0; j < count; j++)
			taken |= owner[mfn + j] != 0;
		if (taken)
			continue;	/* a refused set may be partial */
		assert_int_equal(frametable_set(&ft, mfn, count, dom,
						HO_TYPE_NORMAL, &s), 0);
		memset(owner + mfn, dom, count);
		total += count;
	}
	for (i = 0; i < MODEL_FRAMES; i++) {
		bool owned = frametable_lookup(&view, i, &s);

		assert_int_equal(owned ? s.domid : 0, owner[i]);
	}
	w = frametable_walk(&view);
	while ((rc = frametable_next(&w, &s)) > 0)
		walked += s.count;
	assert_int_equal(rc, 0);
	assert_int_equal(walked, total);
	assert_true(ft.work.overflows > 0);
}

/* Readers trust no entry. */
static void damaged_tables(void **state)
{
	uint64_t *root = region_va(&m.region, ft.root);
	static const uint64_t bad[] = {
		HO_FT_TABLE | 0x1000,			/* outside */
		HO_FT_RUNS | REGION_BASE,		/* wrong level */
		HO_FT_LEAF | 1ull << 30,		/* reserved bit */
		1ull << 20,				/* empty, not zero */
	};
	struct frametable_walk w;
	struct frametable_span s;
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		root[0] = bad[i];
		w = frametable_walk(&view);
		assert_int_equal(frametable_next(&w, &s), -HO_EBLOBTREE);
		assert_false(frametable_lookup(&view, 5, &s));
	}
	root[0] = HO_FT_TABLE | ft.root;	/* a loop ends below level 1 */
	w = frametable_walk(&view);
	assert_int_equal(frametable_next(&w, &s), -HO_EBLOBTREE);
}

static void damaged_nodes(void **state)
{
	struct frametable_walk w;
	struct frametable_span s;
	uint64_t *l4, *l3, *l2, *node;

	(void)state;
	frametable_set(&ft, 5, 3, 1, HO_TYPE_NORMAL, NULL);
	l4 = region_va(&m.region, ft.root);
	l3 = region_va(&m.region, l4[0] & HO_FT_TABLE_MASK);
	l2 = region_va(&m.region, l3[0] & HO_FT_TABLE_MASK);
	node = region_va(&m.region, l2[0] & HO_FT_RUNS_MASK);
	node[1] = node[0];			/* overlaps */
	w = frametable_walk(&view);
	assert_int_equal(frametable_next(&w, &s), -HO_EBLOBTREE);
	node[1] = 0;
	node[0] = HO_FT_LEAF | 500ull << HO_FT_RUN_FIRST_SHIFT |
		  20ull << HO_FT_RUN_COUNT_SHIFT;	/* past the span */
	w = frametable_walk(&view);
	assert_int_equal(frametable_next(&w, &s), -HO_EBLOBTREE);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(leaves_at_every_level), T(overlaps_by_one), T(walk_merges_neighbours),
		T(nodes_overflow_into_tables), T(runs_join),
		T(conflicts_are_named), T(beyond_the_address_width), T(short_ways),
		T(full_region), T(random_against_a_model),
		T(damaged_tables), T(damaged_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
