// SPDX-License-Identifier: MIT
/*
 * hostmap.c - see hostmap.h.
 */
#include "hostmap.h"

#include <string.h>

#include "checked.h"
#include "region.h"
#include "span.h"

#define ADDRESSES_END (1ull << 52)
#define TYPES_END 16		/* from here on: nobody knows them */

static int refuse(struct diag_log *diag, uint64_t start, uint64_t end)
{
	return diag_add(diag, HO_EMEMORY, "0x%llx..0x%llx",
			(unsigned long long)start, (unsigned long long)end);
}

int hostmap_add(struct hostmap *m, uint64_t start, uint64_t end,
		uint32_t type, struct diag_log *diag)
{
	struct e820_entry *next = &m->raw[m->raw_count];

	if (start == end)
		return 0;
	if (start > end)
		return refuse(diag, start, end);
	if (start >= ADDRESSES_END)
		return 0;	/* no CPU gets there */
	if (end > ADDRESSES_END)
		end = ADDRESSES_END;
	if (!type || (type >= TYPES_END && type != E820_SOFT_RESERVED))
		type = E820_RESERVED;
	/* EFI's maps have hundreds of neighbours that are one */
	if (m->raw_count && next[-1].type == type &&
	    next[-1].place.end == start) {
		next[-1].place.end = end;
		return 0;
	}
	if (m->raw_count == HOSTMAP_RAW_MAX)
		return refuse(diag, start, end);
	m->raw[m->raw_count++] = (struct e820_entry){ { start, end }, type };
	return 0;
}

int hostmap_add_e820(struct hostmap *m, const void *entries, uint64_t count,
		     uint32_t stride, struct diag_log *diag)
{
	const uint8_t *at = entries;
	uint32_t type;
	int rc = 0;

	for (; count && !rc; count--, at += stride) {
		memcpy(&type, at + 16, sizeof(type));
		rc = hostmap_add(m, load_le64(at),
				 load_le64(at) + load_le64(at + 8), type,
				 diag);
	}
	return rc;
}

/* As Linux takes them (do_add_efi_memmap()), but that memory which the firmware
 * has a use for after boot is not RAM. */
static uint32_t efi_type(uint32_t type, uint64_t attribute)
{
	const uint64_t wb = 1ull << 3, special = 1ull << 18;

	switch (type) {
	case EFI_LOADER_CODE:
	case EFI_LOADER_DATA:
	case EFI_BOOT_CODE:
	case EFI_BOOT_DATA:
	case EFI_CONVENTIONAL:
		if (attribute & EFI_ATTRIBUTE_RUNTIME)
			return E820_RESERVED;
		if (attribute & special)
			return E820_SOFT_RESERVED;
		return attribute & wb ? E820_RAM : E820_RESERVED;
	case EFI_UNUSABLE:
		return E820_UNUSABLE;
	case EFI_ACPI:
		return E820_ACPI;
	case EFI_ACPI_NVS:
		return E820_NVS;
	case EFI_PERSISTENT:
		return E820_PMEM;
	default:
		return E820_RESERVED;
	}
}

/* One that is senseless, as some firmware has, is left out. */
static int add_descriptor(struct hostmap *m, const struct efi_descriptor *d,
			  uint32_t type, struct diag_log *diag)
{
	return d->place.start < d->place.end
	     ? hostmap_add(m, d->place.start, d->place.end, type, diag) : 0;
}

int hostmap_add_efi(struct hostmap *m, const struct efi *efi,
		    struct diag_log *diag)
{
	uint32_t i;
	int rc = 0;

	if (efi->desc_size < HO_EFI_DESC_BYTES_MIN)
		return 0;
	for (i = 0; i < efi_count(efi) && !rc; i++) {
		struct efi_descriptor d = efi_descriptor(efi, i);

		rc = add_descriptor(m, &d, efi_type(d.type, d.attribute), diag);
	}
	return rc;
}

int hostmap_reserve_efi(struct hostmap *m, const struct efi *efi,
			struct diag_log *diag)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; i < efi_count(efi) && !rc; i++) {
		struct efi_descriptor d = efi_descriptor(efi, i);

		if (d.attribute & EFI_ATTRIBUTE_RUNTIME)
			rc = add_descriptor(m, &d, E820_RESERVED, diag);
	}
	return rc;
}

