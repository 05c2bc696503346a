/* SPDX-License-Identifier: MIT */
/*
 * head.S - the door's entries. All but the last: 32-bit protected mode, paging
 * off, flat segments, IF=0, ESP undefined.
 *
 * DOOR_AT_LINUX, ESI = zero page: from setup.S, and from GRUB's `linux`.
 * DOOR_AT_MULTIBOOT2, EAX = magic, EBX = information: GRUB's `multiboot2`,
 * kexec-tools.
 * DOOR_AT_PVH, EBX = start info: QEMU's -kernel, Xen for guests.
 * DOOR_AT_LINUX64: long mode, an identity map of at least this image, zero
 * page and command line, 4 or 5 levels, IF=0, RSI = zero page. From kexec, and
 * from GRUB 2.12 on EFI; GDT and IDT may be the firmware's.
 *
 * Exit: calls door_main(DOOR_..., what the loader left, RSP as the 64-bit entry
 * found it or 0) relocated, bss zero, SSE
 * usable, on its own stack and GDT, every CPU exception going to door_fault().
 * Page tables are its own behind a 32-bit entry (the first 4 GiB), its caller's
 * behind the 64-bit one.
 *
 * Where it lies it learns by a call, for which each protocol has a word that
 * may be written. Where there is none of them, it is one below 0x7c00.
 */
#include "handover/entry.h"

#include "door.h"

#define MSR_EFER	0xc0000080
#define MSR_FS_BASE	0xc0000100
#define ZERO_PAGE_WORD	0x1e4		/* scratch: "for the kernel" */
#define INFO_WORD	4		/* reserved, second of the header */
#define START_INFO_WORD	8		/* flags: none is for us */
#define UNKNOWN_WORD	(0x7c00 - 4)

	.section .head, "ax"
	.code32
	.org DOOR_AT_LINUX
	.globl	door_32
door_32:
	leal	(ZERO_PAGE_WORD + 4)(%esi), %esp
	movl	$DOOR_LINUX, %ebx
	jmp	start_32

	.org	HO_DOOR_MAGIC_OFFSET
	.quad	HO_DOOR_MAGIC

	.org DOOR_AT_MULTIBOOT2
	cmpl	$0x36d76289, %eax
	jne	unknown
	movl	%ebx, %esi
	leal	(INFO_WORD + 4)(%ebx), %esp
	movl	$DOOR_MULTIBOOT2, %ebx
	jmp	start_32

	.org DOOR_AT_PVH
	cmpl	$0x336ec578, (%ebx)
	jne	unknown
	movl	%ebx, %esi
	leal	(START_INFO_WORD + 4)(%ebx), %esp
	movl	$DOOR_PVH, %ebx
	jmp	start_32

unknown:
	xorl	%esi, %esi
	movl	$(UNKNOWN_WORD + 4), %esp
	movl	$DOOR_UNKNOWN, %ebx

	/* EBX: which door, ESI: what was given, ESP: behind one usable word */
start_32:
	cli
	cld
	call	here
here:	popl	%ebp			/* addresses: sym - here + ebp */
	leal	(door_stack_top - here)(%ebp), %esp

	/* level 4 -> level 3 -> four tables of 2 MiB pages */
	leal	(level4 - here)(%ebp), %edi
	xorl	%eax, %eax
	movl	$(6 * 1024), %ecx
	rep stosl
	leal	(level4 - here)(%ebp), %edi
	leal	(4096 + 3)(%edi), %eax
	movl	%eax, (%edi)
	leal	(2 * 4096 + 3)(%edi), %eax
	movl	$4, %ecx
	leal	4096(%edi), %edx
1:	movl	%eax, (%edx)
	addl	$4096, %eax
	addl	$8, %edx
	loop	1b
	leal	(2 * 4096)(%edi), %edx
	movl	$0x83, %eax
	movl	$2048, %ecx
