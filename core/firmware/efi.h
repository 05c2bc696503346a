/* SPDX-License-Identifier: MIT */
/*
 * efi.h - what a host's EFI firmware left for the next kernel: system table and
 * memory map, as /firmware has them (handover/fdt.h, README rule 16). Source:
 * UEFI specification 2.10, sections 4.3, 4.6, 7.2 (EFI_MEMORY_DESCRIPTOR).
 *
 * A kernel that finds an EFI map believes it alone when it looks for a place
 * of its own (process_efi_entries() of Linux's kaslr.c), whatever E820 says.
 * So no descriptor of memory that is free may be in the map.
 */
#ifndef CORE_EFI_H
#define CORE_EFI_H

#include "diag.h"
#include "types.h"
#include "handover/fdt.h"

enum efi_memory_type {
	EFI_RESERVED = 0, EFI_LOADER_CODE = 1, EFI_LOADER_DATA = 2,
	EFI_BOOT_CODE = 3, EFI_BOOT_DATA = 4, EFI_RUNTIME_CODE = 5,
	EFI_RUNTIME_DATA = 6, EFI_CONVENTIONAL = 7, EFI_UNUSABLE = 8,
	EFI_ACPI = 9, EFI_ACPI_NVS = 10, EFI_MMIO = 11, EFI_MMIO_PORTS = 12,
	EFI_PAL_CODE = 13, EFI_PERSISTENT = 14, EFI_UNACCEPTED = 15,
};

#define EFI_ATTRIBUTE_RUNTIME	(1ull << 63)

struct efi_descriptor {
	uint32_t type;			/* enum efi_memory_type, and others */
	struct range place;		/* whole pages */
	uint64_t virtual_start;
	uint64_t attribute;
};

struct efi {
	uint64_t system_table;		/* pa; 0: there is nothing to pass on */
	bool virtual_mode;		/* SetVirtualAddressMap() was called */
	bool runtime_only;		/* the memory that boot services had is
					 * in use: in virtual mode, and after
					 * any instance */
	uint64_t fw_vendor;		/* virtual_mode: pa of these, for the */
	uint64_t config_table;		/* system table has others now */
	uint64_t smbios;		/* the same, 0: none */
	uint32_t secure_boot;		/* boot_params.secure_boot, 0: unknown */
	uint32_t desc_size;		/* HO_EFI_DESC_BYTES_MIN..MAX */
	uint32_t desc_version;
	const uint8_t *map;		/* as the firmware has it */
	uint32_t map_bytes;		/* a multiple of desc_size */
};

/* How many descriptors the map has; 0 when there is no map. */
uint32_t efi_count(const struct efi *efi);
/* The index'th; its range may be senseless until efi_check() was content: one
 * that wraps ends before it starts. */
struct efi_descriptor efi_descriptor(const struct efi *efi, uint32_t index);
/* The other way: desc_size bytes at `at`. */
void efi_put_descriptor(const struct efi *efi, uint8_t *at,
			const struct efi_descriptor *d);

/*
 * True when a kernel may be shown it: it is not, and cannot become, free
 * memory; with runtime_only it is what the firmware runs in.
 */
bool efi_may_pass(const struct efi *efi, const struct efi_descriptor *d);
/* The firmware runs in it, or boot services did, where some firmware comes back
 * to in SetVirtualAddressMap(): not a place for anything of ours. */
bool efi_is_taken(const struct efi *efi, const struct efi_descriptor *d);

/*
 * The map, without what may not pass, goes to `out`, of HO_EFI_MAP_BYTES_MAX
 * bytes; `efi` is then of that one. `out` may be where it is. False, and no
 * system table any more: nothing is left, too much is, or its sizes make no
 * sense.
 */
bool efi_copy_map(struct efi *efi, uint8_t *out);
/*
 * The same without what boot services left, as tables that a kernel keeps: their
 * pages are RAM then, and who looks for the tables finds them in no descriptor,
 * and leaves them alone.
 */
void efi_drop_boot(struct efi *efi, uint8_t *out);

/*
 * Sizes within bounds, every descriptor one that may pass, a sane range, and,
 * when the firmware runs in it, outside `memory`, which may be guests'.
 * HO_EEFI.
 */
int efi_check(const struct efi *efi, const struct range *memory,
	      uint32_t memory_count, struct diag_log *diag);

#define EFI_SYSTEM_TABLE_BYTES 120

/*
 * Where the configuration table is, by what efi->system_table points to
 * (EFI_SYSTEM_TABLE_BYTES of it). Linux reads both where the CPU has SEV, before it
 * can take a fault (sev_enable() of arch/x86/boot/compressed/sev.c). False: the
 * bytes are no system table, or name no table that could be one.
 */
bool efi_config_table(const struct efi *efi, const uint8_t *system,
		      struct range *table);

/*
 * A framebuffer of the firmware's in struct screen_info (HO_SCREEN_INFO_BYTES;
 * Linux's include/uapi/linux/screen_info.h). False when it is none, or
 * `memory` is in it.
 */
bool efi_screen_is_sane(const uint8_t *screen, const struct range *memory,
			uint32_t memory_count);

/* A linear framebuffer, as multiboot2 describes it (section 3.6.12). */
struct efi_framebuffer {
	uint64_t base;
	uint32_t pitch;			/* bytes a line */
	uint32_t width, height;		/* pixels */
	uint8_t depth;			/* bits a pixel */
	uint8_t colours[6];		/* first bit and bits: red, green, blue */
};

/* As struct screen_info, VESA's where there is no EFI. False when it does not
 * fit there. */
bool efi_put_screen(uint8_t *screen, const struct efi_framebuffer *fb,
		    bool is_efi);

#endif /* CORE_EFI_H */