int hostmap_add_settled(struct hostmap *m, const struct blob *b,
			struct diag_log *diag)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; i < b->memory_count && !rc; i++)
		rc = hostmap_add(m, b->memory[i].start, b->memory[i].end,
				 E820_RAM, diag);
	for (i = 0; i < b->firmware_count && !rc; i++)
		rc = hostmap_add(m, b->firmware[i].place.start,
				 b->firmware[i].place.end, b->firmware[i].type,
				 diag);
	return rc;
}

/* Insertion: firmware's maps are nearly sorted. */
static uint32_t sorted_edges(struct hostmap *m)
{
	uint32_t count = 0, i, at;

	for (i = 0; i < 2 * m->raw_count; i++) {
		const struct range *r = &m->raw[i / 2].place;
		uint64_t edge = i & 1 ? r->end : r->start;

		for (at = count; at && m->edges[at - 1] > edge; at--)
			m->edges[at] = m->edges[at - 1];
		m->edges[at] = edge;
		count++;
	}
	return count;
}

/* Of the bytes between two edges, which an entry covers wholly or not at
 * all; 0: nobody's. */
static uint32_t type_between(const struct hostmap *m, struct range r)
{
	uint32_t type = 0, i;

	for (i = 0; i < m->raw_count; i++)
		if (m->raw[i].type > type &&
		    range_covers(m->raw[i].place, r))
			type = m->raw[i].type;
	return type;
}

static bool put_memory(struct hostmap *m, struct range r)
{
	uint32_t n = m->memory_count;

	if (n && m->memory[n - 1].end == r.start) {
		m->memory[n - 1].end = r.end;
		return true;
	}
	if (n == HO_MEMORY_RANGES_MAX)
		return false;
	m->memory[m->memory_count++] = r;
	return true;
}

static bool put_firmware(struct hostmap *m, struct range r, uint32_t type)
{
	uint32_t n = m->firmware_count;

	if (n && m->firmware[n - 1].place.end == r.start &&
	    m->firmware[n - 1].type == type) {
		m->firmware[n - 1].place.end = r.end;
		return true;
	}
	if (n == HO_MEMORY_RANGES_MAX)
		return false;
	m->firmware[m->firmware_count++] =
		(struct blob_firmware_range){ r, type };
	return true;
}

/* Only now: a page may have become whole by joining. */
static void whole_pages(struct hostmap *m)
{
	uint32_t i, out = 0;

	for (i = 0; i < m->memory_count; i++) {
		struct range r = { align_up(m->memory[i].start, HO_PAGE_BYTES),
				   align_down(m->memory[i].end,
					      HO_PAGE_BYTES) };

		if (r.start < r.end)
			m->memory[out++] = r;
	}
	m->memory_count = out;
}

int hostmap_settle(struct hostmap *m, struct diag_log *diag)
{
	uint32_t count = sorted_edges(m), i;

	m->memory_count = m->firmware_count = 0;
	for (i = 1; i < count; i++) {
		struct range r = { m->edges[i - 1], m->edges[i] };
		uint32_t type = range_bytes(r) ? type_between(m, r) : 0;

		if (type && !(type == E820_RAM ? put_memory(m, r)
					       : put_firmware(m, r, type)))
			return diag_add(diag, HO_EMEMORY,
					"more than %u ranges",
					HO_MEMORY_RANGES_MAX);
	}
	whole_pages(m);
	if (!m->memory_count)
		return diag_add(diag, HO_EMEMORY, "no RAM in the map");
	return 0;
}

bool hostmap_is_ram(const struct hostmap *m, struct range r)
{
	uint32_t i;

	for (i = 0; i < m->memory_count; i++)
		if (range_covers(m->memory[i], r))
			return true;
	return false;
}

static uint64_t highest(const struct hostmap *m, uint64_t bytes, uint64_t limit,
			room_taken_fn taken, const void *context)
{
	uint64_t at = 0;
	uint32_t i;

	for (i = m->memory_count; !at && i-- > 0;) {
		struct range ram = m->memory[i];

		if (ram.start < REGION_LOWEST)
			ram.start = REGION_LOWEST;
		if (ram.end > limit)
			ram.end = limit;
		at = room_highest(ram, bytes, HO_PAGE_2M_BYTES, taken, context);
	}
	return at;
}

uint64_t hostmap_region_place(const struct hostmap *m, uint64_t bytes,
			      uint64_t limit, room_taken_fn taken,
			      const void *context)
{
	uint64_t at = highest(m, bytes, limit < LIMIT_4G ? limit : LIMIT_4G,
			      taken, context);

	return at ? at : highest(m, bytes, limit, taken, context);
}
