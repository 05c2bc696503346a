// SPDX-License-Identifier: MIT
/*
 * bootparams.c - fill the zero page, for the plan, and read one, for the
 * doors. Offsets:
 * Documentation/arch/x86/zero-page.rst and boot.rst.
 */
#include "bootparams.h"

#include <string.h>

#include "checked.h"
#include "span.h"

/* zero-page.rst */
#define ACPI_RSDP_ADDR		0x070
#define EFI_SIGNATURE		0x1c0	/* "EL64": struct efi_info */
#define EFI_SYSTAB		0x1c4
#define EFI_DESC_SIZE		0x1c8
#define EFI_DESC_VERSION	0x1cc
#define EFI_MAP			0x1d0
#define EFI_MAP_BYTES		0x1d4
#define EFI_SYSTAB_HIGH		0x1d8
#define EFI_MAP_HIGH		0x1dc
#define SECURE_BOOT		0x1ec
#define EXT_RAMDISK_IMAGE	0x0c0
#define EXT_RAMDISK_SIZE	0x0c4
#define EXT_CMD_LINE_PTR	0x0c8
#define E820_ENTRIES		0x1e8
#define E820_TABLE		0x2d0
/* boot.rst */
#define TYPE_OF_LOADER		0x210
#define RAMDISK_IMAGE		0x218
#define RAMDISK_SIZE		0x21c
#define CMD_LINE_PTR		0x228
#define SETUP_DATA		0x250
#define HEADER_END_MAX		0x290	/* edd_mbr_sig_buffer follows */

#define CMDLINE_BYTES_MAX	2048
#define LOADER_UNDEFINED	0xff
#define SETUP_E820_EXT		1
#define SETUP_EFI		4
#define SETUP_EFI_BYTES		96	/* struct efi_setup_data */
#define SETUP_DATA_HEAD_BYTES	16
#define E820_ENTRY_BYTES	20

static void put32(uint8_t *at, uint32_t v)
{
	memcpy(at, &v, sizeof(v));
}

static void put64(uint8_t *at, uint64_t v)
{
	memcpy(at, &v, sizeof(v));
}

static void put_entry(uint8_t *at, const struct e820_entry *e)
{
	put64(at, e->place.start);
	put64(at + 8, range_bytes(e->place));
	put32(at + 16, e->type);
}

/* Where each piece of `extra` begins, one behind the other. */
struct layout {
	uint64_t efi_setup;		/* of SETUP_EFI; E820_EXT is at 0 */
	uint64_t efi_map;
	uint64_t end;
};

static uint64_t e820_ext_bytes(uint32_t count)
{
	if (count <= BOOTPARAMS_E820_MAX)
		return 0;
	return SETUP_DATA_HEAD_BYTES +
	       (uint64_t)(count - BOOTPARAMS_E820_MAX) * E820_ENTRY_BYTES;
}

static struct layout lay_out(uint32_t count, const struct efi *efi)
{
	struct layout l;

	l.end = l.efi_map = l.efi_setup = e820_ext_bytes(count);
	if (!efi || !efi->system_table)
		return l;
	l.efi_map = l.efi_setup = align_up(l.end, 8);
	if (efi->virtual_mode)
		l.efi_map += SETUP_DATA_HEAD_BYTES + SETUP_EFI_BYTES;
	l.end = l.efi_map + efi->map_bytes;
	return l;
}

uint64_t bootparams_extra_bytes(uint32_t map_count, const struct efi *efi)
{
	return lay_out(map_count, efi).end;
}

/* struct setup_data {u64 next; u32 type; u32 len;}, first in the list. */
static uint8_t *add_setup_data(uint8_t *zero, uint8_t *at, uint64_t paddr,
			       uint32_t type, uint32_t bytes)
{
	memcpy(at, zero + SETUP_DATA, 8);
	put32(at + 8, type);
	put32(at + 12, bytes);
	put64(zero + SETUP_DATA, paddr);
	return at + SETUP_DATA_HEAD_BYTES;
}

