// SPDX-License-Identifier: MIT
/*
 * arena.c - see arena.h.
 */
#include "arena.h"

#include <string.h>
#include <sys/mman.h>

#include "checked.h"
#include "handover/frametable.h"
#include "util.h"

static uint8_t *map_piece(uint64_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

int arena_open(struct arena *a, const struct blob *blob,
	       struct diag_log *diag)
{
	uint32_t i;

	*a = (struct arena){ 0 };
	for (i = 0; i < blob->region_count; i++) {
		uint64_t bytes = range_bytes(blob->region[i]);

		a->places[i] = blob->region[i];
		a->pieces[i] = map_piece(bytes);
		if (!a->pieces[i])
			return diag_add(diag, HO_ENOMEM, "arena of %s",
					human_bytes(bytes));
		a->count++;
	}
	return 0;
}

bool arena_add_spare(struct arena *a, uint64_t bytes)
{
	uint64_t end = 1ull << (HO_FT_MFN_BITS + HO_PAGE_SHIFT);
	uint32_t i;

	/* no more than one range can be in the way of each place tried */
	for (i = 0; i < a->count; i++) {
		struct range want = { end - bytes, end };

		if (!range_overlaps(a->places[i], want))
			continue;
		end = align_down(a->places[i].start, HO_PAGE_BYTES);
		if (end < bytes)
			return false;
		i = -1;
	}
	a->spare_piece = map_piece(bytes);
	a->spare = (struct range){ end - bytes, end };
	return a->spare_piece;
}

static void drop_spare(struct arena *a)
{
	if (a->spare_piece)
		munmap(a->spare_piece, range_bytes(a->spare));
	a->spare_piece = NULL;
	a->spare = (struct range){ 0, 0 };
}

bool arena_add_tail(struct arena *a, uint64_t bytes)
{
	struct range tail = { a->places[0].end, a->places[0].end + bytes };
	uint8_t *longer;
	uint32_t i;

	for (i = 1; i < a->count; i++)
		if (range_overlaps(a->places[i], tail))
			return false;
	longer = map_piece(range_bytes(a->places[0]) + bytes);
	if (!longer)
		return false;
	drop_spare(a);
	munmap(a->pieces[0], range_bytes(a->places[0]) + a->tail_bytes);
	a->pieces[0] = longer;
	a->tail_bytes = bytes;
	return true;
}

void arena_set_tail(struct arena *a, uint64_t bytes)
{
	a->spare = (struct range){ a->places[0].end,
				   a->places[0].end + bytes };
}

void arena_close(struct arena *a)
{
	uint32_t i;

	drop_spare(a);
	for (i = 0; i < a->count; i++)
		munmap(a->pieces[i], range_bytes(a->places[i]) +
		       (i ? 0 : a->tail_bytes));
	*a = (struct arena){ 0 };
}

static void lend_far(struct region *r, struct range place,
		     const uint8_t *piece)
{
	r->far.places[r->far.count] = place;
	r->far.bias[r->far.count++] = (uintptr_t)piece - place.start;
}

void arena_lend(const struct arena *a, struct region *r)
{
	uint32_t i;

	r->bias = (uintptr_t)a->pieces[0] - a->places[0].start;
	r->far.count = 0;
	for (i = 1; i < a->count; i++)
		lend_far(r, a->places[i], a->pieces[i]);
	if (a->spare_piece)
		lend_far(r, a->spare, a->spare_piece);
	region_add_spare(r, a->spare);
}

uint64_t arena_spare_used(const struct arena *a, const struct region *r)
{
	return r->chunks[r->chunk_count - 1].next - a->spare.start;
}
