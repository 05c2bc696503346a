// SPDX-License-Identifier: MIT
/*
 * facts.c - see facts.h. EFI's tables: UEFI specification 2.10, sections 4.3
 * and 4.6.
 */
#include "facts.h"

#include <string.h>

#include "checked.h"
#include "span.h"

#define RSDP_BYTES		36
/* struct EFI_SYSTEM_TABLE, 64-bit */
#define EFI_SYSTAB_BYTES	120
#define EFI_SYSTAB_TABLES	104	/* count, then address */
#define EFI_TABLE_BYTES		24	/* GUID, address */
#define EFI_TABLES_MAX		1024

int facts_take(struct facts *facts, uint64_t start, uint64_t bytes,
	       struct diag_log *diag)
{
	uint64_t end;

	if (!bytes)
		return 0;
	if (!checked_add(start, bytes, &end) ||
	    facts->taken_count == FACTS_TAKEN_MAX)
		return diag_add(diag, HO_EDOOR,
				"0x%llx + 0x%llx of the boot loader, after %u others",
				(unsigned long long)start,
				(unsigned long long)bytes,
				facts->taken_count);
	facts->taken[facts->taken_count++] = (struct range){ start, end };
	return 0;
}

int facts_set_blob(struct facts *facts, uint64_t start, uint64_t bytes,
		   struct diag_log *diag)
{
	int rc = facts_take(facts, start, bytes, diag);

	if (rc)
		return rc;
	if (range_bytes(facts->blob))
		return diag_add(diag, HO_EDOOR, "more than one module");
	facts->blob = (struct range){ start, start + bytes };
	return 0;
}

static uint64_t efi_rsdp(const struct physmem *memory, uint64_t systab)
{
	static const uint8_t acpi20[16] = {
		0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11,
		0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81,
	};
	const uint8_t *table = physmem_at(memory, systab, EFI_SYSTAB_BYTES);
	uint64_t count, i;

	if (!systab || !table)
		return 0;
	count = load_le64(table + EFI_SYSTAB_TABLES);
	if (count > EFI_TABLES_MAX)
		return 0;
	table = physmem_at(memory, load_le64(table + EFI_SYSTAB_TABLES + 8),
			   count * EFI_TABLE_BYTES);
	for (i = 0; table && i < count; i++, table += EFI_TABLE_BYTES)
		if (!memcmp(table, acpi20, sizeof(acpi20)))
			return load_le64(table + sizeof(acpi20));
	return 0;
}

int facts_find_rsdp(struct facts *facts, struct hostmap *map,
		    const struct physmem *memory, struct diag_log *diag)
{
	uint64_t copy = facts->rsdp_copy;

	if (!facts->rsdp)
		facts->rsdp = efi_rsdp(memory, facts->efi.system_table);
	if (facts->rsdp || !copy)
		return 0;
	facts->rsdp = copy;
	return hostmap_add(map, align_down(copy, HO_PAGE_BYTES),
			   align_up(copy + RSDP_BYTES, HO_PAGE_BYTES),
			   E820_ACPI, diag);
}

void facts_show_screen(const struct facts *facts, struct blob *b)
{
	if (!facts->has_screen)
		return;
	if (efi_screen_is_sane(facts->screen, b->memory, b->memory_count)) {
		b->screen_info = facts->screen;
		return;
	}
	vgatext_take(&b->vga_text, facts->screen);
	if (!vgatext_is_sane(&b->vga_text, b->memory, b->memory_count))
		b->vga_text = (struct vgatext){ 0 };
}

static int copy_efi_map(struct efi *efi, struct range map,
			const struct physmem *memory, uint8_t *out,
			struct diag_log *diag)
{
	efi->map_bytes = range_bytes(map);
	efi->map = physmem_at(memory, map.start, efi->map_bytes);
	if (!efi->map)
		return diag_add(diag, HO_EEFI,
				"efi-memory-map: out of reach, at 0x%llx..0x%llx",
				(unsigned long long)map.start,
				(unsigned long long)map.end);
	if (!efi_copy_map(efi, out))
		return diag_add(diag, HO_EEFI,
				"efi-memory-map: %llu bytes, descriptors of %u; %u to pass on, of %u at most",
				(unsigned long long)range_bytes(map),
				efi->desc_size, efi->map_bytes,
				HO_EFI_MAP_BYTES_MAX);
	return efi_check(efi, NULL, 0, diag);
}

int facts_take_efi(struct facts *facts, struct hostmap *map,
		   const struct physmem *memory, uint8_t *out,
		   struct diag_log *left_out, struct diag_log *diag)
{
	struct efi *efi = &facts->efi;
	uint32_t i;
	int rc;

	if (!efi->system_table && !range_bytes(facts->efi_map))
		return 0;
	if (copy_efi_map(efi, facts->efi_map, memory, out, left_out))
		*efi = (struct efi){ 0 };
	rc = hostmap_reserve_efi(map, efi, diag);
	for (i = 0; i < efi_count(efi) && !rc; i++) {
		struct efi_descriptor d = efi_descriptor(efi, i);

		if (efi_is_taken(efi, &d))
			rc = facts_take(facts, d.place.start,
					range_bytes(d.place), diag);
	}
	return rc;
}
