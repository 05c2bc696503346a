/* SPDX-License-Identifier: MIT */
/*
 * bootparams.h - fill the zero page of the Linux 64-bit boot protocol.
 * Source: Documentation/arch/x86/boot.rst and zero-page.rst.
 */
#ifndef CORE_BOOTPARAMS_H
#define CORE_BOOTPARAMS_H

#include "bzimage.h"
#include "e820.h"
#include "hostmap.h"

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
	uint64_t e820_ext_paddr;	/* where e820_ext will lie */
};

/* What a boot loader says in a zero page. */
#define BOOTPARAMS_DATA_MAX	32

struct bootparams_facts {
	uint64_t rsdp;			/* 0: unknown */
	uint64_t efi_systab;		/* 64-bit EFI; 0: not an EFI host */
	uint64_t initrd;
	uint64_t initrd_bytes;		/* 0: none */
	uint32_t data_count;		/* setup_data, and the command line */
	struct range data[BOOTPARAMS_DATA_MAX];
};

/*
 * Read one, and whatever it points to, in place (identity); the map's entries
 * are added to `map`. HO_EMEMORY; HO_EDOOR when its list of setup_data is
 * longer than BOOTPARAMS_DATA_MAX.
 */
int bootparams_read(struct bootparams_facts *facts, const void *zero_page,
		    struct hostmap *map, struct diag_log *diag);

/* Bytes of the SETUP_E820_EXT setup_data for `count` entries; 0 when they
 * fit the zero page. */
uint64_t bootparams_ext_bytes(uint32_t count);

/* zero_page: BOOTPARAMS_BYTES; e820_ext: bootparams_ext_bytes() bytes or
 * NULL. Neither needs to be cleared. Cannot fail on a parsed bzimage. */
void bootparams_fill(void *zero_page, void *e820_ext,
		     const struct bootparams_input *in);

#endif /* CORE_BOOTPARAMS_H */
