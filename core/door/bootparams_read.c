// SPDX-License-Identifier: MIT
/*
 * bootparams_read.c - see bootparams_read.h.
 */
#include "bootparams_read.h"

#include <string.h>

#include "bootparams.h"
#include "span.h"
#include "zeropage.h"

#define CMDLINE_BYTES_MAX	2048
#define LOADER_KEXEC		0xd	/* boot.rst, type_of_loader; its high
					 * half */

static uint32_t get32(const uint8_t *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	return v;
}

/* A low half of the header, and the high one in the zero page. */
static uint64_t get_split(const uint8_t *zero, int low, int high)
{
	return get32(zero + low) | (uint64_t)get32(zero + high) << 32;
}

void bootparams_efi(struct efi *efi, const void *zero_page)
{
	const uint8_t *zero = zero_page;

	*efi = (struct efi){ 0 };
	if (memcmp(zero + EFI_SIGNATURE, "EL64", 4))
		return;
	efi->system_table = get_split(zero, EFI_SYSTAB, EFI_SYSTAB_HIGH);
	efi->secure_boot = zero[SECURE_BOOT] <= HO_EFI_SECURE_BOOT_MAX
			 ? zero[SECURE_BOOT] : 0;
	efi->desc_size = get32(zero + EFI_DESC_SIZE);
	efi->desc_version = get32(zero + EFI_DESC_VERSION);
	efi->map = (const uint8_t *)(uintptr_t)get_split(zero, EFI_MAP,
							 EFI_MAP_HIGH);
	efi->map_bytes = get32(zero + EFI_MAP_BYTES);
}

static int read_efi(struct facts *facts, const uint8_t *zero,
		    struct diag_log *diag)
{
	uint64_t map;
	int rc;

	bootparams_efi(&facts->efi, zero);
	if (!facts->efi.system_table)
		return 0;
	map = (uintptr_t)facts->efi.map;
	rc = facts_take(facts, map, facts->efi.map_bytes, diag);
	facts->efi_map = (struct range){ map, map + facts->efi.map_bytes };
	facts->efi.map = NULL;
	facts->efi.map_bytes = 0;
	return rc;
}

/* The loader is a kexec: the firmware is in virtual mode. */
static void read_efi_setup(struct efi *efi, const uint8_t *setup)
{
	efi->fw_vendor = load_le64(setup);
	efi->config_table = load_le64(setup + 16);
	efi->smbios = load_le64(setup + 24);
	if (efi->smbios == EFI_NO_TABLE)
		efi->smbios = 0;
	efi->virtual_mode = efi->runtime_only = true;
	if (!efi->fw_vendor || !efi->config_table)
		efi->system_table = 0;	/* of no use without them */
}

/* The list of setup_data; FACTS_TAKEN_MAX ends one that bites its tail. */
static int read_data(struct facts *facts, struct hostmap *map,
		     const struct physmem *memory, uint64_t at,
		     struct diag_log *diag)
{
	int rc = 0;

	while (at && !rc) {
		const uint8_t *data = physmem_at(memory, at,
						 SETUP_DATA_HEAD_BYTES);
		uint32_t bytes = data ? get32(data + 12) : 0;

		if (!data || !physmem_at(memory, at,
					 SETUP_DATA_HEAD_BYTES +
					 (uint64_t)bytes))
			return diag_add(diag, HO_EDOOR, "setup_data at 0x%llx",
					(unsigned long long)at);
		rc = facts_take(facts, at,
				SETUP_DATA_HEAD_BYTES + (uint64_t)bytes, diag);
		if (!rc && get32(data + 8) == SETUP_EFI &&
		    bytes >= SETUP_EFI_BYTES)
			read_efi_setup(&facts->efi,
				       data + SETUP_DATA_HEAD_BYTES);
		if (!rc && get32(data + 8) == SETUP_E820_EXT)
			rc = hostmap_add_e820(map, data + SETUP_DATA_HEAD_BYTES,
					      bytes / E820_ENTRY_BYTES,
					      E820_ENTRY_BYTES, diag);
		at = load_le64(data);
	}
	return rc;
}

int bootparams_read(struct facts *facts, struct hostmap *map,
		    const struct physmem *memory, uint64_t at,
		    struct diag_log *diag)
{
	const uint8_t *zero = physmem_at(memory, at, BOOTPARAMS_BYTES);
	uint32_t count;
	int rc;

	*facts = (struct facts){ 0 };
	if (!zero)
		return diag_add(diag, HO_EDOOR, "zero page at 0x%llx",
				(unsigned long long)at);
	facts->rsdp = load_le64(zero + ACPI_RSDP_ADDR);
	facts->by_kexec = zero[TYPE_OF_LOADER] >> 4 == LOADER_KEXEC;
	facts->has_screen = true;
	memcpy(facts->screen, zero, sizeof(facts->screen));
	count = zero[E820_ENTRIES];
	if (count > BOOTPARAMS_E820_MAX)
		count = BOOTPARAMS_E820_MAX;
	rc = hostmap_add_e820(map, zero + E820_TABLE, count, E820_ENTRY_BYTES,
			      diag);
	if (!rc)
		rc = facts_take(facts, at, BOOTPARAMS_BYTES, diag);
	if (!rc)
		rc = facts_take(facts, get_split(zero, CMD_LINE_PTR,
						 EXT_CMD_LINE_PTR),
				CMDLINE_BYTES_MAX, diag);
	if (!rc)
		rc = facts_set_blob(facts,
				    get_split(zero, RAMDISK_IMAGE,
					      EXT_RAMDISK_IMAGE),
				    get_split(zero, RAMDISK_SIZE,
					      EXT_RAMDISK_SIZE), diag);
	if (!rc)
		rc = read_efi(facts, zero, diag);
	return rc ? rc : read_data(facts, map, memory,
				   load_le64(zero + SETUP_DATA), diag);
}
