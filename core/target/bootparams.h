/* SPDX-License-Identifier: MIT */
/*
 * bootparams.h - fill the zero page of the Linux boot protocol.
 * Source: Documentation/arch/x86/boot.rst and zero-page.rst.
 */
#ifndef CORE_BOOTPARAMS_H
#define CORE_BOOTPARAMS_H

#include "bzimage.h"
#include "e820.h"
#include "efi.h"
#include "vgatext.h"

#define BOOTPARAMS_BYTES	4096
#define BOOTPARAMS_E820_MAX	128

struct bootparams_input {
	const void *image;		/* the whole bzImage */
	uint64_t image_bytes;
	const struct bzimage *bz;
	const struct e820_map *map;
	uint64_t cmdline_paddr;
	uint64_t initrd_paddr;		/* 0: none */
	uint64_t initrd_bytes;
	uint64_t rsdp;			/* 0: unknown */
	const struct efi *efi;		/* NULL, or no system table: none */
	const uint8_t *screen_info;	/* NULL: none */
	struct vgatext vga_text;	/* columns 0: none */
	uint64_t extra_paddr;		/* where `extra` will lie */
};

/*
 * Bytes of what the zero page only points to: SETUP_E820_EXT for the entries
 * of the map that it has no room for, SETUP_EFI when the firmware is in
 * virtual mode, EFI's memory map. 0: nothing.
 */
uint64_t bootparams_extra_bytes(uint32_t map_count, const struct efi *efi);

/* zero_page: BOOTPARAMS_BYTES; extra: bootparams_extra_bytes() bytes, 8-byte
 * aligned. Neither needs to be cleared. Cannot fail on a parsed bzimage. */
void bootparams_fill(void *zero_page, void *extra,
		     const struct bootparams_input *in);

#endif /* CORE_BOOTPARAMS_H */
