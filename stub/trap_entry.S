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
#include "cpu.h"
#include "trap.h"

	.text
	.code64
	.balign	1024	/* from here to vector 31 in one page, whatever becomes of others */
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
	ja	trap_last
	call	trap_report

/*
 * The way out that needs no memory but this page and a stack: reset as
 * cpu_reset() does, or halt. No word to the console, no fallback; a watchdog is
 * not stopped.
 */
trap_last:
	movq	%dr0, %rax
	btq	$TRAPS_RESET, %rax
	jnc	2f
	movw	$0xcf9, %dx
	movb	$0x02, %al
	outb	%al, %dx
	movb	$0x06, %al
	outb	%al, %dx
	movb	$0xfe, %al
	outb	%al, $0x64
	movl	$CPU_RESET_WAIT, %ecx
1:	inb	$0x80, %al
	decl	%ecx
	jnz	1b
	pushq	$0
	pushq	$0
	lidt	(%rsp)
	ud2
2:	cli
	hlt
	jmp	2b

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

	.section .note.GNU-stack, "", @progbits
