/* SPDX-License-Identifier: MIT */
/*
 * start.S - a firmware of 64 KiB (qemu -bios) that enters a stub in the state of
 * handover-abi/README.md 3.1, and does nothing else. The stub stands in memory
 * already, and all that it is given: tests/agree/stub.
 *
 * Entry state: the CPU's after a reset. Exit state: long mode, all memory below
 * 512 GiB mapped to itself, at the stub's entry point.
 */
#define STUB		0x10200000
#define ENTRY_OFFSET	32		/* of struct ho_stub_header */
#define PAGES_1G	512
#define CR0		0x80000033	/* PG, NE, ET, MP, PE */
#define CR4_PAE		0x20
#define EFER		0xc0000080
#define EFER_LME	0x100
#define PTE_TABLE	0x23		/* present, writable, accessed */
#define PTE_1G		0xe3		/* and dirty: nobody can write here */

	.text
rom:
level4:
	.quad	level3 + PTE_TABLE
	.balign	4096
level3:
	.set	i, 0
	.rept	PAGES_1G
	.quad	i << 30 | PTE_1G
	.set	i, i + 1
	.endr
gdt:
	.quad	0, 0x00cf9a000000ffff, 0x00cf92000000ffff, 0x00af9a000000ffff
gdt_at:
	.word	. - gdt - 1
	.long	gdt

	.code16
start:
	cli
	lgdtl	%cs:gdt_at - rom
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$8, $protected

	.code32
protected:
	movl	$16, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movb	$0xff, %al		/* both PICs */
	outb	%al, $0x21
	outb	%al, $0xa1
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$level4, %eax
	movl	%eax, %cr3
	movl	$EFER, %ecx
	movl	$EFER_LME, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$CR0, %eax
	movl	%eax, %cr0
	ljmp	$24, $long_mode

	.code64
long_mode:
	movl	$STUB, %eax
	addq	ENTRY_OFFSET(%rax), %rax
	jmp	*%rax

	.org	rom + 0xfff0
	.code16
	jmp	start
	.org	rom + 0x10000
