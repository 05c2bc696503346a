// SPDX-License-Identifier: MIT
/*
 * prove_checked.c - size arithmetic: it says when it wraps, and is right when it
 * does not; ranges overlap when they have a byte in common.
 *
 * proof:
 * bound: products with powers of two, and with 10
 */
#include "checked.h"
#include "proof.h"

static void products(void)
{
	uint64_t a = any_u64(), r;
	uint32_t shift = any_below(32);

	if (checked_mul(a, 1ull << shift, &r))
		check(r >> shift == a);
	else
		check(a >> (64 - shift));
	if (checked_mul(a, 10, &r))
		check(a <= UINT64_MAX / 10 && r == a * 10);
	else
		check(a > UINT64_MAX / 10);
}

static void ranges(void)
{
	struct range a = { any_u64(), any_u64() }, b = { any_u64(), any_u64() };
	uint64_t byte = any_u64();
	bool in_a = byte >= a.start && byte < a.end;
	bool in_b = byte >= b.start && byte < b.end;

	assume(a.start < a.end && b.start < b.end);
	if (in_a && in_b)
		check(range_overlaps(a, b));
	if (range_overlaps(a, b)) {
		byte = a.start > b.start ? a.start : b.start;
		check(byte < a.end && byte < b.end);
	}
	if (range_covers(a, b) && in_b)
		check(in_a);
}

int main(void)
{
	uint64_t a = any_u64(), b = any_u64(), r, align;

	if (checked_add(a, b, &r))
		check(r >= a && r - a == b);
	else
		check(a + b < a);
	align = 1ull << any_below(64);
	if (checked_align(a, align, &r))
		check(r >= a && r - a < align && is_aligned(r, align));
	else
		check(a > UINT64_MAX - align + 1);
	r = align_down(a, align);
	check(r <= a && a - r < align && is_aligned(r, align));
	products();
	ranges();
	return 0;
}
