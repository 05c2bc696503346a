// SPDX-License-Identifier: MIT
/*
 * prove_stream_next.c - one record, from any state that the reader can be in. The
 * state afterwards is one again, so this holds for every record of every
 * stream.
 *
 * proof: core/blob/stream.c core/base/span.c
 * bound: padding is at most 7 bytes (by its own length)
 * quick:
 * flags: --unwind 9
 */
#include "proof.h"
#include "stream.h"

int main(void)
{
	uint64_t length = any_below(BYTES_MAX + 1);
	struct stream s = { .in = span_of(any_bytes(length), length) }, before;
	struct record rec;
	int rc;

	s.in.offset = any_below(length + 1);
	s.record_count = any_u64();
	s.ended = any_bool();
	before = s;
	rc = stream_next(&s, &rec, NULL);
	check(s.in.bytes == before.in.bytes && s.in.length == length &&
	      s.in.offset <= length);
	if (rc == 1) {
		check(s.in.offset >= before.in.offset + sizeof(struct ho_rec));
		check(rec.offset == before.in.offset && !rec.body.offset);
		check(rec.body.length <= HO_REC_MAX_BYTES);
		check(rec.body.bytes == before.in.bytes + rec.offset + 8);
		check(rec.offset + 8 + rec.body.length <= s.in.offset);
		check(s.ended == (rec.type == HO_REC_END));
	}
	if (!rc)
		check(before.ended && s.in.offset == length);
	return 0;
}
