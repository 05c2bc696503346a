/* SPDX-License-Identifier: MIT */
/*
 * map.S - PVH entries for the door's ELF, each of which changes what QEMU has
 * left (start info at EBX) into what a broken firmware or boot loader might, and
 * goes on to the door's own. Which of them is door_pvh, the link says.
 */
#include "door.h"

#define INFO_MODULES	16
#define INFO_MAP	40
#define INFO_MAP_COUNT	48
#define ENTRY_BYTES	24

#define MIB		0x100000
#define RAM		1
#define RESERVED	2

	.macro	entry start, bytes, type
	.quad	\start, \bytes
	.long	\type, 0
	.endm

	/* door_NAME, which gives the entries up to map_end as the memory map */
	.macro	map_begin name
	.globl	door_\name
door_\name:
	movl	$1f, INFO_MAP(%ebx)
	movl	$(2f - 1f) / ENTRY_BYTES, INFO_MAP_COUNT(%ebx)
	jmp	door
1:
	.endm
	.macro	map_end
2:
	.endm

	.section .head, "ax"
	.code32
	/* unsorted, overlapping, one twice, one empty, one of a type that nobody
	 * knows: 1 to 512 MiB of RAM, without 2 MiB at 192 and 2 at 256 MiB */
	map_begin repaired
	entry	256*MIB, 256*MIB, RAM
	entry	128*MIB, 128*MIB, RAM
	entry	192*MIB, 2*MIB, RESERVED
	entry	0, 0x9fc00, RAM
	entry	MIB, 139*MIB, RAM
	entry	256*MIB, 2*MIB, 0x14
	entry	300*MIB, 0, RESERVED
	entry	128*MIB, 128*MIB, RAM
	map_end

	map_begin wraps
	entry	0, 0x9fc00, RAM
	entry	MIB, 511*MIB, RAM
	entry	0xfffffffffffff000, 0x2000, RESERVED
	map_end

	map_begin no_ram
	entry	0, 512*MIB, RESERVED
	map_end

	/* there is RAM, but not where the door was loaded */
	map_begin elsewhere
	entry	0, 0x9fc00, RAM
	entry	256*MIB, 256*MIB, RAM
	map_end

	/* a module at 128 TiB, where four levels of page tables do not reach */
	.globl	door_far
door_far:
	movl	INFO_MODULES(%ebx), %eax
	movl	$0x8000, 4(%eax)
door:	jmp	door_multiboot2 - DOOR_AT_MULTIBOOT2 + DOOR_AT_PVH
	.section .note.GNU-stack, "", @progbits
