// SPDX-License-Identifier: MIT
/*
 * prove_efi.c - a descriptor of any EFI memory map, at any place of it; and
 * efi_check(): what it lets through is no free memory, and nothing that runs
 * later is RAM.
 *
 * proof: core/firmware/efi.c core/base/span.c
 * bound: one descriptor of 40 or 48 bytes, one range of RAM
 * flags: --unwind 3
 */
#include "efi.h"
#include "proof.h"

int main(void)
{
	struct range memory[1];
	uint32_t count = any_below(2), i = any_u32(), j = any_u32();
	struct efi e = { .desc_size = any_bool() ? 40 : 48,
			 .runtime_only = any_bool(),
			 .map_bytes = any_below(50) };
	struct efi_descriptor d;

	e.map = any_bytes(e.map_bytes);
	if (efi_check(&e, memory, count, NULL))
		return 0;
	assume(i < efi_count(&e));
	d = efi_descriptor(&e, i);
	check(d.place.start < d.place.end && d.place.end <= 1ull << 52);
	check(!(d.place.start & 4095));
	check(d.type != EFI_CONVENTIONAL && d.type != EFI_LOADER_DATA);
	check(!e.runtime_only || d.attribute >> 63);
	if (j < count && d.attribute >> 63 &&
	    memory[j].start < memory[j].end)
		check(!range_overlaps(memory[j], d.place));
	return 0;
}
