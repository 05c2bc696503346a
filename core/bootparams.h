/* SPDX-License-Identifier: MIT */
/*
 * bootparams.h - fill and read the zero page of the Linux boot protocol.
 * Source: Documentation/arch/x86/boot.rst and zero-page.rst.
 */
#ifndef CORE_BOOTPARAMS_H
#define CORE_BOOTPARAMS_H

#include "bzimage.h"
#include "e820.h"
#include "facts.h"

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

/*
 * Read a boot loader's, and what it points to: see facts.h. The command line
 * is taken, and not read; of the map, what is in the page and in
 * SETUP_E820_EXT.
 */
int bootparams_read(struct facts *facts, struct hostmap *map,
		    const struct physmem *memory, uint64_t at,
		    struct diag_log *diag);

/* Bytes of the SETUP_E820_EXT setup_data for `count` entries; 0 when they
 * fit the zero page. */
uint64_t bootparams_ext_bytes(uint32_t count);

/* zero_page: BOOTPARAMS_BYTES; e820_ext: bootparams_ext_bytes() bytes or
 * NULL. Neither needs to be cleared. Cannot fail on a parsed bzimage. */
void bootparams_fill(void *zero_page, void *e820_ext,
		     const struct bootparams_input *in);

#endif /* CORE_BOOTPARAMS_H */
