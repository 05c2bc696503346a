// SPDX-License-Identifier: MIT
/*
 * prove_screen.c - any struct screen_info and any text mode: what passes names
 * no RAM.
 *
 * proof: core/firmware/efi.c core/firmware/vgatext.c core/base/span.c
 * bound: 2 ranges of RAM
 * quick:
 * flags: --unwind 4
 */
#include "efi.h"
#include "proof.h"
#include "vgatext.h"

int main(void)
{
	uint8_t screen[HO_SCREEN_INFO_BYTES];
	struct range memory[2];
	uint32_t count = any_below(3), i = any_u32();
	uint64_t base;
	struct vgatext t;

	if (efi_screen_is_sane(screen, memory, count)) {
		base = screen[0x18] | screen[0x19] << 8 | screen[0x1a] << 16 |
		       (uint64_t)screen[0x1b] << 24;
		if (screen[0x36] & 2)		/* VIDEO_CAPABILITY_64BIT_BASE */
			base |= (uint64_t)screen[0x3a] << 32 |
				(uint64_t)screen[0x3b] << 40 |
				(uint64_t)screen[0x3c] << 48 |
				(uint64_t)screen[0x3d] << 56;
		check(base && base < 1ull << 52);
		if (i < count && memory[i].start < memory[i].end)
			check(base < memory[i].start || base >= memory[i].end);
	}
	vgatext_take(&t, screen);
	if (vgatext_is_sane(&t, memory, count)) {
		check(t.columns * t.lines * 2 <= 0x8000);
		vgatext_put(&t, screen);
		check(screen[0x0e] == t.lines && screen[0x07] == t.columns);
	}
	return 0;
}
