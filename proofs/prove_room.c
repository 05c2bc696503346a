// SPDX-License-Identifier: MIT
/*
 * prove_room.c - the lowest and the highest place: inside, aligned, over nothing that
 * is taken, and there is no lower or higher one.
 *
 * proof: core/base/room.c
 * bound: 2 ranges that are taken; addresses in 64 KiB, at 0, 4 GiB or the end of
 *	64 bits; aligned to 1 byte, 64 bytes, 4 KiB
 * quick:
 * flags: --unwind 3
 */
#include "proof.h"
#include "checked.h"
#include "room.h"

static struct range taken[2];
static struct room_list list = { taken };

static uint64_t base;

static uint64_t any_address(void)
{
	return base + any_u16();
}

static bool fits(struct range within, uint64_t at, uint64_t bytes,
		 uint64_t align)
{
	struct range want = { at, at + bytes }, hit;

	return want.end > at && at >= within.start && want.end <= within.end &&
	       !(at & (align - 1)) && !room_listed(&list, want, &hit);
}

int main(void)
{
	uint64_t bytes = any_u16(), other, align, at;
	struct range within;
	bool lowest = any_bool();
	uint32_t i;

	base = any_bool() ? 0 : any_bool() ? LIMIT_4G : -65536ull;
	within = (struct range){ any_address(), any_address() };
	other = any_address();
	list.count = any_below(3);
	for (i = 0; i < 2; i++) {
		taken[i] = (struct range){ any_address(), any_address() };
		assume(taken[i].start < taken[i].end);
	}
	assume(bytes && within.start && within.start < within.end);
	align = any_bool() ? 1 : any_bool() ? 64 : HO_PAGE_BYTES;
	at = (lowest ? room_lowest : room_highest)(within, bytes, align,
						   room_listed, &list);
	check(!at || fits(within, at, bytes, align));
	if (fits(within, other, bytes, align)) {
		check(at != 0);
		check(lowest ? at <= other : at >= other);
	}
	return 0;
}
