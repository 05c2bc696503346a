// SPDX-License-Identifier: MIT
/*
 * prove_gather.c - a run of extents is what its words say: each continues the one
 * before it, of one type, and a run that is trusted does not leave the window.
 * With prove_window.c: no frame of the region, and none that is not RAM, is ever
 * given to anybody.
 *
 * proof: core/base/span.c
 * bound: 3 extents
 * flags: --unwind 5
 */
#include "proof.h"
#include "core/own/pass_frames.c"
#include "no_table.h"

bool blob_in_memory(const struct blob *b, struct range r, uint32_t *hint)
{
	(void)b, (void)r, (void)hint;
	return false;
}

static struct pass p;

int main(void)
{
	struct frames f = { .extent_count = any_below(3) + 1 };
	uint32_t i = any_below(f.extent_count), n;
	uint64_t end, word;
	struct run run;

	f.words = any_bytes(8ull * f.extent_count);
	p.window_start = any_below(1ull << HO_FT_MFN_BITS);
	p.window_end = any_below((1ull << HO_FT_MFN_BITS) + 1);
	run = gather(&p, &f, i);
	check(run.extents >= 1 && run.extents <= f.extent_count - i);
	check(run.trusted || run.extents == 1);
	end = run.mfn;
	for (n = 0; n < run.extents; n++) {
		word = load_le64(f.words + 8ull * (i + n));
		check(frame_word_mfn(word) == end);
		check(frame_word_type(word) == run.type);
		end += frame_word_pages(word);
	}
	check(end == run.mfn + run.pages);
	if (run.trusted) {
		check(run.mfn >= p.window_start && end <= p.window_end);
		check(HO_TYPE_VALID_MASK >> run.type & 1);
	}
	return 0;
}
