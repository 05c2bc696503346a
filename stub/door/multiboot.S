/* SPDX-License-Identifier: MIT */
/*
 * multiboot.S - the door as an ELF: the headers by which boot loaders find its
 * entries, and the image. No code: that is the image's own.
 *
 * Multiboot2 Specification version 2.0, section 3.1: may be moved, modules on
 * pages, as libfdt wants the blob aligned; no request, so that every loader takes
 * it; EFI's boot services are to be ended. PVH: Xen, public/elfnote.h,
 * XEN_ELFNOTE_PHYS32_ENTRY.
 *
 * DOOR_BIN and DOOR_INIT_SIZE come from the build.
 */
#include "door.h"

#define MAGIC		0xe85250d6
#define ARCH_I386	0
#define TAG_END		0
#define TAG_MODULE_ALIGN	6
#define TAG_RELOCATABLE	10
#define LOWEST_FIRST	1		/* preference */
#define PHYS32_ENTRY	18

	.section .head, "a"
	.balign	8
header:	.long	MAGIC, ARCH_I386, header_end - header
	.long	-(MAGIC + ARCH_I386 + (header_end - header))
	.word	TAG_MODULE_ALIGN, 0
	.long	8
	.word	TAG_RELOCATABLE, 0
	.long	24, 0x1000000, 0xffffffff, 4096, LOWEST_FIRST
	.word	TAG_END, 0
	.long	8
header_end:

	.section .note.Xen, "a", @note
	.balign	4
	.long	4, 8, PHYS32_ENTRY
	.asciz	"Xen"
	.quad	door_pvh

	.section .image, "awx"
image:	.incbin	DOOR_BIN
image_end:
	.section .bss, "aw", @nobits
	.space	DOOR_INIT_SIZE - (image_end - image)

	.globl	door_multiboot2
	.set	door_multiboot2, image + DOOR_AT_MULTIBOOT2
	.weak	door_pvh
	.set	door_pvh, image + DOOR_AT_PVH
	.section .note.GNU-stack, "", @progbits
