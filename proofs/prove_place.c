// SPDX-License-Identifier: MIT
/*
 * prove_place.c - where a piece of the target goes: RAM of its map, between the bounds
 * that were asked for, over no other piece and nothing of the firmware's.
 *
 * proof: core/base/room.c
 * bound: a map of 2 entries, 1 descriptor of EFI, 1 piece before it. A stand-in for
 *	room_lowest() does what room.h says; `room` is about the real one
 * quick:
 * flags: --unwind 3
 */
#include "proof.h"
#include "checked.h"
#include "room.h"

/* Any place that room.h allows. */
static uint64_t any_place(struct range within, uint64_t bytes, uint64_t align,
			  room_taken_fn taken, const void *context)
{
	struct range want = { .start = any_u64() }, at;

	if (any_bool())
		return 0;
	assume(!(want.start & (align - 1)) && want.start >= within.start &&
	       checked_add(want.start, bytes, &want.end) &&
	       want.end <= within.end && !taken(context, want, &at));
	return want.start;
}

#define room_lowest any_place
#include "core/target/place.c"

static struct efi_descriptor firmware;
static bool firmware_taken;

uint32_t efi_count(const struct efi *efi)
{
	(void)efi;
	return 1;
}
struct efi_descriptor efi_descriptor(const struct efi *efi, uint32_t i)
{
	(void)efi;
	check(i == 0);
	return firmware;
}
bool efi_is_taken(const struct efi *efi, const struct efi_descriptor *d)
{
	(void)efi, (void)d;
	return firmware_taken;
}

static struct range any_range(void)
{
	struct range r = { any_u64(), any_u64() };

	assume(r.start < r.end);
	return r;
}

int main(void)
{
	struct e820_entry entries[2];
	struct e820_map map = { .entries = entries, .count = any_below(3) };
	struct efi efi = { 0 };
	uint64_t bytes = any_u64(), align = 1ull << any_below(40);
	uint64_t min = any_u64(), max = any_u64(), start;
	struct range piece, before = any_range();
	struct place p;
	bool inside = false;
	uint32_t i, count = any_bool() ? PLACE_MAX : any_below(2);

	for (i = 0; i < 2; i++) {
		entries[i].place = any_range();
		entries[i].type = any_u32();
	}
	firmware.place = any_range();
	firmware_taken = any_bool();
	assume(bytes);
	place_init(&p, &map, &efi);
	if (count == PLACE_MAX) {		/* full: nothing more */
		map.count = 0;
		p.taken_count = count;
		check(!place_take(&p, bytes, align, min, max));
		return 0;
	}
	p.taken[0] = before;
	p.taken_count = count;
	start = place_take(&p, bytes, align, min, max);
	if (!start) {
		check(p.taken_count == count);
		return 0;
	}
	piece = (struct range){ start, start + bytes };
	check(piece.start < piece.end && !(start & (align - 1)));
	check(start >= (min ? min : HO_PAGE_BYTES) && piece.end <= max);
	for (i = 0; i < map.count; i++)
		inside |= entries[i].type == E820_RAM &&
			  range_covers(entries[i].place, piece);
	check(inside);
	check(!firmware_taken || !range_overlaps(firmware.place, piece));
	check(!count || !range_overlaps(before, piece));
	check(p.taken_count == count + 1 && p.taken[count].start == start &&
	      p.taken[count].end == piece.end);
	return 0;
}
