// SPDX-License-Identifier: MIT
/*
 * test_paging.c - the stub's own paging.o, linked into a hosted test: the
 * tables it builds are walked as the CPU walks them (Intel SDM volume 3,
 * chapter 4).
 */
#include "handover/errors.h"
#include "cmocka_all.h"
#include "types.h"
#include "testpaging.h"

#define POOL 64
static uint64_t pool[POOL][512] __attribute__((aligned(4096)));
static struct paging paging;

/* What is shown at an address: the byte's own; 0: nothing. */
static uint64_t shown(uint64_t va)
{
	const uint64_t *table = paging.root;
	int level;

	for (level = paging.levels; ; level--) {
		int shift = 12 + 9 * (level - 1);
		uint64_t entry = table[va >> shift & 511];
		uint64_t mask = (1ull << shift) - 1;

		if (!(entry & P))
			return 0;
		if (level == 1 || (entry & PS)) {
			assert_int_equal(entry & (W | NX), NX);
			return (entry & ADDRESS & ~mask) | (va & mask);
		}
		table = (const uint64_t *)(uintptr_t)(entry & ADDRESS);
	}
}

static void begin(int levels, int gib_pages)
{
	memset(pool, 0xff, sizeof(pool));	/* the pool need not be clear */
	assert_int_equal(paging_init(&paging, pool, POOL, levels, gib_pages),
			 0);
}

static void flags_with(int levels, int gib_pages, uint64_t base)
{
	begin(levels, gib_pages);
	assert_int_equal(paging_map(&paging, base, base + 64 * MIB,
				    PAGING_WRITE), 0);
	/* the blob, read-only, inside */
	assert_int_equal(paging_map(&paging, base + 8 * MIB + 4096,
				    base + 8 * MIB + 3 * 4096 - 1, 0), 0);
	/* text */
	assert_int_equal(paging_map(&paging, base + 2 * MIB,
				    base + 2 * MIB + 65536, PAGING_EXECUTE),
			 0);
	assert_int_equal(walk(&paging, base), P | W | NX);
	assert_int_equal(walk(&paging, base + 64 * MIB - 1), P | W | NX);
	assert_int_equal(walk(&paging, base - 1), 0);
	assert_int_equal(walk(&paging, base + 64 * MIB), 0);
	assert_int_equal(walk(&paging, base + 8 * MIB), P | W | NX);
	assert_int_equal(walk(&paging, base + 8 * MIB + 4096), P | NX);
	assert_int_equal(walk(&paging, base + 8 * MIB + 3 * 4096 - 1), P | NX);
	assert_int_equal(walk(&paging, base + 8 * MIB + 3 * 4096), P | W | NX);
	assert_int_equal(walk(&paging, base + 2 * MIB), P);
	assert_int_equal(walk(&paging, base + 2 * MIB + 65536), P | W | NX);
	assert_int_equal(walk(&paging, 0), 0);
}

static void four_levels(void **state)
{
	(void)state;
	flags_with(4, 0, 256 * MIB);
	flags_with(4, 1, 256 * MIB);
}

static void five_levels(void **state)
{
	(void)state;
	flags_with(5, 0, 256 * MIB);
	flags_with(5, 1, 5 * GIB);
}

static void above_4_gib(void **state)
{
	(void)state;
	flags_with(4, 0, 5 * GIB);
	flags_with(4, 0, 1ull << 46);
}

/* A region of GiBs costs a table or two, and splitting gives the rest. */
static void large_pages(void **state)
{
	(void)state;
	begin(4, 1);
	assert_int_equal(paging_map(&paging, 4 * GIB, 12 * GIB,
				    PAGING_WRITE), 0);
	assert_int_equal(paging.used, 2);
	assert_int_equal(paging_map(&paging, 6 * GIB + 4096,
				    6 * GIB + 8192, 0), 0);
	assert_int_equal(paging.used, 4);
	assert_int_equal(walk(&paging, 6 * GIB), P | W | NX);
	assert_int_equal(walk(&paging, 6 * GIB + 4096), P | NX);
	assert_int_equal(walk(&paging, 6 * GIB + 8192), P | W | NX);
	assert_int_equal(walk(&paging, 7 * GIB - 1), P | W | NX);
}

/* Page by page over the whole map: only what was asked for. */
static void nothing_else(void **state)
{
	uint64_t va;

	(void)state;
	begin(4, 0);
	assert_int_equal(paging_map(&paging, 10 * MIB + 4096,
				    15 * MIB - 4096, PAGING_WRITE), 0);
	for (va = 0; va < 64 * MIB; va += 4096) {
		int inside = va >= 10 * MIB + 4096 && va < 15 * MIB - 4096;

		assert_int_equal(walk(&paging, va), inside ? P | W | NX : 0);
	}
}

static void pool_exhausted(void **state)
{
	uint64_t i;
	int rc = 0;

	(void)state;
	assert_int_equal(paging_init(&paging, pool, 0, 4, 0),
			 -HO_EPAGETABLE);
	begin(4, 0);
	for (i = 0; i < POOL && !rc; i++)
		rc = paging_map(&paging, i * GIB, i * GIB + 4096, 0);
	assert_int_equal(rc, -HO_EPAGETABLE);
	assert_true(i > 20);
}

