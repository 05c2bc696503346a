// SPDX-License-Identifier: MIT
/*
 * prove_cedt.c - windows of CXL in an ACPI table, whatever it has, from any place on
 * that a walk comes to: nothing is read behind the table, each window is a range,
 * and the walk goes on behind it.
 *
 * proof: proofs/span_contract.c core/firmware/cedt.c
 * bound: tables of 72 bytes
 * quick:
 * flags: --unwind 11
 */
#include "proof.h"
#include "cedt.h"

int main(void)
{
	uint64_t bytes = any_below(73), at = any_u64(), before = at;
	struct range window;

	assume(!at || at > 36);		/* behind a header */
	if (!cedt_next(NULL, bytes, &at, &window))
		return 0;
	check(window.start < window.end);
	check(at > before && at <= bytes);
	return 0;
}