static void fill_ext(uint8_t *zero, uint8_t *extra,
		     const struct bootparams_input *in)
{
	const struct e820_map *map = in->map;
	uint64_t bytes = e820_ext_bytes(map->count);
	uint32_t i;
	uint8_t *at;

	if (!bytes)
		return;
	at = add_setup_data(zero, extra, in->extra_paddr, SETUP_E820_EXT,
			    bytes - SETUP_DATA_HEAD_BYTES);
	for (i = BOOTPARAMS_E820_MAX; i < map->count; i++)
		put_entry(at + (uint64_t)(i - BOOTPARAMS_E820_MAX) *
			  E820_ENTRY_BYTES, &map->entries[i]);
}

/* As Linux's own kexec_file_load(2) does it (setup_efi_state() of
 * arch/x86/kernel/kexec-bzimage64.c). */
static void fill_efi(uint8_t *zero, uint8_t *extra,
		     const struct bootparams_input *in)
{
	struct layout l = lay_out(in->map->count, in->efi);
	const struct efi *efi = in->efi;
	uint64_t map = in->extra_paddr + l.efi_map;
	uint8_t *at;

	if (!efi || !efi->system_table)
		return;
	if (efi->virtual_mode) {
		at = add_setup_data(zero, extra + l.efi_setup,
				    in->extra_paddr + l.efi_setup, SETUP_EFI,
				    SETUP_EFI_BYTES);
		memset(at, 0, SETUP_EFI_BYTES);
		put64(at, efi->fw_vendor);
		put64(at + 16, efi->config_table);
		put64(at + 24, efi->smbios);
	}
	memcpy(extra + l.efi_map, efi->map, efi->map_bytes);
	memcpy(zero + EFI_SIGNATURE, "EL64", 4);
	put32(zero + EFI_SYSTAB, efi->system_table);
	put32(zero + EFI_SYSTAB_HIGH, efi->system_table >> 32);
	put32(zero + EFI_DESC_SIZE, efi->desc_size);
	put32(zero + EFI_DESC_VERSION, efi->desc_version);
	put32(zero + EFI_MAP, map);
	put32(zero + EFI_MAP_HIGH, map >> 32);
	put32(zero + EFI_MAP_BYTES, efi->map_bytes);
	zero[SECURE_BOOT] = efi->secure_boot;
}

static void fill_map(uint8_t *zero, const struct e820_map *map)
{
	uint32_t count = map->count < BOOTPARAMS_E820_MAX
				 ? map->count : BOOTPARAMS_E820_MAX;
	uint32_t i;

	zero[E820_ENTRIES] = count;
	for (i = 0; i < count; i++)
		put_entry(zero + E820_TABLE + i * E820_ENTRY_BYTES,
			  &map->entries[i]);
}

void bootparams_fill(void *zero_page, void *extra,
		     const struct bootparams_input *in)
{
	uint8_t *zero = zero_page;
	uint32_t header = in->bz->header_bytes;

	if (header > HEADER_END_MAX - BZIMAGE_HEADER_OFFSET)
		header = HEADER_END_MAX - BZIMAGE_HEADER_OFFSET;
	memset(zero, 0, BOOTPARAMS_BYTES);
	if (in->screen_info)
		memcpy(zero, in->screen_info, HO_SCREEN_INFO_BYTES);
	else if (in->vga_text.columns)
		vgatext_put(&in->vga_text, zero);
	memcpy(zero + BZIMAGE_HEADER_OFFSET,
	       (const uint8_t *)in->image + BZIMAGE_HEADER_OFFSET, header);
	zero[TYPE_OF_LOADER] = LOADER_UNDEFINED;
	put64(zero + ACPI_RSDP_ADDR, in->rsdp);
	put32(zero + CMD_LINE_PTR, in->cmdline_paddr);
	put32(zero + EXT_CMD_LINE_PTR, in->cmdline_paddr >> 32);
	put32(zero + RAMDISK_IMAGE, in->initrd_paddr);
	put32(zero + EXT_RAMDISK_IMAGE, in->initrd_paddr >> 32);
	put32(zero + RAMDISK_SIZE, in->initrd_bytes);
	put32(zero + EXT_RAMDISK_SIZE, in->initrd_bytes >> 32);
	put64(zero + SETUP_DATA, 0);
	fill_map(zero, in->map);
	fill_ext(zero, extra, in);
	fill_efi(zero, extra, in);
}

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
