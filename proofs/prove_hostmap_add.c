// SPDX-License-Identifier: MIT
/*
 * prove_hostmap_add.c - one more entry of a firmware's map, whatever is there
 * already and whatever it says.
 *
 * proof: core/door/hostmap.c core/base/span.c core/base/room.c core/firmware/efi.c
 * bound: the list empty, with one entry, with room for one, full
 * flags: --unwind 3
 */
#include "hostmap.h"
#include "proof.h"

static struct hostmap m;

static void add(uint32_t before)
{
	uint64_t start = any_u64(), end = any_u64();

	m.raw_count = before;
	if (hostmap_add(&m, start, end, any_u32(), NULL))
		check(start > end || before == HOSTMAP_RAW_MAX);
	check(m.raw_count >= before && m.raw_count <= before + 1);
	check(m.raw_count <= HOSTMAP_RAW_MAX);
	if (m.raw_count > before) {
		check(m.raw[before].place.start == start);
		check(m.raw[before].place.end > start);
		check(m.raw[before].place.end <= 1ull << 52);
		check(m.raw[before].type);
	}
}

int main(void)
{
	switch (any_u8() % 4) {
	case 0:
		add(0);
		break;
	case 1:
		add(1);
		break;
	case 2:
		add(HOSTMAP_RAW_MAX - 1);
		break;
	default:
		add(HOSTMAP_RAW_MAX);
	}
	return 0;
}
