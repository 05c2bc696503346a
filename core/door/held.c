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

/* map: the kernel's, NULL: out of reach */
static int check_efi_map(const struct efi *b, const uint8_t *map, uint64_t bytes,
			 struct diag_log *diag)
{
	uint32_t at;

	for (at = 0; at + b->desc_size <= b->map_bytes; at += b->desc_size)
		if (!map || !has_descriptor(map, bytes, b->desc_size,
					    b->map + at))
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

static int check_is_no_memory(const struct blob *b, const char *what,
			      struct range r, struct diag_log *diag)
{
	if (!blob_overlaps_memory(b, r))
		return 0;
	return diag_add(diag, HO_EOTHERFACTS,
			"memory: 0x%llx..0x%llx is %s to the kernel",
			(unsigned long long)r.start, (unsigned long long)r.end,
			what);
}

/* What the next kernel believes, or runs, is in no memory of the blob's: there
 * a region would be written over it. */
static int check_memory(const struct facts *f, const struct hostmap *map,
			const struct blob *b, struct diag_log *diag)
{
	const struct range rsdp = { f->rsdp, f->rsdp + RSDP_BYTES };
	uint32_t i;
	int rc = f->rsdp ? check_is_no_memory(b, "the RSDP", rsdp, diag) : 0;

	for (i = 0; i < map->raw_count && !rc; i++) {
		const struct e820_entry *e = &map->raw[i];

		if (e->type == E820_ACPI || e->type == E820_NVS)
			rc = check_is_no_memory(b, "ACPI's", e->place, diag);
	}
	return rc;
}

/* The same of EFI's runtime services. A descriptor of another type may have the
 * attribute as well: of boot services' data with a table in it, which is RAM. */
static int check_runtime(const struct facts *f, const struct blob *b,
			 const uint8_t *kernel_map, struct diag_log *diag)
{
	struct efi kernel = f->efi;
	uint32_t i;
	int rc = 0;

	kernel.map = kernel_map;
	kernel.map_bytes = range_bytes(f->efi_map);
	for (i = 0; i < efi_count(&kernel) && !rc; i++) {
		struct efi_descriptor d = efi_descriptor(&kernel, i);

		if (d.type == EFI_RUNTIME_CODE || d.type == EFI_RUNTIME_DATA)
			rc = check_is_no_memory(b, "EFI's", d.place, diag);
	}
	return rc;
}

int held_check(const struct facts *f, const struct hostmap *map,
	       const struct physmem *memory, const struct blob *b,
	       struct diag_log *diag)
{
	const uint8_t *kernel_map;
	int rc = check_rsdp(f, map, b->acpi_rsdp, diag);

	if (!rc)
		rc = check_memory(f, map, b, diag);
	if (rc || (!f->efi.system_table && !b->efi.system_table))
		return rc;
	rc = check_tables(&b->efi, &f->efi, diag);
	if (rc)
		return rc;
	kernel_map = physmem_at(memory, f->efi_map.start,
				range_bytes(f->efi_map));
	rc = check_efi_map(&b->efi, kernel_map, range_bytes(f->efi_map), diag);
	return rc || !kernel_map ? rc : check_runtime(f, b, kernel_map, diag);
}
