// SPDX-License-Identifier: MIT
/*
 * prove_bzimage.c - the header of any file that is taken for a kernel.
 *
 * proof: core/target/bzimage.c core/base/span.c
 * bound: none
 * quick:
 * flags: --unwind 9
 */
#include "bzimage.h"
#include "proof.h"

int main(void)
{
	uint64_t length = any_below(BYTES_MAX + 1);
	struct bzimage bz;

	if (bzimage_parse(&bz, any_bytes(length), length, NULL))
		return 0;
	check(bz.setup_bytes <= length);
	check(bz.pm_bytes == length - bz.setup_bytes);
	check(bz.pm_bytes > BZIMAGE_ENTRY64_OFFSET);
	check(bz.pm_bytes <= bz.init_size);
	check(bz.alignment && !(bz.alignment & (bz.alignment - 1)));
	check(BZIMAGE_HEADER_OFFSET + (uint64_t)bz.header_bytes <=
	      bz.setup_bytes);
	check(bz.version >= 0x020c);
	return 0;
}