/* The identity map ends where canonical addresses do. */
static void not_canonical(void **state)
{
	uint64_t top = 1ull << 47;

	(void)state;
	begin(4, 0);
	assert_int_equal(paging_map(&paging, top - 4096, top, PAGING_WRITE),
			 0);
	assert_int_equal(walk(&paging, top - 4096), P | W | NX);
	assert_int_equal(paging_map(&paging, top, top + 4096, 0),
			 -HO_EPAGETABLE);
	assert_int_equal(paging_map(&paging, 2 * top, 2 * top + 4096, 0),
			 -HO_EPAGETABLE);
	assert_int_equal(walk(&paging, 0), 0);
	begin(5, 0);
	assert_int_equal(paging_map(&paging, 2 * top, 2 * top + 4096,
				    PAGING_WRITE), 0);
	assert_int_equal(walk(&paging, 2 * top), P | W | NX);
	assert_int_equal(walk(&paging, 0), 0);
}

/* A window shows any frame, read-only, and its neighbours stay theirs. */
static void window(void **state)
{
	const uint64_t va = 9 * GIB + 7 * MIB + 8192;
	uint64_t *entry;

	(void)state;
	begin(5, 1);
	assert_int_equal(paging_map(&paging, 8 * GIB, 10 * GIB, PAGING_WRITE),
			 0);
	entry = paging_window(&paging, va);
	assert_non_null(entry);
	assert_int_equal(walk(&paging, va), P | NX);
	paging_show(entry, 77 * GIB + 4096);
	assert_int_equal(*entry & ~ADDRESS, P | NX);
	assert_int_equal(*entry & ADDRESS, 77 * GIB + 4096);
	paging_show(entry, va);
	assert_int_equal(walk(&paging, va), P | NX);
	assert_int_equal(walk(&paging, va - 4096), P | W | NX);
	assert_int_equal(walk(&paging, va + 4096), P | W | NX);
}

/* One behind the other in the upper half, whatever their order and alignment
 * in memory; large pages where both allow it. */
static void shown_as_one(void **state)
{
	static const struct { uint64_t pa, bytes; } pieces[] = {
		{ 6 * GIB, 4 * MIB }, { 3 * GIB + 4096, 3 * 4096 },
		{ 2 * GIB, 4096 }, { 5 * GIB + 4 * 4096, 2 * MIB },
	};
	uint64_t va, at;
	int levels, i;

	(void)state;
	for (levels = 4; levels <= 5; levels++) {
		begin(levels, 1);
		assert_int_equal(paging_map(&paging, GIB, 2 * GIB, 0), 0);
		for (i = 0, va = PAGING_UPPER; i < 4; va += pieces[i++].bytes)
			assert_int_equal(paging_show_at(&paging, va,
							pieces[i].pa,
							pieces[i].bytes), 0);
		for (i = 0, va = PAGING_UPPER; i < 4; i++)
			for (at = 0; at < pieces[i].bytes;
			     at += 4096, va += 4096)
				assert_int_equal(shown(va), pieces[i].pa + at);
		assert_int_equal(shown(va), 0);
		paging_drop_upper(&paging);
		assert_int_equal(shown(PAGING_UPPER), 0);
		assert_int_equal(walk(&paging, GIB), P | NX);
	}
}

/* What memory.c maps at worst with 1 GiB pages: its POOL_PAGES (192) holds
 * it. Images, region ranges and pieces of the target straddle 2 MiB pages. */
static void worst_layout(void **state)
{
	static uint64_t large[192][512] __attribute__((aligned(4096)));
	const uint64_t base = 8 * GIB;
	uint64_t at = base + 4 * MIB + 4096, i;
	int rc;

	(void)state;
	rc = paging_init(&paging, large, 192, 5, 1);
	rc |= paging_map(&paging, base, base + 64 * GIB, PAGING_WRITE);
	rc |= paging_map(&paging, base + 2 * MIB, base + 3 * MIB,
			 PAGING_EXECUTE);
	for (i = 0; i < 19; i++, at += GIB + 2 * MIB)
		rc |= paging_map(&paging, at, at + GIB, 0);
	for (i = 1; i < 8; i++)
		rc |= paging_map(&paging, (512 * i + 1) * GIB - 2 * MIB,
				 (512 * i + 1) * GIB + 2 * MIB, PAGING_WRITE);
	rc |= paging_map(&paging, 0, MIB, PAGING_WRITE | PAGING_EXECUTE);
	for (i = 0; i < 11; i++)
		rc |= paging_map(&paging, (300 * i + 18) * MIB - 4096,
				 (300 * i + 18) * MIB + 4096, PAGING_WRITE);
	assert_int_equal(rc, 0);
	assert_true(paging.used > 96);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_levels), cmocka_unit_test(five_levels),
		cmocka_unit_test(above_4_gib), cmocka_unit_test(large_pages),
		cmocka_unit_test(nothing_else),
		cmocka_unit_test(pool_exhausted),
		cmocka_unit_test(not_canonical),
		cmocka_unit_test(window),
		cmocka_unit_test(shown_as_one),
		cmocka_unit_test(worst_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
