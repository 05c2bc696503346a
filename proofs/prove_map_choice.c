// SPDX-License-Identifier: MIT
/*
 * prove_map_choice.c - which gaps become RAM when the map has no room for all: as
 * many as there is room for, and none that is smaller than one left out.
 *
 * proof:
 * bound: 4 gaps, room for 0 to 3
 * flags: --unwind 6
 */
#include "proof.h"
#include "core/target/e820.c"
#include "no_gaps.h"

#define GAPS	4

int main(void)
{
	uint64_t heap[3], bytes[GAPS], least_in = ~0ull, most_out = 0;
	struct choice c = { .heap = heap, .limit = any_below(4) };
	uint32_t i, in = 0;

	for (i = 0; i < GAPS; i++) {
		bytes[i] = any_u64();
		assume(bytes[i]);
		choice_offer(&c, bytes[i]);
		check(c.count <= c.limit);
	}
	choice_settle(&c);
	for (i = 0; i < GAPS; i++)
		if (choice_take(&c, bytes[i])) {
			in++;
			if (bytes[i] < least_in)
				least_in = bytes[i];
		} else if (bytes[i] > most_out) {
			most_out = bytes[i];
		}
	check(in == (c.limit < GAPS ? c.limit : GAPS));
	check(!in || in == GAPS || least_in >= most_out);
	return 0;
}
