// SPDX-License-Identifier: MIT
/*
 * frametable_many.c - the short ways into the ownership table: many frame words
 * of one kind in a loop, and what the CPU is asked for ahead. What they do not
 * take goes through frametable_set(), which names what is wrong.
 */
#include "frametable_find.h"

/* so far ahead that an entry, then what it points to, has come from memory;
 * measured in bench/ */
#define AHEAD_ENTRY	24
#define AHEAD_NODE	12
/* of a frame word: its pages, and with them what an aligned 2 MiB span has 0 */
#define PAGES_MASK	((HO_FRAME_PAGES_MAX - 1ull) << HO_FRAME_COUNT_SHIFT)
#define SPAN_PAGES	((PAGES_2M - 1) << HO_FRAME_COUNT_SHIFT)
#define SPAN_MASK	(PAGES_MASK | (PAGES_2M - 1))
#define TYPE_MASK	(0xfull << HO_FRAME_TYPE_SHIFT)
/* types whose frames nobody has to look at once more */
#define PLAIN_TYPES	(HO_TYPE_VALID_MASK & ~FRAMETABLE_PAGE_TABLES)
_Static_assert(HO_FRAME_TYPE_SHIFT == HO_FT_TYPE_SHIFT,
	       "a word has its type where a leaf has it");

/* What the level 2 entry of mfn points to, NULL: nothing. */
static inline uint64_t *below_entry(const struct frametable *ft, uint64_t mfn)
{
	const uint64_t *entry = frametable_entry(ft, mfn);

	if (!entry || !(*entry & HO_FT_TABLE))
		return NULL;
	if ((*entry & HO_FT_KIND_MASK) == HO_FT_RUNS)
		return region_va(ft->region, *entry & HO_FT_RUNS_MASK);
	return &frametable_table(ft, *entry)[mfn & 511];
}

/* One page of the span that `entry` stands for; false: the long way says why
 * it cannot be set. */
static inline bool set_page(struct frametable *ft, uint64_t *entry,
			    uint64_t mfn, uint64_t leaf)
{
	uint64_t *page;

	if ((*entry & HO_FT_KIND_MASK) != HO_FT_TABLE)
		return !frametable_set_small(ft, entry, mfn, 1, leaf, NULL);
	page = &frametable_table(ft, *entry)[mfn & 511];
	if (*page)
		return false;
	*page = leaf;
	ft->work.entries++;
	return true;
}

/* A word of a free page that nothing has to be looked at for but the table. */
static inline bool is_page(uint64_t word)
{
	return !(word & PAGES_MASK) && PLAIN_TYPES >> frame_word_type(word) & 1;
}

/* The same of an aligned 2 MiB span. */
static inline bool is_span(uint64_t word)
{
	return (word & SPAN_MASK) == SPAN_PAGES &&
	       PLAIN_TYPES >> frame_word_type(word) & 1;
}

/*
 * In both of these the CPU is asked for what comes later. Not in a function of
 * its own: GCC drops the calls of one that has no other effect.
 */
uint32_t frametable_set_spans(struct frametable *ft, const uint8_t *words,
			      uint32_t count, uint64_t start, uint64_t end,
			      struct ho_domain *d)
{
	uint64_t leaf = frametable_leaf(d->domid, 0), next = 0, *entry;
	uint32_t ahead = count > AHEAD_ENTRY ? count - AHEAD_ENTRY : 0, i;

	if (end < PAGES_2M || end - PAGES_2M < start)
		return 0;
	end -= PAGES_2M;		/* the last that is let through */
	for (i = 0; i < count; i++) {
		const uint8_t *at = words + 8ull * i;
		uint64_t word = load_le64(at), mfn = frame_word_mfn(word);

		if (i < ahead)
			__builtin_prefetch(frametable_entry(ft, frame_word_mfn(
				load_le64(at + 8 * AHEAD_ENTRY))), 1);
		if (word == next || !is_span(word) ||
		    mfn - start > end - start)
			break;
		entry = frametable_entry(ft, mfn);
		if (!entry || *entry)
			break;
		*entry = leaf | (word & TYPE_MASK);
		d->type_frames[frame_word_type(word)] += PAGES_2M;
		next = word + PAGES_2M;
	}
	d->frame_count += i * PAGES_2M;
	ft->work.entries += i;
	return i;
}

uint32_t frametable_set_pages(struct frametable *ft, const uint8_t *words,
			      uint32_t count, uint64_t start, uint64_t end,
			      struct ho_domain *d)
{
	uint64_t leaf = frametable_leaf(d->domid, 0), *entry;
	uint32_t i;

	for (i = 0; i < count; i++) {
		const uint8_t *at = words + 8ull * i;
		uint64_t word = load_le64(at), mfn = frame_word_mfn(word);

		if (i + AHEAD_ENTRY < count) {
			__builtin_prefetch(frametable_entry(ft, frame_word_mfn(
				load_le64(at + 8 * AHEAD_ENTRY))), 1);
			__builtin_prefetch(below_entry(ft, frame_word_mfn(
				load_le64(at + 8 * AHEAD_NODE))), 1);
		}
		if (!is_page(word) || mfn < start || mfn >= end ||
		    (i + 1 < count && load_le64(at + 8) == word + 1))
			break;
		entry = frametable_entry(ft, mfn);
		if (!entry || !set_page(ft, entry, mfn,
					leaf | (word & TYPE_MASK)))
			break;
		d->type_frames[frame_word_type(word)]++;
	}
	d->frame_count += i;
	return i;
}

void frametable_prefetch_entry(const struct frametable *ft, uint64_t mfn)
{
	__builtin_prefetch(frametable_entry(ft, mfn), 1);
}

void frametable_prefetch_node(const struct frametable *ft, uint64_t mfn)
{
	__builtin_prefetch(below_entry(ft, mfn), 1);
}
