// SPDX-License-Identifier: MIT
/*
 * prove_region.c - one allocation, from any state that the allocator can be in:
 * what it gives was free, inside one chunk, and is not free afterwards. So no
 * byte is ever given twice.
 *
 * proof:
 * bound: 2 chunks, each looked at like the other; aligned to 64 bytes, 4 KiB, 2 MiB
 * quick:
 * flags: --unwind 4
 */
#include "proof.h"
#include "core/own/region.c"

#define CHUNKS 2

uint32_t blob_staged(const struct blob *b, struct range self,
		     struct range out[BLOB_STAGED_MAX])
{
	(void)b;
	(void)self;
	(void)out;
	return 0;
}

static struct region r;

/* Chunks are apart, and what is handed out begins each. */
static bool is_region(void)
{
	uint32_t i, j;

	if (r.chunk_count > CHUNKS)
		return false;
	for (i = 0; i < r.chunk_count; i++) {
		const struct region_chunk *c = &r.chunks[i];

		if (!c->next || c->next > c->end || c->end > 1ull << 52 ||
		    c->end % HO_PAGE_BYTES)
			return false;
		for (j = 0; j < i; j++)
			if (c->next < r.chunks[j].end &&
			    r.chunks[j].next < c->end)
				return false;
	}
	return true;
}

static bool is_free(uint64_t byte)
{
	uint32_t i;

	for (i = 0; i < r.chunk_count; i++)
		if (byte >= r.chunks[i].next && byte < r.chunks[i].end)
			return true;
	return false;
}

int main(void)
{
	uint64_t byte = any_u64(), bytes = any_u64(), align, pa;
	bool free_before, page = any_bool();

	r.chunk_count = any_u32();
	r.current = any_u32();
	for (uint32_t i = 0; i < CHUNKS; i++)
		r.chunks[i] = (struct region_chunk){ any_u64(), any_u64(),
						     any_u64() };
	r.used_bytes = any_u64();
	assume(is_region());
	free_before = is_free(byte);
	align = any_bool() ? 64 : any_bool() ? HO_PAGE_BYTES
					    : HO_PAGE_2M_BYTES;
	if (page) {
		bytes = align = HO_PAGE_BYTES;
		pa = region_page(&r);
	} else {
		pa = region_alloc(&r, bytes, align);
	}
	check(is_region());
	if (!free_before)
		check(!is_free(byte));
	if (!pa)
		return 0;
	check(!(pa & (align - 1)));
	if (byte >= pa && byte - pa < bytes)
		check(free_before && !is_free(byte));
	return 0;
}
