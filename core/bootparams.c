// SPDX-License-Identifier: MIT
/*
 * bootparams.c - fill the zero page, for the plan, and read one, for the
 * doors. Offsets:
 * Documentation/arch/x86/zero-page.rst and boot.rst.
 */
#include "bootparams.h"

#include <string.h>

#include "span.h"

/* zero-page.rst */
#define ACPI_RSDP_ADDR		0x070
#define EFI_SIGNATURE		0x1c0	/* "EL64" */
#define EFI_SYSTAB		0x1c4
#define EFI_DESC_BYTES		0x1c8
#define EFI_DESC_VERSION	0x1cc
#define EFI_MAP			0x1d0
#define EFI_MAP_BYTES		0x1d4
#define EFI_SYSTAB_HIGH		0x1d8
#define EFI_MAP_HIGH		0x1dc
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

uint64_t bootparams_ext_bytes(uint32_t count)
{
	if (count <= BOOTPARAMS_E820_MAX)
		return 0;
	return SETUP_DATA_HEAD_BYTES +
	       (uint64_t)(count - BOOTPARAMS_E820_MAX) * E820_ENTRY_BYTES;
}

/* struct setup_data {u64 next; u32 type; u32 len;} and the entries. */
static void fill_ext(uint8_t *ext, const struct e820_map *map)
{
	uint32_t i;

	put64(ext, 0);
	put32(ext + 8, SETUP_E820_EXT);
	put32(ext + 12, bootparams_ext_bytes(map->count) -
			SETUP_DATA_HEAD_BYTES);
	for (i = BOOTPARAMS_E820_MAX; i < map->count; i++)
		put_entry(ext + SETUP_DATA_HEAD_BYTES +
			  (uint64_t)(i - BOOTPARAMS_E820_MAX) *
			  E820_ENTRY_BYTES, &map->entries[i]);
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

void bootparams_fill(void *zero_page, void *e820_ext,
		     const struct bootparams_input *in)
{
	uint8_t *zero = zero_page;
	uint32_t header = in->bz->header_bytes;

	if (header > HEADER_END_MAX - BZIMAGE_HEADER_OFFSET)
		header = HEADER_END_MAX - BZIMAGE_HEADER_OFFSET;
	memset(zero, 0, BOOTPARAMS_BYTES);
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
	put64(zero + SETUP_DATA, e820_ext ? in->e820_ext_paddr : 0);
	fill_map(zero, in->map);
	if (e820_ext)
		fill_ext(e820_ext, in->map);
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

static int read_efi(struct facts *facts, const uint8_t *zero,
		    struct diag_log *diag)
{
	uint64_t map = get_split(zero, EFI_MAP, EFI_MAP_HIGH);
	uint32_t bytes = get32(zero + EFI_MAP_BYTES);
	int rc;

	if (memcmp(zero + EFI_SIGNATURE, "EL64", 4))
		return 0;
	rc = facts_take(facts, map, bytes, diag);
	if (rc)
		return rc;
	facts->efi_systab = get_split(zero, EFI_SYSTAB, EFI_SYSTAB_HIGH);
	facts->efi_map = (struct range){ map, map + bytes };
	facts->efi_desc_bytes = get32(zero + EFI_DESC_BYTES);
	facts->efi_desc_version = get32(zero + EFI_DESC_VERSION);
	return 0;
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
