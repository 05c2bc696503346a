// SPDX-License-Identifier: MIT
/*
 * prove_stream_open.c - the header of a stream.
 *
 * proof: core/blob/stream.c core/base/span.c
 * bound: none
 * quick:
 * flags: --unwind 9
 */
#include "proof.h"
#include "stream.h"

int main(void)
{
	uint64_t length = any_below(BYTES_MAX + 1);
	uint8_t *bytes = any_bytes(length);
	struct stream s;

	if (!stream_open(&s, bytes, length, NULL)) {
		check(length >= sizeof(struct ho_stream_header));
		check(s.in.offset == sizeof(struct ho_stream_header));
		check(s.in.length == length && s.in.bytes == bytes);
		check(!s.ended && !s.record_count);
		check(bytes[8] == 'B' && bytes[11] == 'N' && !bytes[16]);
	}
	return 0;
}
