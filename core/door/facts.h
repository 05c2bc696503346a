/* SPDX-License-Identifier: MIT */
/*
 * facts.h - what a boot loader hands over, the same whatever its protocol.
 * One reader a door:
 *
 *	bootparams_read   the zero page of the Linux boot protocol
 *	mb2_info_read     multiboot2 information
 *	pvh_read          hvm_start_info of the x86/HVM direct boot ABI (PVH)
 *
 * Each takes the address `at` of what the loader left, fills `facts`, and adds
 * the firmware's entries to `map`, which the caller has emptied and settles.
 * HO_EMEMORY for the map; HO_EDOOR for what is damaged, outside `memory`, or not
 * for this door.
 */
#ifndef CORE_FACTS_H
#define CORE_FACTS_H

#include "hostmap.h"

/* The loader's, and what EFI's boot services had */
#define FACTS_TAKEN_MAX (48 + HO_EFI_MAP_BYTES_MAX / HO_EFI_DESC_BYTES_MIN)

/* Physical memory [start, end) as far as it may be looked at: the address
 * plus `bias` is a pointer. An arena in tests. */
struct physmem {
	uint64_t start, end;
	uintptr_t bias;
};

/* [at, at + bytes) of it; NULL when not all of that may be looked at. */
static inline const void *physmem_at(const struct physmem *memory,
				     uint64_t at, uint64_t bytes)
{
	if (at < memory->start || at > memory->end ||
	    bytes > memory->end - at)
		return NULL;
	return (const void *)(uintptr_t)(at + memory->bias);
}

struct facts {
	uint64_t rsdp;			/* 0: not said */
	uint64_t rsdp_copy;		/* the loader's, in RAM; 0: none */
	struct efi efi;			/* no system table: not an EFI host.
					 * Without its map, until
					 * facts_take_efi() */
	struct range efi_map;		/* of its descriptors; may be empty */
	bool by_kexec;			/* zero page: type_of_loader is
					 * kexec's (boot.rst) */
	bool has_screen;		/* screen-info, not checked */
	uint8_t screen[HO_SCREEN_INFO_BYTES];
	struct range blob;		/* initrd or module; empty: none */
	/* What must not be written yet: the above, and all there is besides */
	uint32_t taken_count;
	struct range taken[FACTS_TAKEN_MAX];
};

/* For readers, and for a door's own memory. Empty ones are left out. HO_EDOOR:
 * too many, or beyond the end of addresses. */
int facts_take(struct facts *facts, uint64_t start, uint64_t bytes,
	       struct diag_log *diag);
/* HO_EDOOR: there is a blob already. */
int facts_set_blob(struct facts *facts, uint64_t start, uint64_t bytes,
		   struct diag_log *diag);

/*
 * The RSDP, from the best there is: as said, by EFI's system table, or the
 * loader's copy, whose page becomes ACPI data of `map`, not settled yet, so
 * that nobody ever takes it for RAM. rsdp stays 0 on a BIOS host whose loader
 * does not say: its target looks where BIOSes put it. HO_EMEMORY: map is full.
 */
int facts_find_rsdp(struct facts *facts, struct hostmap *map,
		    const struct physmem *memory, struct diag_log *diag);

/* The screen into `b`, whose memory is known, if it is a framebuffer or a text
 * mode that may be passed on. */
void facts_show_screen(const struct facts *facts, struct blob *b);

/*
 * EFI's memory map, to `out` of HO_EFI_MAP_BYTES_MAX bytes, as far as it may be
 * passed on; what the firmware runs in is reserved in `map`, not settled yet,
 * and what boot services had is taken. A map that cannot be had or is not sane
 * is no error: efi has no system table then, and `left_out` says why (HO_EEFI).
 * HO_EMEMORY, HO_EDOOR.
 */
int facts_take_efi(struct facts *facts, struct hostmap *map,
		   const struct physmem *memory, uint8_t *out,
		   struct diag_log *left_out, struct diag_log *diag);

#endif /* CORE_FACTS_H */
