/* SPDX-License-Identifier: MIT */
/*
 * vmlinux.h - Linux as it is linked: an ELF file, and behind it the places that hold
 * addresses of its own, to be moved when it is to run elsewhere than linked to.
 * Sources: the ELF gABI; arch/x86/tools/relocs.c and handle_relocations() in
 * arch/x86/boot/compressed/misc.c.
 */
#ifndef LOADER_KERNEL_VMLINUX_H
#define LOADER_KERNEL_VMLINUX_H

#include "diag.h"
#include "span.h"

#define VMLINUX_SEGMENTS_MAX	16
#define VMLINUX_BYTES_MAX	(1ull << 30)	/* KERNEL_IMAGE_SIZE */

struct vmlinux {
	struct span file;
	struct vmlinux_segment {
		uint64_t offset;	/* in the file */
		uint64_t at;		/* from `base` on */
		uint64_t bytes;
	} segments[VMLINUX_SEGMENTS_MAX];
	uint32_t segment_count;
	uint64_t base;			/* physical address that it is linked to */
	uint64_t bytes;			/* of its image */
	uint64_t memory;		/* that it takes from `base` on, >= bytes */
	uint64_t entry;			/* from `base` on, < bytes */
	bool movable;			/* it has lists of such places */
	/* Of virtual addresses, each sign-extended to 64 bits: of words of 32 bits
	 * that grow with it, of 32 that shrink, of 64 that grow */
	struct span grow32, shrink32, grow64;
};

/* Neither takes bytes of `file` away: they must live. HO_EUNPACK: it is nothing of
 * that kind, or its lists are of a form that is not known. */
int vmlinux_parse(struct vmlinux *v, const void *file, uint64_t length,
		  struct diag_log *diag);
/*
 * out[v->bytes], zeroes: the image, for virtual addresses that are `shift` higher than
 * those that it is linked to. HO_EUNPACK: a list names a place outside of it.
 */
int vmlinux_lay_out(const struct vmlinux *v, uint8_t *out, uint64_t shift,
		    struct diag_log *diag);

#endif /* LOADER_KERNEL_VMLINUX_H */
