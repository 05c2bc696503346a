/* SPDX-License-Identifier: MIT */
/*
 * plan.h - everything that is decided about the target after the pass, and
 * before a byte of it is moved: its memory map and where each piece goes.
 * The stub carries it out; `baton check` only looks at it. Same code, same
 * refusals.
 */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include "bootparams.h"
#include "bzimage.h"
#include "mb2.h"
#include "place.h"
#include "plan_xen.h"

/* Copy [source, +file_bytes) to [paddr, +memory_bytes), zero the rest. */
struct plan_copy {
	const uint8_t *source;
	uint64_t file_bytes;
	uint64_t paddr;
	uint64_t memory_bytes;
};

/* and the RSDP for Xen, and where that is */
#define PLAN_COPIES_MAX (MB2_SEGMENTS_MAX + HO_TARGET_MODULES_MAX + 2)

struct plan {
	enum target_kind kind;
	struct region own;		/* region-only: what is not RAM */
	struct region *region;		/* where its pages come from */
	struct e820_map map;		/* entries in the region */
	struct e820_report report;
	struct place place;		/* place.taken: all bytes outside the
					 * region that will be written */
	uint32_t copy_count;
	struct plan_copy copies[PLAN_COPIES_MAX];
	uint64_t entry;			/* physical entry point */
	uint64_t cmdline;		/* pa, in the region */
	uint64_t zero_page;		/* pa, in the region (Linux) */
	struct bzimage bz;
	struct mb2_image mb2;
	struct mb2_module modules[HO_TARGET_MODULES_MAX];
	struct mb2_info_input info_input;
	uint64_t info;			/* pa below 4 GiB (multiboot2) */
	uint64_t low_page;		/* pa below 4 GiB: one free page for
					 * the way down to 32 bits */
	uint64_t rsdp;			/* pa, outside RAM: what plan_xen.h
					 * plants; 0: nothing */
};

/* The target's bytes are where the caller has them. */
struct plan_input {
	const struct blob *blob;
	/* unused if region-only: */
	const struct frametable_view *owned;
	uint64_t owned_frames;		/* as the pass counted them */
	struct region *region;
	unsigned int levels;		/* of the page tables the target is
					 * entered with; 0: nobody asks */
	struct blob_failed failed;	/* region 0: a handover; else the
					 * start of a fallback, and why */
	const void *image;
	const void *modules[HO_TARGET_MODULES_MAX];
};

/*
 * Decide, and write what lies in the region: command line, and for Linux
 * zero page and E820 extension. HO_ENOTBZIMAGE, HO_EBZOLD, HO_ENOTMB2,
 * HO_ECMDLINE, HO_ENOROOM, HO_ETOOMANYRANGES, HO_EFULL, HO_ETARGET,
 * HO_EXENACPI, HO_EDOORTARGET, HO_EINTERNAL when the map is not what e820_check() wants.
 *
 * Linux: kernel in the lowest hole of init_size at or above its preferred
 * address; initrd where it was staged. Command line: bootargs, then
 * acpi_no_memhotplug (but at a first boot) and baton=0x<region base>.
 * Multiboot2: image, modules, information and low page below 4 GiB, baton=
 * alone; Xen: the same, with the rules of plan_xen.h, and Linux's words on the
 * command line of its first module. Region-only: the map has no RAM but the
 * region and the first MiB, and nothing is placed elsewhere.
 */
int plan_build(struct plan *plan, const struct plan_input *input,
	       struct diag_log *diag);

/* Write what lies outside the region: every byte of it in place.taken, or in
 * the first MiB. Only the stub calls this, once it has mapped those, and the
 * RSDP. */
void plan_carry_out(const struct plan *plan);

#endif /* CORE_PLAN_H */
