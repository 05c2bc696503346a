/* SPDX-License-Identifier: MIT */
/*
 * trap_entry.S - one entry for each of the 256 vectors, 16 bytes apart.
 *
 * Entry state: as the CPU leaves it after a fault in 64-bit mode, on the
 * stack of the fault or on an IST stack. Exit: never; trap_report() ends the
 * run. Clobbers: nothing that is reported.
 *
 * Debug register 0 counts them (trap.h): where what trap_report() needs is not
 * mapped any more, it would come here again for ever.
 */
#include "trap.h"

	.text
	.code64
	.balign	16
	.globl	trap_entries
trap_entries:
	.set	vector, 0
	.rept	256
	.balign	16
	/* 8, 10..14, 17, 21, 29, 30 push an error code */
	.if	!(vector == 8 || (vector >= 10 && vector <= 14) || \
		  vector == 17 || vector == 21 || vector == 29 || vector == 30)
	pushq	$0
	.endif
	pushq	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr

/* A spurious interrupt of the local APIC wants no end of interrupt. */
	.globl	trap_spurious
trap_spurious:
	iretq

/*
 * An interrupt that the old instance left pending: acknowledged, and that is
 * all. Entry and exit state: as above; the CPU has aligned the stack to 16
 * before it pushed five words, nine more and the call keep it so.
 */
	.globl	trap_leftover
trap_leftover:
	cld
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	call	apic_leftover
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	iretq

/* struct trap_frame of trap.h, lowest address last pushed */
trap_common:
	cld
	pushq	%rax
	pushq	%rbx
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%rbp
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, %rdi
	andq	$-16, %rsp
	movq	%dr0, %rax
	incq	%rax
	movq	%rax, %dr0
	cmpl	$TRAPS_MAX, %eax
	ja	2f
	call	trap_report
2:	call	trap_last
1:	cli
	hlt
	jmp	1b
	.section .note.GNU-stack, "", @progbits
