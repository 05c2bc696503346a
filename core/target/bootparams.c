// SPDX-License-Identifier: MIT
/*
 * bootparams.c - see bootparams.h.
 */
#include "bootparams.h"

#include <string.h>

#include "checked.h"
#include "zeropage.h"

#define HEADER_END_MAX		0x290	/* edd_mbr_sig_buffer follows */
#define LOADER_UNDEFINED	0xff

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
