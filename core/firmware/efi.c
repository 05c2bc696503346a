// SPDX-License-Identifier: MIT
/*
 * efi.c - see efi.h.
 */
#include "efi.h"

#include <string.h>

#include "checked.h"
#include "screeninfo.h"
#include "span.h"

/* EFI_MEMORY_DESCRIPTOR */
#define DESC_TYPE	0
#define DESC_PHYSICAL	8
#define DESC_VIRTUAL	16
#define DESC_PAGES	24
#define DESC_ATTRIBUTE	32

/* EFI_SYSTEM_TABLE, and of EFI_CONFIGURATION_TABLE the size; more of those are
 * not believed */
#define TABLE_SIGNATURE		0
#define TABLE_CONFIG_COUNT	104
#define TABLE_CONFIG		112
#define SYSTEM_TABLE_SIGNATURE	0x5453595320494249ull	/* "IBI SYST" */
#define CONFIG_BYTES		24
#define CONFIG_MAX		1024

#define OEM_TYPES	0x70000000	/* and those of operating systems */
#define ADDRESSES_END	(1ull << 52)

uint32_t efi_count(const struct efi *efi)
{
	return efi->desc_size ? efi->map_bytes / efi->desc_size : 0;
}

static uint64_t field(const uint8_t *at, uint32_t offset)
{
	return load_le64(at + offset);
}

struct efi_descriptor efi_descriptor(const struct efi *efi, uint32_t index)
{
	const uint8_t *at = efi->map + (uint64_t)index * efi->desc_size;
	struct efi_descriptor d = {
		.type = field(at, DESC_TYPE),	/* low half; then padding */
		.place.start = field(at, DESC_PHYSICAL),
		.virtual_start = field(at, DESC_VIRTUAL),
		.attribute = field(at, DESC_ATTRIBUTE),
	};
	uint64_t bytes;

	if (!checked_mul(field(at, DESC_PAGES), HO_PAGE_BYTES, &bytes) ||
	    !checked_add(d.place.start, bytes, &d.place.end))
		d.place = (struct range){ 1, 0 };
	return d;
}

void efi_put_descriptor(const struct efi *efi, uint8_t *at,
			const struct efi_descriptor *d)
{
	uint64_t pages = range_bytes(d->place) >> HO_PAGE_SHIFT;

	memset(at, 0, efi->desc_size);
	memcpy(at + DESC_TYPE, &d->type, 4);
	memcpy(at + DESC_PHYSICAL, &d->place.start, 8);
	memcpy(at + DESC_VIRTUAL, &d->virtual_start, 8);
	memcpy(at + DESC_PAGES, &pages, 8);
	memcpy(at + DESC_ATTRIBUTE, &d->attribute, 8);
}

bool efi_may_pass(const struct efi *efi, const struct efi_descriptor *d)
{
	switch (d->type) {
	case EFI_LOADER_CODE:
	case EFI_LOADER_DATA:
	case EFI_CONVENTIONAL:
	case EFI_PERSISTENT:
	case EFI_UNACCEPTED:
		return false;
	}
	if (d->type > EFI_UNACCEPTED && d->type < OEM_TYPES)
		return false;	/* nobody knows them yet */
	return !efi->runtime_only || d->attribute & EFI_ATTRIBUTE_RUNTIME;
}

bool efi_is_taken(const struct efi *efi, const struct efi_descriptor *d)
{
	return d->attribute & EFI_ATTRIBUTE_RUNTIME ||
	       (!efi->runtime_only &&
		(d->type == EFI_BOOT_CODE || d->type == EFI_BOOT_DATA));
}

static bool desc_size_is_sane(const struct efi *efi)
{
	return efi->desc_size >= HO_EFI_DESC_BYTES_MIN &&
	       efi->desc_size <= HO_EFI_DESC_BYTES_MAX &&
	       is_aligned(efi->desc_size, 8);
}

/* The descriptors that `keeps` says, in their order, become the map. False, and EFI
 * is gone: there is none, or they are too many. */
static bool keep(struct efi *efi, uint8_t *out,
		 bool (*keeps)(const struct efi *efi,
			       const struct efi_descriptor *d))
{
	uint32_t i, count = efi_count(efi), bytes = 0;
	bool good = desc_size_is_sane(efi);

	for (i = 0; good && i < count; i++) {
		struct efi_descriptor d = efi_descriptor(efi, i);

		if (!keeps(efi, &d))
			continue;
		good = bytes + efi->desc_size <= HO_EFI_MAP_BYTES_MAX;
		if (good)
			memmove(out + bytes, efi->map +
				(uint64_t)i * efi->desc_size, efi->desc_size);
		bytes += efi->desc_size;
	}
	efi->map = out;
	efi->map_bytes = bytes;
	good = good && bytes;
	if (!good)
		efi->system_table = 0;
	return good;
}

static bool is_shown(const struct efi *efi, const struct efi_descriptor *d)
{
	return efi_may_pass(efi, d) && d->place.start < d->place.end;
}

bool efi_copy_map(struct efi *efi, uint8_t *out)
{
	return keep(efi, out, is_shown);
}

static bool is_no_boot(const struct efi *efi, const struct efi_descriptor *d)
{
	(void)efi;
	return d->type != EFI_BOOT_CODE && d->type != EFI_BOOT_DATA;
}

void efi_drop_boot(struct efi *efi, uint8_t *out)
{
	if (efi->system_table)
		keep(efi, out, is_no_boot);
}

