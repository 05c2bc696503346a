/* SPDX-License-Identifier: MIT */
/*
 * bootparams_read.h - read the zero page of the Linux boot protocol, as a door
 * gets it.
 */
#ifndef CORE_BOOTPARAMS_READ_H
#define CORE_BOOTPARAMS_READ_H

#include "facts.h"

/* 64-bit EFI of a zero page; else no system table. Not checked, the map is
 * where the loader put it (identity): virtual mode and the pointers that go
 * with it are not in a zero page. */
void bootparams_efi(struct efi *efi, const void *zero_page);

/*
 * Read a boot loader's, and what it points to: see facts.h. The command line
 * is taken, and not read; of the map, what is in the page and in
 * SETUP_E820_EXT. HO_EDOOR, HO_EMEMORY, codes of facts_take().
 */
int bootparams_read(struct facts *facts, struct hostmap *map,
		    const struct physmem *memory, uint64_t at,
		    struct diag_log *diag);

#endif /* CORE_BOOTPARAMS_READ_H */
