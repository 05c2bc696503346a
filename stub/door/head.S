/* SPDX-License-Identifier: MIT */
/*
 * head.S - the door's two entries of the Linux boot protocol.
 *
 * door_32, offset 0: 32-bit protected mode, paging off, flat segments, IF=0,
 * ESI = zero page, ESP undefined. From setup.S, and from GRUB's `linux`.
 * door_64, offset 0x200: long mode, an identity map of at least this image,
 * zero page and command line, 4 or 5 levels, IF=0, RSI = zero page. From
 * kexec, and from GRUB 2.12 on EFI; GDT and IDT may be the firmware's.
 *
 * Exit: calls door_main(zero page) relocated, bss zero, SSE usable, on its
 * own stack and GDT, every CPU exception going to door_fault(). Page tables
 * are its own behind door_32 (the first 4 GiB), its caller's behind door_64.
 */
#define MSR_EFER	0xc0000080
#define MSR_FS_BASE	0xc0000100
#define SCRATCH		0x1e4		/* of the zero page: a word for us */

	.section .head, "ax"
	.code32
	.globl	door_32
door_32:
	cli
	cld
	leal	(SCRATCH + 4)(%esi), %esp
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
	leal	4096(%edi), %ebx
1:	movl	%eax, (%ebx)
	addl	$4096, %eax
	addl	$8, %ebx
	loop	1b
	leal	(2 * 4096)(%edi), %ebx
	movl	$0x83, %eax
	movl	$2048, %ecx
2:	movl	%eax, (%ebx)
	addl	$8, %ebx
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
	leal	(door_64 - here)(%ebp), %eax
	pushl	%eax
	lretl

	.org	0x200
	.code64
	.globl	door_64
door_64:
	cli
	cld
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
	movq	%r12, %rdi
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
