// SPDX-License-Identifier: MIT
/*
 * prove_window.c - an extent that is let through, and the window around it: RAM
 * that is neither low nor the region's. With prove_gather.c: no frame of the
 * region, and none that is not RAM, is ever given to anybody.
 *
 * proof: core/base/span.c
 * bound: 2 ranges of RAM, 2 of the region
 * quick:
 * flags: --unwind 4
 */
#include "proof.h"
#include "core/own/pass_frames.c"
#include "no_table.h"

static struct blob blob;
static struct pass p = { .blob = &blob };

/* As blob.h promises it. */
bool blob_in_memory(const struct blob *b, struct range r, uint32_t *hint)
{
	uint32_t i;

	for (i = 0; i < b->memory_count; i++)
		if (range_covers(b->memory[i], r)) {
			*hint = i;
			return true;
		}
	return false;
}

int main(void)
{
	uint64_t mfn = any_below(1ull << HO_FRAME_MFN_BITS), frame = any_u64();
	uint64_t pages = any_below(HO_FRAME_PAGES_MAX) + 1, byte;
	uint32_t type = any_below(16), i;

	blob.memory_count = any_below(2) + 1;
	blob.region_count = any_below(2) + 1;
	for (i = 0; i < 2; i++) {
		blob.memory[i] = (struct range){ any_u64(), any_u64() };
		blob.region[i] = (struct range){ any_u64(), any_u64() };
		/* as blob_parse() leaves them */
		assume(blob.memory[i].start < blob.memory[i].end &&
		       blob.memory[i].end <= 1ull << 52 &&
		       !((blob.memory[i].start | blob.memory[i].end) & 4095));
		assume(blob.region[i].start < blob.region[i].end &&
		       blob.region[i].end <= 1ull << 52 &&
		       !((blob.region[i].start | blob.region[i].end) & 4095));
	}
	if (extent_error(&p, mfn, pages, type))
		return 0;
	open_window(&p, mfn);
	check(mfn >= p.window_start && mfn + pages <= p.window_end);
	check(HO_TYPE_VALID_MASK >> type & 1);
	assume(frame >= p.window_start && frame < p.window_end);
	byte = frame << HO_PAGE_SHIFT;
	check(byte >= 0x100000 && frame < 1ull << HO_FT_MFN_BITS);
	check(byte >= blob.memory[p.memory_hint].start &&
	      byte < blob.memory[p.memory_hint].end);
	for (i = 0; i < blob.region_count; i++)
		check(byte < blob.region[i].start ||
		      byte >= blob.region[i].end);
	return 0;
}
