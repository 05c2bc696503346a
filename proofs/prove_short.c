// SPDX-License-Identifier: MIT
/*
 * prove_short.c - the short ways into the frametable, of 2 MiB spans and of single pages:
 * each word that was set is of its kind and of a plain type, in the window, and its
 * frames, which were nobody's, are its domain's. No other entry changes.
 *
 * proof:
 * bound: 3 words; two level 2 entries, one of them a level 1 table of 4 pages where
 *	pages are set. A stand-in sets no page where there is no table
 * quick:
 * flags: --unwind 5
 */
#include "proof.h"
#include "frametable_find.h"

#define WORDS		3
#define PAGES		4	/* the first of a span, that are looked at */
#define TABLE		(0x7000000ull | HO_FT_TABLE)

/* Which word stands for which entry is any; a frame has always the same. */
static uint64_t level2[2], level1[PAGES], mfns[2];
static uint64_t *entry_of(uint64_t mfn)
{
	if (mfn >> 9 == mfns[0] >> 9)
		return &level2[0];
	if (mfn >> 9 == mfns[1] >> 9)
		return &level2[1];
	return NULL;
}

static uint64_t *stand_table(const struct frametable *ft, uint64_t entry)
{
	(void)ft;
	check(entry == TABLE);
	return level1;
}

static void *stand_va(const struct region *r, uint64_t pa)
{
	(void)r, (void)pa;
	return level1;
}

#define frametable_entry(ft, mfn) entry_of(mfn)
#define frametable_table	stand_table
#define region_va		stand_va
#include "core/own/frametable_many.c"

int frametable_set_small(struct frametable *ft, uint64_t *entry, uint64_t mfn,
			 uint32_t count, uint64_t leaf,
			 struct frametable_span *conflict)
{
	(void)ft, (void)mfn, (void)leaf, (void)conflict;
	check(count == 1 && *entry != TABLE);
	return any_bool() ? -HO_EFULL : -HO_EDOUBLE;
}

static uint64_t any_leaf(void)
{
	return frametable_leaf(any_u16(), any_below(16));
}

/* The leaf of mfn by the first n words, 0: none of them has it. */
static uint64_t given(const uint8_t *words, uint32_t n, uint64_t mfn,
		      uint32_t domid)
{
	uint64_t leaf = 0;
	uint32_t i;

	for (i = 0; i < n; i++) {
		uint64_t word = load_le64(words + 8ull * i);

		if (mfn - frame_word_mfn(word) < frame_word_pages(word))
			leaf = frametable_leaf(domid, frame_word_type(word));
	}
	return leaf;
}

static void is_allowed(uint64_t word, uint32_t pages, uint64_t start,
		       uint64_t end)
{
	uint64_t mfn = frame_word_mfn(word);

	check(frame_word_pages(word) == pages && !(mfn & (pages - 1)));
	check(mfn >= start && mfn + pages <= end);
	check(HO_TYPE_VALID_MASK >> frame_word_type(word) & 1);
	check(!is_page_table(frame_word_type(word)));
}

int main(void)
{
	uint32_t count = any_below(WORDS + 1), n, i, pages;
	uint64_t start = any_below(1ull << HO_FT_MFN_BITS);
	uint64_t end = any_below((1ull << HO_FT_MFN_BITS) + 1);
	const uint8_t *words = any_bytes(8 * WORDS);
	struct ho_domain d = { .domid = any_u16() };
	static struct frametable ft;
	uint64_t before, leaf, *at = &level2[0];

	assume(start <= end);
	for (i = 0; i < WORDS; i++)
		assume((load_le64(words + 8ull * i) & 511) < PAGES);
	for (i = 0; i < 2; i++) {
		mfns[i] = any_below(1ull << HO_FT_MFN_BITS);
		assume((mfns[i] & 511) < PAGES);
		level2[i] = any_bool() ? any_leaf() : 0;
	}
	for (i = 0; i < PAGES; i++)
		level1[i] = any_bool() ? any_leaf() : 0;
	if (any_bool()) {
		pages = 1;
		level2[0] = TABLE;
		at = &level1[mfns[0] & 511];
		before = *at;
		n = frametable_set_pages(&ft, words, count, start, end, &d);
	} else {
		pages = 512;
		before = *at;
		n = frametable_set_spans(&ft, words, count, start, end, &d);
	}
	check(n <= count && d.frame_count == (uint64_t)n * pages);
	for (i = 0; i < n; i++)
		is_allowed(load_le64(words + 8ull * i), pages, start, end);
	leaf = given(words, n, mfns[0], d.domid);
	check(*at == (leaf ? leaf : before));
	check(!leaf || !before);
	return 0;
}
