/* SPDX-License-Identifier: MIT */
/*
 * mb2_read.h - read the boot information of a multiboot2 loader, as a door
 * gets it. Source: Multiboot2 Specification version 2.0, section 3.6.
 */
#ifndef CORE_MB2_READ_H
#define CORE_MB2_READ_H

#include "facts.h"

/* What a loader has written for a door: see facts.h. The map is the one of
 * tag 6, or without one EFI's (17). HO_EDOOR, too, when EFI's boot services
 * still run (18): the door did not ask for them. */
int mb2_info_read(struct facts *facts, struct hostmap *map,
		  const struct physmem *memory, uint64_t at,
		  struct diag_log *diag);

#endif /* CORE_MB2_READ_H */
