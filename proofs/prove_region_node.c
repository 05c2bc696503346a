// SPDX-License-Identifier: MIT
/*
 * prove_region_node.c - nodes of 64 bytes: each lies in a page that was taken for
 * them, behind those before it.
 *
 * proof:
 * bound: 2 chunks
 * quick:
 * flags: --unwind 4
 */
#include "proof.h"
#include "core/own/region.c"

uint32_t blob_staged(const struct blob *b, struct range self,
		     struct range out[BLOB_STAGED_MAX])
{
	(void)b;
	(void)self;
	(void)out;
	return 0;
}

static struct region r;

int main(void)
{
	uint64_t old_next, old_end, pa;
	uint32_t i;

	r.chunk_count = any_below(3);
	r.current = any_u32();
	for (i = 0; i < 2; i++) {
		r.chunks[i].next = any_u64();
		r.chunks[i].end = any_below(1ull << 52);
		assume(r.chunks[i].next && r.chunks[i].next <= r.chunks[i].end);
	}
	r.node_next = any_below(1ull << 52);
	r.node_end = any_below(1ull << 52);
	assume(r.node_next <= r.node_end && r.node_next % 64 == 0 &&
	       r.node_end % HO_PAGE_BYTES == 0);
	old_next = r.node_next;
	old_end = r.node_end;
	pa = region_node(&r);
	check(r.node_next <= r.node_end || !pa);
	if (!pa)
		return 0;
	check(pa % HO_FT_RUNS_BYTES == 0);
	check(r.node_next == pa + HO_FT_RUNS_BYTES);
	if (old_next != old_end)
		check(pa == old_next && r.node_end == old_end);
	else
		check(pa % HO_PAGE_BYTES == 0 &&
		      r.node_end == pa + HO_PAGE_BYTES);
	return 0;
}
