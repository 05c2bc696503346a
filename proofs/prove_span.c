// SPDX-License-Identifier: MIT
/*
 * prove_span.c - the cursor: it steps over what is there or stays, and a part of
 * it is readable as a whole.
 *
 * proof: core/base/span.c
 * bound: none
 * quick:
 */
#include "proof.h"
#include "span.h"

static struct span s, before;

static void takes(uint64_t want)
{
	uint64_t left = before.length - before.offset;
	struct span sub;

	if (!span_take(&s, want, &sub)) {
		check(want > left && s.offset == before.offset);
		return;
	}
	check(sub.length == want && !sub.offset);
	check(sub.bytes == before.bytes + before.offset);
	check(!want || __CPROVER_r_ok(sub.bytes, want));
	check(s.offset == before.offset + want);
}

int main(void)
{
	uint64_t length = any_below(BYTES_MAX + 1), want = any_u64();

	assume(length);
	s = span_of(any_bytes(length), length);
	check(!s.offset && s.length == length);
	s.offset = any_below(length + 1);
	before = s;
	if (any_bool())
		takes(want);
	else
		check(span_skip(&s, want) ==
		      (want <= before.length - before.offset));
	check(s.bytes == before.bytes && s.length == before.length);
	check(s.offset >= before.offset && s.offset <= s.length);
	check(span_left(&s) == s.length - s.offset);
	return 0;
}
