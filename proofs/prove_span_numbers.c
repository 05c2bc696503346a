// SPDX-License-Identifier: MIT
/*
 * prove_span_numbers.c - numbers and bytes that the cursor copies out: these, all
 * of them, or none.
 *
 * proof: core/base/span.c
 * bound: 24 bytes, at any place of them; span_read() does the same to all
 * quick:
 * flags: --unwind 25
 */
#include "proof.h"
#include "span.h"

#define LENGTH 24

static uint64_t number(const uint8_t *at, uint32_t bytes, bool big)
{
	uint64_t v = 0;
	uint32_t i;

	for (i = 0; i < bytes; i++)
		v = v << 8 | at[big ? i : bytes - 1 - i];
	return v;
}

int main(void)
{
	uint64_t length = any_below(LENGTH + 1), left;
	uint8_t *bytes = any_bytes(length);
	struct span s = span_of(bytes, length);
	uint16_t v16;
	uint32_t v32;
	uint64_t v64, at = any_below(length + 1), further = any_u64();

	s.offset = at;
	left = length - at;
	switch (any_u8() % 7) {
	case 0:
		check(span_le16(&s, &v16) == (left >= 2));
		if (left >= 2)
			check(v16 == number(bytes + at, 2, false));
		break;
	case 1:
		check(span_le32(&s, &v32) == (left >= 4));
		if (left >= 4)
			check(v32 == number(bytes + at, 4, false));
		break;
	case 2:
		check(span_be32(&s, &v32) == (left >= 4));
		if (left >= 4)
			check(v32 == number(bytes + at, 4, true));
		break;
	case 3:
		check(span_le64(&s, &v64) == (left >= 8));
		if (left >= 8)
			check(v64 == number(bytes + at, 8, false));
		break;
	case 4:
		check(span_be64(&s, &v64) == (left >= 8));
		if (left >= 8)
			check(v64 == number(bytes + at, 8, true));
		break;
	case 5:
		check(span_read_at(&s, further, &v32, 4) ==
		      (further <= left && left - further >= 4));
		check(s.offset == at);
		if (further <= left && left - further >= 4)
			check(v32 == number(bytes + at + further, 4, false));
		break;
	default:
		if (bytes_are_zero(bytes, length) && left)
			check(!bytes[at]);
	}
	check(s.offset >= at && s.offset <= length);
	return 0;
}
