// SPDX-License-Identifier: MIT
/*
 * prove_records.c - the decoders of a record's body, over any body.
 *
 * proof: core/blob/stream.c core/base/span.c
 * bound: none
 * flags: --unwind 9
 */
#include "proof.h"
#include "stream.h"

int main(void)
{
	uint64_t length = any_below(BYTES_MAX + 1), i;
	uint8_t *bytes = any_bytes(length);
	struct record rec = { .body = span_of(bytes, length) };
	struct ho_rec_domain_end e;
	struct ho_rec_version v;
	struct ho_rec_digest d;
	struct ho_rec_owner o;
	struct ho_rec_end end;
	struct frames f;

	switch (any_u8() % 6) {
	case 0:
		if (!record_version(&rec, &v, NULL))
			check(!v.writer[sizeof(v.writer) - 1] && !v.reserved);
		break;
	case 1:
		if (!record_owner(&rec, &o, NULL))
			check(length == sizeof(o));
		break;
	case 2:
		if (!record_domain_end(&rec, &e, NULL))
			check(!e.reserved && length == sizeof(e));
		break;
	case 3:
		if (!record_digest(&rec, &d, NULL))
			check(!d.reserved && length == sizeof(d));
		break;
	case 4:
		if (!record_end(&rec, &end, NULL))
			check(!end.reserved && length == sizeof(end));
		break;
	default:
		if (record_frames(&rec, &f, NULL))
			break;
		check(f.extent_count > 0);
		i = any_below(f.extent_count);
		check(__CPROVER_r_ok(f.words + 8 * i, 8));
		check(__CPROVER_r_ok(f.gfns + 8 * i, 8));
	}
	check(rec.body.bytes == bytes && rec.body.length == length);
	check(rec.body.offset <= length);
	return 0;
}