static bool overlaps_any(struct range r, const struct range *memory,
			 uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		if (range_overlaps(memory[i], r))
			return true;
	return false;
}

static int bad_descriptor(const struct efi_descriptor *d, uint32_t i,
			  const char *why, struct diag_log *diag)
{
	return diag_add(diag, HO_EEFI,
			"efi-memory-map entry %u: 0x%llx..0x%llx type %u: %s",
			i, (unsigned long long)d->place.start,
			(unsigned long long)d->place.end, d->type, why);
}

static bool sizes_are_sane(const struct efi *efi)
{
	return desc_size_is_sane(efi) && efi->map_bytes &&
	       efi->map_bytes <= HO_EFI_MAP_BYTES_MAX &&
	       efi->map_bytes % efi->desc_size == 0;
}

int efi_check(const struct efi *efi, const struct range *memory,
	      uint32_t memory_count, struct diag_log *diag)
{
	uint32_t i;

	if (!sizes_are_sane(efi))
		return diag_add(diag, HO_EEFI,
				"efi-memory-map: %u bytes, descriptors of %u",
				efi->map_bytes, efi->desc_size);
	for (i = 0; i < efi_count(efi); i++) {
		struct efi_descriptor d = efi_descriptor(efi, i);

		if (!efi_may_pass(efi, &d))
			return bad_descriptor(&d, i,
				"not to be shown to a kernel", diag);
		if (d.place.start >= d.place.end ||
		    d.place.end > ADDRESSES_END ||
		    !is_aligned(d.place.start, HO_PAGE_BYTES))
			return bad_descriptor(&d, i, "not a range", diag);
		if (d.attribute & EFI_ATTRIBUTE_RUNTIME &&
		    overlaps_any(d.place, memory, memory_count))
			return bad_descriptor(&d, i,
				"the firmware's, and in /memory", diag);
	}
	return 0;
}

bool efi_config_table(const struct efi *efi, const uint8_t *system,
		      struct range *table)
{
	uint64_t count = field(system, TABLE_CONFIG_COUNT), bytes;

	table->start = efi->virtual_mode ? efi->config_table :
					   field(system, TABLE_CONFIG);
	return field(system, TABLE_SIGNATURE) == SYSTEM_TABLE_SIGNATURE &&
	       table->start && count && count <= CONFIG_MAX &&
	       checked_mul(count, CONFIG_BYTES, &bytes) &&
	       checked_add(table->start, bytes, &table->end) &&
	       table->end <= ADDRESSES_END;
}

static uint64_t screen_word(const uint8_t *screen, uint32_t offset,
			    uint32_t bytes)
{
	uint64_t v = 0;

	memcpy(&v, screen + offset, bytes);
	return v;
}

bool efi_screen_is_sane(const uint8_t *screen, const struct range *memory,
			uint32_t memory_count)
{
	uint64_t high = screen_word(screen, SCREEN_FLAGS, 4) & SCREEN_HAS_BASE_HIGH
			? screen_word(screen, SCREEN_BASE_HIGH, 4) << 32 : 0;
	uint64_t start = screen_word(screen, SCREEN_BASE, 4) | high;
	uint64_t bytes = screen_word(screen, SCREEN_SIZE, 4);
	uint64_t shown = screen_word(screen, SCREEN_PITCH, 2) *
			 screen_word(screen, SCREEN_HEIGHT, 2);
	struct range r = { .start = start };

	if (screen[SCREEN_TYPE] != SCREEN_EFI &&
	    screen[SCREEN_TYPE] != SCREEN_VESA)
		return false;
	if (screen[SCREEN_TYPE] == SCREEN_VESA)
		bytes <<= 16;
	if (bytes < shown)
		bytes = shown;	/* as efifb does */
	return start && bytes && checked_add(start, bytes, &r.end) &&
	       r.end <= ADDRESSES_END &&
	       !overlaps_any(r, memory, memory_count);
}

static void put_word(uint8_t *screen, uint32_t offset, uint64_t v,
		     uint32_t bytes)
{
	memcpy(screen + offset, &v, bytes);
}

bool efi_put_screen(uint8_t *screen, const struct efi_framebuffer *fb,
		    bool is_efi)
{
	uint64_t bytes = (uint64_t)fb->pitch * fb->height;
	int i;

	if (fb->pitch > UINT16_MAX || fb->width > UINT16_MAX ||
	    fb->height > UINT16_MAX)
		return false;
	if (!is_efi)
		bytes = align_up(bytes, 1 << 16) >> 16;
	memset(screen, 0, HO_SCREEN_INFO_BYTES);
	screen[SCREEN_TYPE] = is_efi ? SCREEN_EFI : SCREEN_VESA;
	put_word(screen, SCREEN_WIDTH, fb->width, 2);
	put_word(screen, SCREEN_HEIGHT, fb->height, 2);
	put_word(screen, SCREEN_DEPTH, fb->depth, 2);
	put_word(screen, SCREEN_BASE, fb->base, 4);
	put_word(screen, SCREEN_BASE_HIGH, fb->base >> 32, 4);
	put_word(screen, SCREEN_FLAGS, SCREEN_HAS_BASE_HIGH, 4);
	put_word(screen, SCREEN_SIZE, bytes, 4);
	put_word(screen, SCREEN_PITCH, fb->pitch, 2);
	for (i = 0; i < 6; i++)
		screen[SCREEN_COLOURS + (i ^ 1)] = fb->colours[i];
	return true;
}
