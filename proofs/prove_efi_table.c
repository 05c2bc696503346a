// SPDX-License-Identifier: MIT
/*
 * prove_efi_table.c - where EFI's configuration table is, by a system table of any
 * bytes: a range of at most 24 KiB that a CPU can address, and the blob's own place in
 * virtual mode.
 *
 * proof: core/firmware/efi.c core/base/span.c
 * bound: none
 * quick:
 * flags: --unwind 2
 */
#include "proof.h"
#include "efi.h"

int main(void)
{
	const uint8_t *system = any_bytes(EFI_SYSTEM_TABLE_BYTES);
	struct efi efi = { .virtual_mode = any_bool(), .config_table = any_u64() };
	struct range r;

	if (!efi_config_table(&efi, system, &r))
		return 0;
	check(r.start && r.start < r.end && r.end <= 1ull << 52);
	check(range_bytes(r) <= 24 << 10 && range_bytes(r) % 24 == 0);
	check(!efi.virtual_mode || r.start == efi.config_table);
	return 0;
}
