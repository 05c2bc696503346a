// SPDX-License-Identifier: MIT
/*
 * prove_record_names.c - names of domains and states: what is let through is one
 * word, and ends.
 *
 * proof: core/blob/stream.c core/base/span.c
 * bound: none; names have the length that the contract gives them
 * flags: --unwind 66
 */
#include "proof.h"
#include "stream.h"

int main(void)
{
	uint64_t length = any_below(1024), i;
	uint8_t *bytes = any_bytes(length);
	struct record rec = { .body = span_of(bytes, length) };
	struct ho_rec_state s;
	struct ho_rec_domain d;

	if (any_below(2)) {
		if (record_domain(&rec, &d, NULL))
			return 0;
		i = any_below(sizeof(d.name));
		check(d.name[0] && !d.name[sizeof(d.name) - 1]);
		check(!d.name[i] ||
		      (d.name[i] > ' ' && d.name[i] <= '~' && d.name[i] != '/'));
		check(d.kind >= 1 && d.kind <= HO_KIND_MAX);
		check(length == sizeof(d));
		return 0;
	}
	if (record_state(&rec, &s, NULL))
		return 0;
	i = any_below(sizeof(s.name));
	check(s.name[0] && !s.name[sizeof(s.name) - 1]);
	check(s.name[i] != '/' && s.name[i] != ' ');
	check(!s.name[i] || (s.name[i] > ' ' && s.name[i] <= '~'));
	check(rec.body.offset == sizeof(s) && !s.reserved);
	return 0;
}
