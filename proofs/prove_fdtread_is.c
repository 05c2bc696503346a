// SPDX-License-Identifier: MIT
/*
 * prove_fdtread_is.c - a list of strings in a property, of any tree: nothing is read
 * behind it, whether or not its last string ends.
 *
 * proof: proofs/fdt_contract.c core/base/fdtread.c core/base/span.c
 * bound: lists of 6 bytes, and a string of 2
 * quick:
 * flags: --unwind 8 -DVALUE_BYTES_MAX=6
 */
#include "proof.h"
#include "fdtread.h"

static const struct fdt_reader r;

int main(void)
{
	fdtread_is(&r, any_int(), "ab");
	return 0;
}
