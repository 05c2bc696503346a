// SPDX-License-Identifier: MIT
/*
 * region.c - bump allocator over what the staged pieces leave of the region.
 * Hosted code runs it over an arena.
 */
#include "region.h"

#include "checked.h"
#include "handover/frametable.h"

/* The part of `free` before `hole`, and behind it, back into the list. */
static void chunk_carve(struct region *r, uint32_t at, struct range hole)
{
	struct region_chunk *c = &r->chunks[at];
	uint64_t end = c->end;

	if (hole.end <= c->next || hole.start >= c->end)
		return;
	c->end = hole.start > c->next ? hole.start : c->next;
	if (hole.end < end && r->chunk_count < REGION_CHUNKS_MAX - 1)
		r->chunks[r->chunk_count++] =
			(struct region_chunk){ .next = hole.end, .end = end };
}

static bool chunk_is_before(const struct region_chunk *a,
			    const struct region_chunk *b)
{
	uint64_t x = a->end - a->next, y = b->end - b->next;

	return x > y || (x == y && a->next < b->next);
}

/* Largest first: small allocations then rarely meet the end of a chunk. */
static void chunks_sort(struct region *r)
{
	uint32_t i, j;

	for (i = 1; i < r->chunk_count; i++) {
		struct region_chunk c = r->chunks[i];

		for (j = i; j > 0 && chunk_is_before(&c, &r->chunks[j - 1]);
		     j--)
			r->chunks[j] = r->chunks[j - 1];
		r->chunks[j] = c;
	}
}

int region_init(struct region *r, const struct blob *blob, struct range self,
		uintptr_t bias, struct diag_log *diag)
{
	struct range staged[BLOB_STAGED_MAX];
	uint32_t count = blob_staged(blob, self, staged);
	uint32_t i, j;

	*r = (struct region){ .bias = bias };
	for (i = 0; i < blob->region_count; i++)
		r->chunks[r->chunk_count++] = (struct region_chunk){
			.next = blob->region[i].start,
			.end = blob->region[i].end };
	for (i = 0; i < count; i++) {
		struct range hole = {
			align_down(staged[i].start, HO_PAGE_BYTES),
			align_up(staged[i].end, HO_PAGE_BYTES) };

		for (j = r->chunk_count; j-- > 0;)
			chunk_carve(r, j, hole);
	}
	chunks_sort(r);
	for (i = 0; i < r->chunk_count; i++) {
		r->chunks[i].start = r->chunks[i].next;
		r->room_bytes += r->chunks[i].end - r->chunks[i].next;
	}
	if (!r->room_bytes)
		return diag_add(diag, HO_EREGIONSMALL,
				"region 0x%llx: staged images fill it",
				(unsigned long long)blob->region[0].start);
	return 0;
}

void region_add_spare(struct region *r, struct range spare)
{
	uint32_t i;

	r->spare = spare;
	for (i = 0; i < r->chunk_count; i++)
		if (r->chunks[i].end == spare.start) {
			r->chunks[i].end = spare.end;
			chunks_sort(r);
			return;
		}
	if (range_bytes(spare))
		r->chunks[r->chunk_count++] = (struct region_chunk){
			spare.start, spare.end, spare.start };
}

void region_end_pages(struct region *r)
{
	uint32_t i;

	for (i = 0; i < r->chunk_count; i++) {
		uint64_t next = align_up(r->chunks[i].next, HO_PAGE_BYTES);

		r->used_bytes += next - r->chunks[i].next;
		r->chunks[i].next = next;
	}
	r->node_next = r->node_end;
}

static uint64_t chunk_take(struct region *r, struct region_chunk *c,
			   uint64_t bytes, uint64_t align)
{
	uint64_t start, end;

	if (!checked_align(c->next, align, &start) ||
	    !checked_add(start, bytes, &end) || end > c->end)
		return 0;
	r->used_bytes += end - c->next;
	c->next = end;
	return start;
}

uint64_t region_alloc(struct region *r, uint64_t bytes, uint64_t align)
{
	uint64_t pa = 0;
	uint32_t i;

	for (i = 0; i < r->chunk_count && !pa; i++)
		pa = chunk_take(r, &r->chunks[i], bytes, align);
	return pa;
}

/* At worst all of it in 4 KiB pages: a table for each 2 MiB, and those above,
 * up to five levels; what is shown begins at a boundary of each. */
int region_take_stream(struct region *r, const struct blob *blob,
		       struct diag_log *diag)
{
	uint64_t bytes = blob->stream_bytes;

	if (!blob->stream_range_count)
		return 0;
	r->stream_table_pages = (bytes >> 21) + (bytes >> 30) +
				(bytes >> 39) + 4;
	r->stream_tables = region_alloc(r, (uint64_t)r->stream_table_pages
					* HO_PAGE_BYTES, HO_PAGE_BYTES);
	if (r->stream_tables)
		return 0;
	return diag_add(diag, HO_EREGIONSMALL,
			"page tables for a stream of %llu bytes",
			(unsigned long long)bytes);
}

uint64_t region_page(struct region *r)
{
	while (r->current < r->chunk_count) {
		uint64_t pa = chunk_take(r, &r->chunks[r->current],
					 HO_PAGE_BYTES, HO_PAGE_BYTES);

		if (pa)
			return pa;
		r->current++;
	}
	return 0;
}

uint64_t region_node(struct region *r)
{
	uint64_t pa;

	if (r->node_next == r->node_end) {
		r->node_next = region_page(r);
		if (!r->node_next)
			return r->node_end = 0;
		r->node_end = r->node_next + HO_PAGE_BYTES;
	}
	pa = r->node_next;
	r->node_next += HO_FT_RUNS_BYTES;
	return pa;
}
