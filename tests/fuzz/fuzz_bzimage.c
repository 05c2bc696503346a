// SPDX-License-Identifier: MIT
/*
 * fuzz_bzimage.c - any bytes as a bzImage; what is accepted must be usable
 * to fill a zero page.
 */
#include "bootparams.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct diag_log diag;
	static uint8_t zero_page[BOOTPARAMS_BYTES];
	struct e820_entry entry = { { 0, 0x9f000 }, E820_RAM };
	struct e820_map map = { &entry, 1, 1, 0 };
	struct bootparams_input in = { .image = data, .image_bytes = size,
				       .map = &map };
	struct bzimage bz;

	diag_init(&diag, HO_STAGE_PLUG);
	if (bzimage_parse(&bz, data, size, &diag))
		return 0;
	if (bz.setup_bytes + bz.pm_bytes > size ||
	    bz.pm_bytes > bz.init_size)
		__builtin_trap();
	in.bz = &bz;
	bootparams_fill(zero_page, NULL, &in);
	return 0;
}