2:	movl	%eax, (%edx)
	addl	$8, %edx
	addl	$0x200000, %eax
	loop	2b

	movl	%edi, %cr3
	movl	$0x20, %eax		/* PAE */
	movl	%eax, %cr4
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$0x100, %eax		/* LME */
	wrmsr
	leal	(door_gdt - here)(%ebp), %eax
	movl	%eax, (door_gdtr + 2 - here)(%ebp)
	lgdt	(door_gdtr - here)(%ebp)
	movl	%cr0, %eax
	orl	$0x80000000, %eax
	movl	%eax, %cr0
	pushl	$0x10
	leal	(from_32 - here)(%ebp), %eax
	pushl	%eax
	lretl

	.code64
	.org	DOOR_AT_LINUX64
	.globl	door_64
door_64:
	cli
	cld
	movl	$DOOR_LINUX64, %ebx
	movq	%rsp, %r14		/* kexec: the purgatory's */
	jmp	start_64
from_32:
	/* upper halves are undefined behind a change of mode */
	movl	%esi, %esi
	xorl	%r14d, %r14d
start_64:
	movl	%ebx, %r13d
	movq	%rsi, %r12
	leaq	door_bss(%rip), %rdi
	leaq	door_end(%rip), %rcx
	subq	%rdi, %rcx
	xorl	%eax, %eax
	/* the tables in use are not in there */
	rep stosb
	leaq	door_stack_top(%rip), %rsp

	leaq	door_gdt(%rip), %rax
	movq	%rax, door_gdtr + 2(%rip)
	lgdt	door_gdtr(%rip)
	movl	$0x18, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	pushq	$0x10
	leaq	3f(%rip), %rax
	pushq	%rax
	lretq
3:
	leaq	door_image(%rip), %rbp
	leaq	door_rela(%rip), %rsi
	leaq	door_rela_end(%rip), %rdx
4:	cmpq	%rdx, %rsi
	jae	5f
	movq	(%rsi), %rdi
	movq	16(%rsi), %rax
	addq	%rbp, %rax
	movq	%rax, (%rdi, %rbp)
	addq	$24, %rsi
	jmp	4b
5:
	movq	%cr0, %rax
	andl	$~0xc, %eax		/* EM, TS */
	orl	$0x22, %eax		/* NE, MP */
	movq	%rax, %cr0
	movq	%cr4, %rax
	orl	$0x600, %eax		/* OSFXSR, OSXMMEXCPT */
	movq	%rax, %cr4
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$0x800, %eax		/* NXE */
	wrmsr
	leaq	canary(%rip), %rax
	movq	%rax, %rdx
	shrq	$32, %rdx
	movl	$MSR_FS_BASE, %ecx
	wrmsr

	/* every vector to one place */
	leaq	fault(%rip), %rax
	leaq	idt(%rip), %rdi
	movl	$32, %ecx
6:	movw	%ax, (%rdi)
	movw	$0x10, 2(%rdi)
	movw	$0x8e00, 4(%rdi)
	movq	%rax, %rdx
	shrq	$16, %rdx
	movw	%dx, 6(%rdi)
	shrq	$16, %rdx
	movl	%edx, 8(%rdi)
	addq	$16, %rdi
	loop	6b
	leaq	idt(%rip), %rax
	movq	%rax, idtr + 2(%rip)
	lidt	idtr(%rip)
	movl	%r13d, %edi
	movq	%r12, %rsi
	movq	%r14, %rdx
	call	door_main
	jmp	.

fault:	movq	%cr2, %rdi
	andq	$-16, %rsp
	call	door_fault
	jmp	.

	.data
	.balign	8
door_gdt:
	.quad	0, 0, 0x00af9b000000ffff, 0x00cf93000000ffff
door_gdtr:
	.word	31
	.quad	0
idtr:	.word	32 * 16 - 1
	.quad	0
	.balign	16
	.globl	door_stub, door_stub_end
door_stub:
	.incbin	DOOR_STUB
door_stub_end:

	/* behind bss: not cleared while they are in use */
	.section .tables, "aw", @nobits
	.balign	4096
level4:	.space	6 * 4096

	.bss
	.balign	16
idt:	.space	512
canary:	.space	64
	.space	32768
door_stack_top:
	.section .note.GNU-stack, "", @progbits
