// SPDX-License-Identifier: MIT
/*
 * fuzz_inherit.c - what an update leaves over any stream, then spoiled in
 * places, as a Xen reads it. The first byte: bits 0..4 how many places, bit 5:
 * breadcrumb sealed again, bit 6: the stream's END, too, bit 7: read twice.
 * Twelve bytes a place: offset in what was left, and what stands there then.
 * The stream follows.
 */
#include <stdlib.h>
#include <string.h>

#include "inherit.h"
#include "leftover.h"

#define PLACES		0x1f
#define SEAL		0x20
#define SEAL_STREAM	0x40
#define TWICE		0x80

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct leftover l;
static uint64_t guests, frames, freed;

static const void *map(uint64_t pa, uint64_t bytes)
{
	return leftover_at(&l, pa, bytes);
}

/* What a Xen takes for granted of what it is given. */
static bool take(const struct inherit_extent *e)
{
	const uint64_t start = e->mfn << HO_PAGE_SHIFT;
	const uint64_t end = (e->mfn + e->pages) << HO_PAGE_SHIFT;
	uint64_t s, r;
	uint32_t i;

	if (e->guest >= guests || !e->pages || start < MIB ||
	    end > inherit_top() || e->gfn + e->pages > 1ull << 32)
		abort();
	for (i = 0; inherit_region(i, &s, &r); i++)
		if (start < r && s < end)
			abort();
	frames += e->pages;
	return true;
}

static bool take_free(uint64_t start, uint64_t end)
{
	if (start >= end || start < freed || end > inherit_top())
		abort();
	freed = end;
	return true;
}

static void read_all(void)
{
	uint64_t all = 0;
	uint32_t i;

	frames = freed = 0;
	if (!inherit_open(REGION_BASE, map) || !inherit_attach(map)) {
		if (!*inherit_why() || inherit_top() || inherit_guests())
			abort();
		return;
	}
	guests = inherit_guests();
	for (i = 0; i < guests; i++)
		all += inherit_guest(i)->frames;
	if (!inherit_extents(take) || frames != all)
		abort();
	inherit_free(take_free);
}

/* Anywhere in breadcrumb, tables, blob or tree. */
static void spoil(const uint8_t *place)
{
	uint32_t offset;

	memcpy(&offset, place, 4);
	memcpy(l.region + offset % (LEFTOVER_BYTES - 8), place + 4, 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t i, places = size ? data[0] & PLACES : 0;
	uint8_t how = size ? data[0] : 0;

	if (size < 1 + 12 * places || size > 1 << 20 ||
	    !leftover_make(&l, data + 1 + 12 * places, size - 1 - 12 * places))
		return 0;
	for (i = 0; i < places; i++)
		spoil(data + 1 + 12 * i);
	if (how & SEAL)
		leftover_seal(&l);
	if (how & SEAL_STREAM)
		leftover_seal_stream(&l);
	read_all();
	if (how & TWICE)
		read_all();
	return 0;
}
