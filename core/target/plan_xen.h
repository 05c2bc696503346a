/* SPDX-License-Identifier: MIT */
/*
 * plan_xen.h - what a Xen target wants besides multiboot2. For the plan.
 *
 * Xen takes the map it is given only with no-real-mode; without it, it asks
 * the BIOS and would use the guests' frames. Its boot allocator's list of
 * ranges is one page of 256 entries and ends in a BUG (init_boot_pages() of
 * xen/common/page_alloc.c). Command lines are cut at 1024 bytes
 * (saved_cmdline, MAX_GUEST_CMDLINE); the first word of each is taken for a
 * file name unless the loader is GRUB 2 (cmdline_cook() of
 * xen/arch/x86/setup.c).
 *
 * Kept frames are no RAM to it, and what is no RAM is mapped uncached for dom0
 * (get_page_from_l1e() of xen/arch/x86/mm.c), from where `baton restore` reads
 * them: mmio-relax (4.7 and later) lets dom0 have them cached. It comes before
 * the user's words, the last of which counts, so theirs does.
 *
 * baton= leads a Xen that knows it (xen/) to the breadcrumb: it gives guests the
 * frames that were kept for them. Others say that they do not know the word.
 */
#ifndef CORE_PLAN_XEN_H
#define CORE_PLAN_XEN_H

#include "blob.h"
#include "e820.h"

#define PLAN_XEN_RAM_MAX	199	/* one may be split at 4 GiB */
#define PLAN_XEN_CMDLINE_MAX	1023
#define PLAN_XEN_BEFORE		"xen mmio-relax "
#define PLAN_XEN_AFTER		"no-real-mode " HO_CMDLINE_OPTION /* 0x... */
#define PLAN_XEN_DOM0_BEFORE	"vmlinuz "

/*
 * A Linux dom0 sits in its map, which is the machine's, where it would sit
 * without Xen, and panics when that is not one range of RAM
 * (xen_is_e820_reserved() of arch/x86/xen/setup.c): [pref_address,
 * + init_size) of a bzImage, else [16 MiB, 74 MiB). HO_ENOROOM.
 */
int plan_xen_check_dom0(const struct e820_map *map, const void *kernel,
			uint64_t bytes, struct diag_log *diag);

/*
 * ACPI. Started by multiboot2 Xen looks for the RSDP in the first KiB of the
 * EBDA, which the word at 0x40e names by its segment, and in the BIOS area
 * (acpi_find_root_pointer() of xen/drivers/acpi/tables/tbxfroot.c); it ignores
 * the tags that name one, and takes the one of EFI's for that of a firmware
 * whose boot services run. On an EFI host the RSDP is elsewhere: a copy is
 * planted in an EBDA of ours, the last page below 640 KiB. dom0, which has a
 * page 0 of its own, is told by acpi_rsdp= (Linux's kernel-parameters.txt).
 */
#define PLAN_XEN_EBDA_WORD	0x40e
#define PLAN_XEN_EBDA		0x9fc00
#define PLAN_XEN_RSDP_BYTES	36	/* of ACPI 2.0 and later */

/* True when the RSDP is known, and is not where Xen looks. */
bool plan_xen_plants_rsdp(const struct blob *blob);
/* HO_EXENACPI: the RSDP is in RAM, or where the copy goes is none. */
int plan_xen_check_acpi(const struct blob *blob, struct diag_log *diag);
/* The EBDA's page becomes reserved; adds two entries at most. */
void plan_xen_reserve_ebda(struct e820_map *map);
/* The bytes at acpi-rsdp: HO_EXENACPI when they are none. */
int plan_xen_check_rsdp(const void *bytes, struct diag_log *diag);

#endif /* CORE_PLAN_XEN_H */
