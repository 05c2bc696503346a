// SPDX-License-Identifier: MIT
/*
 * prove_cmdword.c - words of a kernel's command line, whatever it is: each lies in the
 * line, behind the one before it, only at its end is a quotation mark still open,
 * and there is an end.
 *
 * proof: core/base/cmdword.c
 * bound: 7 bytes
 * quick:
 * flags: --unwind 10
 */
#include "proof.h"
#include "cmdword.h"

#define BYTES	7

int main(void)
{
	char line[BYTES + 1];
	const char *at = line, *before;
	struct cmdword w;
	uint32_t i;

	for (i = 0; i < BYTES; i++)
		line[i] = any_u8();
	line[BYTES] = '\0';
	before = at;
	for (i = 0; cmdword_next(&at, &w); i++) {
		check(i < BYTES);
		check(w.at >= before && w.at <= at);
		check(w.length <= (uint64_t)(at - w.at));
		check(at > before && at <= line + BYTES);
		check(!w.open || !*at);
		before = at;
	}
	check(!*at);
	return 0;
}
