/* SPDX-License-Identifier: MIT */
/*
 * maps.h - what the stub maps, and in which order: its page tables are a pool of
 * its image, which layouts far apart can use up. `baton check` maps the same, into
 * a pool of its own that nobody loads, so that it says so beforehand.
 */
#ifndef CORE_MAPS_H
#define CORE_MAPS_H

#include "course.h"
#include "paging.h"

/* Measured by tests/exact: 18 staged images of 1 GiB, 8 ranges and 11 pieces
 * of the target far apart take 109; without 1 GiB pages it is a page more for
 * each GiB of the region. */
#define MAPS_POOL_PAGES	192
#define MAPS_LOW_MEMORY	0x100000

/* None of these drops anything from a TLB. The range that failed is recorded. */

/* [start, end) to itself, as paging_map(). HO_EPAGETABLE. */
int maps_add(struct paging *p, uint64_t start, uint64_t end,
	     unsigned int flags, struct diag_log *diag);
/* The landing range but for the pages of `stub` in it, which may be what runs by
 * these tables; and in it the blob and the fallback tree, which is empty if there
 * is none, read-only. HO_EPAGETABLE. */
int maps_landing(struct paging *p, struct range landing, struct range stub,
		 struct range blob, struct range fallback,
		 struct diag_log *diag);
/* What else the blob names: further ranges, and read-only the staged images.
 * HO_EPAGETABLE. */
int maps_blob(struct paging *p, const struct blob *b, struct diag_log *diag);
/* The stream's pages as one piece from PAGING_UPPER on, read-only. HO_EPAGETABLE. */
int maps_stream(struct paging *p, const struct blob *b, struct diag_log *diag);
/* What the allocator has handed out, read-only. HO_EPAGETABLE. */
int maps_tables(struct paging *p, const struct region *r,
		struct diag_log *diag);
/* What a target reads of its firmware's before it can take a fault, read-only, in
 * whole pages. Returns 1; 0: none of it, for a part is in /memory, and may be
 * guests', or it is no range; -HO_EPAGETABLE. */
int maps_firmware(struct paging *p, const struct blob *b, struct range r,
		  struct diag_log *diag);
/* The RSDP, and what the firmware's map has as ACPI's, as maps_firmware(): Linux 5.1
 * to 5.9, and what took from those, reads its tables so. Linux's own kexec maps the
 * same (arch/x86/kernel/machine_kexec_64.c, map_acpi_tables()). HO_EPAGETABLE. */
int maps_acpi(struct paging *p, const struct blob *b, struct diag_log *diag);
/* The first MiB, where a kernel's decompressor puts a trampoline, and the pieces
 * that the plan placed in free frames: the target's code from here on. HO_EPAGETABLE. */
int maps_target(struct paging *p, const struct place *place,
		struct diag_log *diag);

#endif /* CORE_MAPS_H */
