/* SPDX-License-Identifier: MIT */
/*
 * testpaging.h - page tables as the CPU walks them (Intel SDM volume 3, chapter 4).
 * Included last: its names are short.
 */
#ifndef TESTS_UNIT_TESTPAGING_H
#define TESTS_UNIT_TESTPAGING_H

#include "cmocka_all.h"
#include "paging.h"

#define P	1ull
#define W	2ull
#define PS	0x80ull
#define NX	(1ull << 63)
#define ADDRESS	0x000ffffffffff000ull

/* What an address is mapped to: its entry's flags, 0 when not present.
 * Checks that it is an identity mapping. */
static inline uint64_t walk(const struct paging *p, uint64_t va)
{
	const uint64_t *table = p->root;
	int level;

	for (level = p->levels; ; level--) {
		int shift = 12 + 9 * (level - 1);
		uint64_t entry = table[va >> shift & 511];

		if (!(entry & P))
			return 0;
		if (level == 1 || (entry & PS)) {
			uint64_t mask = (1ull << shift) - 1;

			assert_true(level <= 3);
			assert_int_equal(entry & ADDRESS & ~mask, va & ~mask);
			return entry & (P | W | NX);
		}
		assert_int_equal(entry & (P | W | NX), P | W);
		table = (const uint64_t *)(uintptr_t)(entry & ADDRESS);
	}
}

#endif /* TESTS_UNIT_TESTPAGING_H */
