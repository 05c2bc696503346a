/* SPDX-License-Identifier: MIT */
/*
 * head.S - where the old instance's kexec lands.
 *
 * Entry state (handover-abi/README.md, 3.1): 64-bit mode, paging on with the
 * old instance's tables, 4 or 5 levels, which map this segment writable and
 * executable at its physical address and nothing else that may be relied
 * on. IF=0. GDTR and IDTR are not usable, RSP points into memory that is
 * about to be reused, no register carries anything. CR4.OSFXSR may be clear.
 *
 * Exit: never. Calls stub_main() on its own stack, with its own
 * GDT, relocated, bss zero, SSE usable (Debian's libfdt.a is compiled with
 * it), %fs on a page with the stack protector's canary. Only its own 2 MiB are
 * mapped: a loop that runs away ends there, and not in a guest. IDT and all
 * other page tables are the first things stub_main makes.
 */
#include "handover/entry.h"

#define CR0_MP		(1 << 1)
#define CR0_EM		(1 << 2)
#define CR0_TS		(1 << 3)
#define CR0_NE		(1 << 5)
#define CR0_WP		(1 << 16)
#define CR4_PAE		(1 << 5)
#define CR4_MCE		(1 << 6)
#define CR4_LA57	(1 << 12)
#define CR4_OSFXSR	(1 << 9)
#define CR4_OSXMMEXCPT	(1 << 10)
#define MSR_EFER	0xc0000080
#define EFER_NXE	(1 << 11)
#define MSR_FS_BASE	0xc0000100
#define R_X86_64_RELATIVE 8
#define LARGE_PAGE	0x200000
#define PTE_RW		0x003	/* present, writable */
#define PTE_LARGE_RW	0x083

/* struct ho_stub_header; the four sizes and offsets between these two parts
 * are written by stub.lds, which knows them */
	.section .header.head, "a"
	.quad	HO_STUB_MAGIC
	.long	HO_ABI_VERSION
	.long	HO_STUB_HEADER_BYTES
	.section .header.tail, "a"
	.long	HO_ABI_OLDEST
	.long	HO_ABI_VERSION
	.long	HO_ABI_COMPAT
	.long	0

	.section .entry_block, "aw"
	.balign	64
	.globl	stub_entry_block
stub_entry_block:
	.space	HO_ENTRY_BYTES

	.text
	.code64
	.globl	stub_entry
stub_entry:
	cli
	cld
	leaq	stub_image(%rip), %rbx

	/* Of CR4 only paging's own bits stay: PGE would keep the old
	 * instance's global translations, and with them its view of guest
	 * memory, through every load of CR3; PCIDE forbids leaving long mode.
	 * MCE stays as found, a TDX guest may not clear it */
	movq	%cr4, %rax
	andl	$(CR4_PAE | CR4_MCE | CR4_LA57), %eax
	orl	$(CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
	movq	%rax, %cr4

	/* The old instance's tables may map all there is, writable: leave them
	 * before the first loop, for some that map the stub alone. A stub that is
	 * not where the contract has it is refused later, by memory_init() */
	testl	$(LARGE_PAGE - 1), %ebx
	jnz	1f
	leaq	PTE_LARGE_RW(%rbx), %rdx
	leaq	early_tables(%rip), %rdi
	.irp	shift, 21, 30, 39
	movq	%rbx, %rcx
	shrq	$\shift, %rcx
	andl	$511, %ecx
	movq	%rdx, (%rdi, %rcx, 8)
	leaq	PTE_RW(%rdi), %rdx
	addq	$4096, %rdi
	.endr
	testl	$CR4_LA57, %eax
	jz	2f
	movq	%rdx, (%rdi)		/* below 256 TiB: its first entry */
	leaq	PTE_RW(%rdi), %rdx
2:	subq	$PTE_RW, %rdx
	movq	%rdx, %cr3
1:
	/* bss: the loader asks for it zeroed; do not depend on it */
	leaq	early_tables_end(%rip), %rdi
	leaq	stub_memory_end(%rip), %rcx
	subq	%rdi, %rcx
	xorl	%eax, %eax
	rep stosb
	leaq	stub_stack_top(%rip), %rsp

	/* relocate: add the base to every pointer of the image. Nothing but
	 * R_X86_64_RELATIVE may be there; anything else stops here, before a
	 * console exists (the link refuses it, too). */
	leaq	stub_rela(%rip), %rsi
	leaq	stub_rela_end(%rip), %rdx
1:	cmpq	%rdx, %rsi
	jae	3f
	cmpq	$R_X86_64_RELATIVE, 8(%rsi)
2:	jne	2b
	movq	(%rsi), %rdi
	movq	16(%rsi), %rax
	addq	%rbx, %rax
	movq	%rax, (%rbx, %rdi)
	addq	$24, %rsi
	jmp	1b
3:
	/* no FPU emulation, write protection also for ring 0, NX */
	movq	%cr0, %rax
	andl	$~(CR0_EM | CR0_TS), %eax
	orl	$(CR0_MP | CR0_NE | CR0_WP), %eax
	movq	%rax, %cr0
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_NXE, %eax
	wrmsr

	/* the canary is read at %fs:0x28; its value need not be secret, only
	 * unlikely */
	rdtsc
	shlq	$32, %rdx
	leaq	stub_canary_page(%rip), %rdi
	leaq	(%rax, %rdx), %rax
	movq	%rax, 0x28(%rdi)
	movq	%rdi, %rax
	movq	%rdi, %rdx
	shrq	$32, %rdx
	movl	$MSR_FS_BASE, %ecx
	wrmsr

	/* own segments */
	leaq	stub_gdt(%rip), %rax
	movq	%rax, stub_gdtr + 2(%rip)
	lgdt	stub_gdtr(%rip)
	movl	$0x18, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	pushq	$0x10
	leaq	4f(%rip), %rax
	pushq	%rax
	lretq
4:	movq	%rbx, %rdi
	xorl	%ebp, %ebp
	call	stub_main
5:	cli
	hlt
	jmp	5b

	.data
	.balign	16
	.globl	stub_gdt, stub_gdtr
stub_gdt:
	.quad	0, 0
	.quad	0x00af9b000000ffff	/* 0x10: 64-bit code, as boot.rst asks */
	.quad	0x00cf93000000ffff	/* 0x18: data */
	.quad	0, 0			/* 0x20: TSS, by traps_init */
stub_gdt_end:
	.balign	16
	.space	6
stub_gdtr:
	.word	stub_gdt_end - stub_gdt - 1
	.quad	0

	/* a table of each level, from that of 2 MiB on; not cleared once more */
	.section .bss.early, "aw", @nobits
	.balign	4096
early_tables:
	.space	4 * 4096
early_tables_end:

	.bss
	.balign	4096
stub_canary_page:
	.space	4096
	/* read-only (memory.c): an overflow of the stack faults here, and not
	 * somewhere in .data, where the GDT is */
	.globl	stub_guard_page
stub_guard_page:
	.space	4096
	.space	32768
	.globl	stub_stack_top
stub_stack_top:
	.section .note.GNU-stack, "", @progbits
