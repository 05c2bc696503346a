// SPDX-License-Identifier: MIT
/*
 * prove_xen_pages.c - a record of pages of a Xen guest's stream: any bytes that are read
 * for one give no more pages than there is room for; and pages that were written as
 * runs are read as the same pages.
 *
 * proof: core/base/span.c
 * bound: records of 3 words, of 4 pages
 * flags: --unwind 6
 */
#include "proof.h"

#include "xen_format.h"

#undef PAGES_MAX
#define PAGES_MAX	4
#define WORDS		3

#include "loader/guest/xen/xen_stream.c"
#define wrong		inplace_wrong
#define walk		inplace_walk
#define note_vcpu	inplace_note_vcpu
#include "loader/guest/xen/xen_inplace.c"

static void any_record(void)
{
	uint64_t words[PAGES_MAX], bytes = any_below(8 + 8 * WORDS + 1);
	struct pages_head h;

	if (xen_pages_words(any_u32(), span_of(any_bytes(bytes), bytes), &h, words,
			    NULL))
		return;
	check(h.count <= PAGES_MAX);
}

/* What the reader of xl's stream lets through has no run bits, and no pfn is so high. */
static void same(void)
{
	struct { struct pages_head h; uint64_t words[WORDS]; } r;
	uint64_t was[WORDS], words[PAGES_MAX];
	uint32_t count = any_below(WORDS) + 1, i;
	struct pages_head h;

	for (i = 0; i < count; i++) {
		was[i] = any_u64();
		assume(PFN_OF(was[i]) < PFN_MAX && !(was[i] & RUN_BITS));
		r.words[i] = was[i];
	}
	r.h = (struct pages_head){ pack_runs(r.words, count), 0 };
	check(r.h.count <= count);
	check(!xen_pages_words(OUR_RUNS, span_of(&r, sizeof(r.h) + 8ull * r.h.count),
			       &h, words, NULL));
	check(h.count == count);
	for (i = 0; i < count; i++)
		check(words[i] == was[i]);
}

int main(void)
{
	any_record();
	same();
	return 0;
}
