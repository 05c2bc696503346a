/* SPDX-License-Identifier: MIT */
/*
 * cxlwords.h - hosts whose firmware gives CXL memory as plain RAM. A Linux that
 * finds none of a CXL region's RAM in its map, as where guests have all of it and
 * in a fallback, makes a dax device of that region, and kmem makes it RAM: over
 * the guests (cxl_region_probe(), is_system_ram(); Linux 6.3 and later). Without
 * cxl_acpi there are no regions; memory for a purpose is dax_hmem's as ever.
 */
#ifndef LOADER_CXLWORDS_H
#define LOADER_CXLWORDS_H

#include "pack_tree.h"

/*
 * Where RAM of the machine is in a window of this host's CEDT: the command lines of a
 * Linux target and of the fallback get what keeps cxl_acpi from being started. A
 * table that cannot be read counts as none, as for Linux. HO_ENOMEM.
 */
int cxl_add_words(struct packing *k);

#endif /* LOADER_CXLWORDS_H */
