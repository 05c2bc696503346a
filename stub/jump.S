/* SPDX-License-Identifier: MIT */
/*
 * jump.S - the last instructions before a target.
 */
#define MB2_BOOT_MAGIC	0x36d76289
#define MSR_EFER	0xc0000080
#define EFER_LME	(1 << 8)
#define CR0_PG		(1 << 31)

	.text
	.code64
/*
 * jump_linux(entry, zero_page): the 64-bit boot protocol. Entry state: the
 * stub's GDT (CS 0x10, DS 0x18), its page tables, IF=0. Exit state: RIP =
 * entry, RSI = zero page, IDT empty so that a fault before the kernel has
 * its own is not reported by a stub that is gone. Does not return.
 */
	.globl	jump_linux
jump_linux:
	cli
	cld
	lidt	jump_no_idt(%rip)
	movq	%rdi, %rax
	xorl	%ebx, %ebx
	xorl	%ebp, %ebp
	xorl	%edi, %edi
	jmp	*%rax

/*
 * jump_low: copied to a page below 4 GiB together with its own GDT, entered
 * at its start with RDI = entry, RSI = boot information, RDX = address of
 * the copy. Drops to 32-bit protected mode without paging. Exit state: the
 * i386 machine state of Multiboot2: EAX magic, EBX information, flat
 * segments, CR4 = 0, EFER.LME = 0.
 */
	.globl	jump_low, jump_low_end
	.balign	16
jump_low:
	cli
	cld
	leaq	low_gdt - jump_low(%rdx), %rax
	movq	%rax, low_gdtr + 2 - jump_low(%rdx)
	lgdt	low_gdtr - jump_low(%rdx)
	lidt	low_no_idt - jump_low(%rdx)
	movl	%edi, %ebp
	movl	%esi, %ebx
	leaq	4096(%rdx), %rsp
	pushq	$0x08
	leaq	low_32 - jump_low(%rdx), %rax
	pushq	%rax
	lretq
	.code32
low_32:
	movl	$0x10, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%eax, %ss
	movl	%cr0, %eax
	andl	$~CR0_PG, %eax
	movl	%eax, %cr0
	movl	$MSR_EFER, %ecx
	rdmsr
	andl	$~EFER_LME, %eax
	wrmsr
	xorl	%eax, %eax
	movl	%eax, %cr4
	movl	$MB2_BOOT_MAGIC, %eax
	jmp	*%ebp
	.balign	8
low_gdt:
	.quad	0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
low_gdt_end:
low_gdtr:
	.word	low_gdt_end - low_gdt - 1
	.quad	0
low_no_idt:
	.word	0
	.quad	0
jump_low_end:

	.code64
	.section .rodata
	.balign	16
jump_no_idt:
	.word	0
	.quad	0
	.section .note.GNU-stack, "", @progbits
