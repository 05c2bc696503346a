// SPDX-License-Identifier: MIT
/*
 * held.c - see held.h.
 */
#include "held.h"

#include <string.h>

#define RSDP_BYTES	36

static int differs(struct diag_log *diag, const char *what, uint64_t blob,
		   uint64_t kernel)
{
	return diag_add(diag, HO_EOTHERFACTS, "%s: 0x%llx, the kernel has 0x%llx",
			what, (unsigned long long)blob,
			(unsigned long long)kernel);
}

static int check_tables(const struct efi *b, const struct efi *f,
			struct diag_log *diag)
{
	const struct { const char *what; uint64_t blob, kernel; } rows[] = {
		{ HO_FDT_EFI_SYSTEM_TABLE, b->system_table, f->system_table },
		{ HO_FDT_EFI_SECURE_BOOT, b->secure_boot, f->secure_boot },
		{ HO_FDT_EFI_FW_VENDOR, b->fw_vendor, f->fw_vendor },
		{ HO_FDT_EFI_CONFIG_TABLE, b->config_table, f->config_table },
		{ HO_FDT_EFI_SMBIOS, b->smbios, f->smbios },
		{ HO_FDT_EFI_DESC_SIZE, b->desc_size, f->desc_size },
		{ HO_FDT_EFI_DESC_VERSION, b->desc_version, f->desc_version },
	};
	uint32_t i;

	for (i = 0; i < ARRAY_COUNT(rows); i++)
		if (rows[i].blob != rows[i].kernel)
			return differs(diag, rows[i].what, rows[i].blob,
				       rows[i].kernel);
	return 0;
}

/* Bytes of a descriptor that mean something, UEFI 2.10, section 7.2.3 */
#define DESCRIPTOR_BYTES	40

static bool has_descriptor(const uint8_t *map, uint64_t bytes, uint32_t size,
			   const uint8_t *want)
{
	uint64_t at;

	for (at = 0; at + size <= bytes; at += size)
		if (!memcmp(map + at, want, 4) &&	/* type; then padding */
		    !memcmp(map + at + 8, want + 8, DESCRIPTOR_BYTES - 8))
			return true;
	return false;
}

static int check_efi_map(const struct efi *b, struct range kernel,
			 const struct physmem *memory, struct diag_log *diag)
{
	const uint8_t *map = physmem_at(memory, kernel.start,
					range_bytes(kernel));
	uint32_t at;

	for (at = 0; at + b->desc_size <= b->map_bytes; at += b->desc_size)
		if (!map || !has_descriptor(map, range_bytes(kernel),
					    b->desc_size, b->map + at))
			return diag_add(diag, HO_EOTHERFACTS,
					"efi-memory-map: descriptor %u is not in the kernel's",
					at / b->desc_size);
	return 0;
}

static int check_rsdp(const struct facts *f, const struct hostmap *map,
		      uint64_t rsdp, struct diag_log *diag)
{
	uint32_t i;

	if (!rsdp || rsdp == f->rsdp)
		return 0;
	for (i = 0; !f->rsdp && i < map->raw_count; i++) {
		const struct e820_entry *e = &map->raw[i];

		if (e->type == E820_ACPI && e->place.start <= rsdp &&
		    rsdp + RSDP_BYTES > rsdp &&
		    rsdp + RSDP_BYTES <= e->place.end)
			return 0;
	}
	return differs(diag, HO_FDT_ACPI_RSDP, rsdp, f->rsdp);
}

int held_check(const struct facts *f, const struct hostmap *map,
	       const struct physmem *memory, const struct blob *b,
	       struct diag_log *diag)
{
	int rc = check_rsdp(f, map, b->acpi_rsdp, diag);

	if (rc || (!f->efi.system_table && !b->efi.system_table))
		return rc;
	rc = check_tables(&b->efi, &f->efi, diag);
	return rc ? rc : check_efi_map(&b->efi, f->efi_map, memory, diag);
}
