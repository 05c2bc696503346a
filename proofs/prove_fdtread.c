// SPDX-License-Identifier: MIT
/*
 * prove_fdtread.c - what reads typed properties: of any tree, nothing is read
 * outside of what libfdt gives, and what comes out is what the header says.
 *
 * proof: proofs/fdt_contract.c core/base/fdtread.c core/base/span.c
 * bound: properties of 17 bytes, paths of 3
 * flags: --unwind 6 --unwindset strnlen.0:19 --unwindset texts.0:19
 */
#include "proof.h"
#include "fdtread.h"

static const struct fdt_reader r;

static void numbers(int node)
{
	uint32_t v = 7, w = 7;
	uint64_t x = 7;
	uint8_t bytes[6];

	fdtread_bytes(&r, node, "b", bytes, sizeof(bytes));
	if (fdtread_u32(&r, node, "u", &v)) {
		check(v == 7);
	}
	if (fdtread_optional_u32(&r, node, "u", &w)) {
		check(w == 7);
	}
	if (fdtread_u64(&r, node, "u", &x)) {
		check(x == 7);
	}
	fdtread_optional_u64(&r, node, "u", &x);
}

static void texts(int node)
{
	struct range range;
	const char *text;
	size_t i;

	if (!fdtread_string(&r, node, "s", &text)) {
		for (i = 0; text[i]; i++)
			;		/* ends inside the property */
		check(i < 17);
	}
	if (!fdtread_range(&r, node, "reg", &range)) {
		check(range.start <= range.end);
	}
}

int main(void)
{
	int node = any_int();

	if (any_bool())
		numbers(node);
	else
		texts(node);
	return 0;
}
