/* SPDX-License-Identifier: MIT */
/*
 * head.S - the payload's way from Multiboot2's 32-bit state to C.
 *
 * Entry state (Multiboot2 specification, 3.3): EAX = 0x36d76289, EBX =
 * boot information, 32-bit protected mode, flat segments, paging off, IF=0,
 * ESP undefined. Exit: never; calls payload_main(information) in long mode
 * on an identity map of the first 16 GiB, relocated, SSE usable.
 */
#define MAGIC		0xe85250d6
#define MAPPED_GIB	16
#define MSR_EFER	0xc0000080
#define MSR_FS_BASE	0xc0000100

	.section .multiboot2, "a"
	.balign	8
header:
	.long	MAGIC, 0, header_end - header
	.long	-(MAGIC + 0 + (header_end - header))
	.balign	8
	.short	10, 0		/* relocatable: anywhere in [1 MiB, 4 GiB) */
	.long	24, 0x100000, 0xfffff000, 0x200000, 1
	.balign	8
	.short	0, 0
	.long	8
header_end:

	.text
	.code32
	.globl	payload_entry32
payload_entry32:
	cli
	cld
	/* no stack yet: the reserved word of the information serves as one */
	leal	8(%ebx), %esp
	call	here
here:	popl	%ebp		/* addresses from now on: sym - here + ebp */
	leal	(stack_top - here)(%ebp), %esp
	cmpl	$0x36d76289, %eax
	jne	.

	/* level 4 -> level 3 -> MAPPED_GIB tables of 2 MiB pages */
	leal	(level4 - here)(%ebp), %edi
	leal	(level3 - here)(%ebp), %esi
	leal	3(%esi), %eax
	movl	%eax, (%edi)
	leal	(level2 - here + 3)(%ebp), %eax
	movl	$MAPPED_GIB, %ecx
2:	movl	%eax, (%esi)
	addl	$4096, %eax
	addl	$8, %esi
	loop	2b
	leal	(level2 - here)(%ebp), %esi
	movl	$0x83, %eax
	xorl	%edx, %edx
	movl	$(MAPPED_GIB * 512), %ecx
3:	movl	%eax, (%esi)
	movl	%edx, 4(%esi)
	addl	$8, %esi
	addl	$0x200000, %eax
	adcl	$0, %edx
	loop	3b

	movl	%edi, %cr3
	movl	$0x620, %eax		/* PAE, OSFXSR, OSXMMEXCPT */
	movl	%eax, %cr4
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$0x100, %eax		/* LME */
	wrmsr
	leal	(gdt - here)(%ebp), %eax
	movl	%eax, (gdtr + 2 - here)(%ebp)
	lgdt	(gdtr - here)(%ebp)
	movl	%cr0, %eax
	andl	$~0xc, %eax		/* EM, TS */
	orl	$0x80010022, %eax	/* PG, WP, NE, MP */
	movl	%eax, %cr0
	pushl	$0x08
	leal	(entry64 - here)(%ebp), %eax
	pushl	%eax
	lretl

	.code64
entry64:
	movl	$0x10, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%ebx, %ebx
	leaq	stack_top(%rip), %rsp
	leaq	payload_image(%rip), %rbp
	subq	$0x100000, %rbp		/* from link to load address */
	leaq	payload_rela(%rip), %rsi
	leaq	payload_rela_end(%rip), %rdx
4:	cmpq	%rdx, %rsi
	jae	5f
	movq	(%rsi), %rdi
	movq	16(%rsi), %rax
	addq	%rbp, %rax
	movq	%rax, (%rdi, %rbp)
	addq	$24, %rsi
	jmp	4b
5:	leaq	canary(%rip), %rax
	movq	%rax, %rdx
	shrq	$32, %rdx
	movl	$MSR_FS_BASE, %ecx
	wrmsr

	/* every vector to one place */
	leaq	fault(%rip), %rax
	leaq	idt(%rip), %rdi
	movl	$32, %ecx
6:	movw	%ax, (%rdi)
	movw	$0x08, 2(%rdi)
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
	movq	%rbx, %rdi
	call	payload_main
	jmp	.

fault:	movq	%cr2, %rdi
	andq	$-16, %rsp
	call	payload_fault
	jmp	.

	.data
	.balign	8
gdt:	.quad	0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdtr:	.word	23
	.quad	0
idtr:	.word	32 * 16 - 1
	.quad	0

	.bss
	.balign	4096
level4:	.space	4096
level3:	.space	4096
level2:	.space	4096 * MAPPED_GIB
idt:	.space	512
canary:	.space	64
	.balign	16
	.space	32768
stack_top:
	.section .note.GNU-stack, "", @progbits
