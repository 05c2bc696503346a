/* SPDX-License-Identifier: MIT */
/*
 * zeropage.h - offsets and sizes of the zero page of the Linux boot protocol,
 * for bootparams.c and bootparams_read.c.
 */
#ifndef CORE_ZEROPAGE_H
#define CORE_ZEROPAGE_H

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

#define SETUP_E820_EXT		1
#define SETUP_EFI		4
#define EFI_NO_TABLE		(~0ull)	/* EFI_INVALID_TABLE_ADDR */
#define SETUP_EFI_BYTES		96	/* struct efi_setup_data */
#define SETUP_DATA_HEAD_BYTES	16
#define E820_ENTRY_BYTES	20

#endif /* CORE_ZEROPAGE_H */
