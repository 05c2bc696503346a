/* SPDX-License-Identifier: MIT */
/*
 * kexec_elf_entry.S - from the PVH entry to the stub's. Not run by the loader:
 * kexec_elf.c copies it into the file, to KEXEC_ELF_BASE, which it is written
 * for, with page tables one page behind.
 *
 * Entry: 32-bit protected mode, paging off, flat segments, IF = 0 (PVH boot
 * protocol). Exit: jumps to the address in the last 8 bytes, long mode,
 * identity map, CR0 80000033, CR4 20, EFER d01: what Linux's kexec leaves.
 */
#include "kexec_elf_base.h"

#define HERE(symbol) (symbol - kexec_elf_entry + KEXEC_ELF_BASE)
#define MSR_EFER	0xc0000080

	.section .rodata
	.globl	kexec_elf_entry, kexec_elf_entry_end
	.balign	8
	.code32
kexec_elf_entry:
	cli
	cld
	movl	$(KEXEC_ELF_BASE + 0x1000), %eax
	movl	%eax, %cr3
	movl	$0x20, %eax
	movl	%eax, %cr4
	movl	$MSR_EFER, %ecx
	movl	$0x901, %eax
	xorl	%edx, %edx
	wrmsr
	lgdtl	HERE(gdtr)
	movl	$0x80000033, %eax
	movl	%eax, %cr0
	ljmpl	$0x10, $HERE(long_mode)
	.code64
long_mode:
	movl	$0x18, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	jmpq	*stub_entry(%rip)

	.balign	8
gdt:	.quad	0, 0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdtr:	.word	31
	.long	HERE(gdt)
	.balign	8
stub_entry:
	.quad	0
kexec_elf_entry_end:
	.section .note.GNU-stack, "", @progbits
