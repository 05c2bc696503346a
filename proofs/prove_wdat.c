// SPDX-License-Identifier: MIT
/*
 * prove_wdat.c - any table that is taken for a watchdog's, and what is made of
 * each of its entries when it runs.
 *
 * proof: core/base/span.c
 * bound: tables of 3 entries and less; one entry is like the other
 * flags: --unwind 8
 */
#include "proof.h"
#include "core/firmware/wdat.c"

static uint32_t read_any(void *context, struct wdat_register r)
{
	(void)context;
	check(r.bytes == 1 || r.bytes == 2 || r.bytes == 4);
	check(r.memory ? r.address <= (1ull << 46) - r.bytes
		       : r.address <= 0x10000u - r.bytes);
	return any_u32();
}

static void write_any(void *context, struct wdat_register r, uint32_t v)
{
	(void)v;
	read_any(context, r);
}

int main(void)
{
	const struct wdat_io io = { .read = read_any, .write = write_any };
	uint32_t length = any_below(68 + 3 * ENTRY_BYTES + 2), i = any_u32();
	struct wdat w;
	struct wdat_register r;

	if (!wdat_parse(&w, any_bytes(length), length))
		return 0;
	check(w.entry_count && w.entry_count <= WDAT_ENTRIES_MAX);
	check(w.period_ms && w.period_ms <= 60000 && w.max_count);
	check(w.min_count <= w.max_count);
	check(w.max_count <= 71582);
	assume(i < w.entry_count);
	r = wdat_register(&w, i);
	check(!(r.address & (r.bytes - 1)));
	run_entry(&w, i, any_u32(), &io);
	return 0;
}
