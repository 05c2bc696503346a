/* SPDX-License-Identifier: MIT */
/*
 * setup.S - the first sectors of the door's bzImage: the header of the Linux
 * boot protocol 2.15, and the real-mode entry behind it
 * (Documentation/arch/x86/boot.rst).
 *
 * Entry state: real mode, CS = DS + 0x20, IP = 0, DS = ES = SS; the boot
 * loader has filled in the header, and put the rest of the image where
 * code32_start says. Exit: jumps there in 32-bit protected mode, paging off,
 * flat segments, IF=0, ESI = zero page, which is this segment's own first
 * 4 KiB: the header lies at the same offset in both, the E820 map is added, and
 * the mode that a VGA is in.
 *
 * DOOR_PARAGRAPHS and DOOR_INIT_SIZE come from the build. With DOOR_PE the
 * first sector has the headers of a PE image (Microsoft PE/COFF, revision
 * 11), which sbsign signs and kexec_file_load(2) of a kernel under lockdown
 * wants. Firmware, and GRUB 2.12 on EFI, would start such a file by its entry,
 * which says EFI_UNSUPPORTED: for these there is the image without it.
 */
#include "handover/entry.h"

#define SETUP_SECTORS	11		/* behind the first */
#define HEADER_END_MAX	0x290
#define E820_COUNT	0x1e8
#define E820_TABLE	0x2d0
#define E820_MAX	128
#define SMAP		0x534d4150
/* screen_info */
#define VIDEO_MODE	0x06
#define VIDEO_COLUMNS	0x07
#define VIDEO_LINES	0x0e
#define IS_VGA		0x0f
#define VIDEO_POINTS	0x10
/* the BIOS's data */
#define BDA_LAST_LINE	0x484
#define BDA_POINTS	0x485

#define SETUP_BYTES	((SETUP_SECTORS + 1) * 512)
#define SBAT_BYTES	512
#define SBAT_AT		(SETUP_BYTES - SBAT_BYTES)
#define TEXT_BYTES	((DOOR_PARAGRAPHS * 16 + 511) / 512 * 512)

	.text
	.code16
start:
#ifdef DOOR_PE
	.ascii	"MZ"
	.org	0x3c
	.long	pe - start
pe:	.ascii	"PE\0\0"
	.word	0x8664, 3		/* machine, sections */
	.long	0, 0, 0
	.word	sections - optional, 0x0206	/* executable, no line numbers,
						 * no debug information */
optional:
	.word	0x20b, 0		/* PE32+ */
	.long	TEXT_BYTES, SBAT_BYTES, 0
	.long	efi_entry - start, 0x200	/* entry, base of code */
	.quad	0			/* image base */
	.long	512, 512		/* alignment of sections, in the file */
	.word	0, 0, 0, 0, 0, 0	/* versions */
	.long	0
	.long	SETUP_BYTES + TEXT_BYTES, 512	/* image, headers */
	.long	0			/* checksum */
	.word	10, 0x100		/* EFI application, NX */
	.quad	0, 0, 0, 0
	.long	0, 6			/* data directories: the fifth becomes
					 * the signature's */
	.quad	0, 0, 0, 0, 0, 0
sections:
	.ascii	".setup\0\0"
	.long	SBAT_AT - 512, 512, SBAT_AT - 512, 512
	.long	0, 0, 0, 0x60000020	/* code, executable, readable */
	.ascii	".sbat\0\0\0"
	.long	SBAT_BYTES, SBAT_AT, SBAT_BYTES, SBAT_AT
	.long	0, 0, 0, 0x40000040	/* data, readable */
	.ascii	".text\0\0\0"
	.long	TEXT_BYTES, SETUP_BYTES, TEXT_BYTES, SETUP_BYTES
	.long	0, 0, 0, 0x60000020
#endif
	.org	0x1f1
	.byte	SETUP_SECTORS
	.word	0			/* root_flags */
	.long	DOOR_PARAGRAPHS		/* syssize */
	.word	0, 0xffff, 0		/* ram_size, vid_mode, root_dev */
	.word	0xaa55
	/* 0x200: a jump over the header, its second byte is the length */
	.byte	0xeb, header_end - 1f
1:	.ascii	"HdrS"
	.word	0x020f
	.long	0			/* realmode_swtch */
	.word	0			/* start_sys_seg */
	.word	version - 0x200
	.byte	0			/* type_of_loader */
	.byte	1			/* LOADED_HIGH */
	.word	0			/* setup_move_size */
	.long	0x100000		/* code32_start */
	.long	0, 0			/* ramdisk_image, _size */
	.long	0			/* bootsect_kludge */
	.word	0			/* heap_end_ptr */
	.byte	0, 0			/* ext_loader_ver, _type */
	.long	0			/* cmd_line_ptr */
	.long	0x7fffffff		/* initrd_addr_max */
	.long	0x200000		/* kernel_alignment */
	.byte	1			/* relocatable_kernel */
	.byte	21			/* min_alignment */
	/* KERNEL_64, CAN_BE_LOADED_ABOVE_4G, EFI_KEXEC, 5LEVEL and _ENABLED */
	.word	0x73
	.long	2047			/* cmdline_size */
	.long	0			/* hardware_subarch */
	.quad	0
	.long	0, 0			/* payload_offset, _length */
	.quad	0			/* setup_data */
	.quad	0x1000000		/* pref_address */
	.long	DOOR_INIT_SIZE
	.long	0			/* handover_offset */
	.long	0			/* kernel_info_offset */
header_end:
	jmp	real
version:
	.asciz	HO_DOOR_NAME BATON_VERSION ": first boot through the stub"

	/* behind the zero page */
	.org	0x1000
real:
	cli
	cld
	/* one stack for all loaders: the end of this segment's first 64 KiB
	 * would do, 0x8000 is inside every loader's */
	movw	%ds, %ax
	movw	%ax, %es
	movw	%ax, %ss
	movw	$0x8000, %sp
	/* offsets from the segment's start from here on */
	pushw	%ax
	pushw	$2f
	lretw
2:	/* what is not the header is zero */
	xorl	%eax, %eax
	xorw	%di, %di
	movw	$0x1f1, %cx
	rep stosb
	movw	$HEADER_END_MAX, %di
	movw	$(0x1000 - HEADER_END_MAX), %cx
	rep stosb

	sti
	movw	$0x1a00, %ax		/* the display: only a VGA answers */
	int	$0x10
	cmpb	$0x1a, %al
	jne	6f
	movb	$0x0f, %ah
	int	$0x10
	andb	$0x7f, %al		/* without "screen not cleared" */
	movb	%al, VIDEO_MODE
	movb	%ah, VIDEO_COLUMNS
	movb	$1, IS_VGA
	xorw	%ax, %ax
	movw	%ax, %fs
	movb	%fs:BDA_LAST_LINE, %al
	incb	%al
	movb	%al, VIDEO_LINES
	movw	%fs:BDA_POINTS, %ax
	movw	%ax, VIDEO_POINTS
6:
	xorl	%ebx, %ebx
	movw	$E820_TABLE, %di
3:	movl	$0xe820, %eax
	movl	$SMAP, %edx
	movl	$20, %ecx
	pushw	%di			/* there are BIOSes that change it */
	int	$0x15
	popw	%di
	jc	4f
	cmpl	$SMAP, %eax
	jne	4f
	incb	E820_COUNT
	addw	$20, %di
	cmpb	$E820_MAX, E820_COUNT
	je	4f
	testl	%ebx, %ebx
	jnz	3b
4:
	/* A20: by the BIOS, and by the fast gate */
	movw	$0x2401, %ax
	int	$0x15
	cli
	inb	$0x92, %al
	testb	$2, %al
	jnz	5f
	orb	$2, %al
	andb	$~1, %al
	outb	%al, $0x92
5:
	xorl	%esi, %esi
	movw	%ds, %si
	shll	$4, %esi
	leal	gdt(%esi), %eax
	movl	%eax, gdtr + 2
	leal	flat(%esi), %eax
	movl	%eax, far
	lidtl	no_idt
	lgdtl	gdtr
	movl	%cr0, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpl	*far
	.code32
flat:	movl	$0x18, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%eax, %ss
	jmp	*0x214(%esi)

	.balign	8
	/* __BOOT_CS 0x10, __BOOT_DS 0x18 */
gdt:	.quad	0, 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdtr:	.word	31
	.long	0
no_idt:	.word	0
	.long	0
far:	.long	0
	.word	0x10

	/* 64-bit, from firmware: not by this door */
efi_entry:
	.byte	0x48, 0xb8		/* mov $EFI_UNSUPPORTED, %rax */
	.quad	0x8000000000000003
	.byte	0xc3			/* ret */

	/* https://github.com/rhboot/shim/blob/main/SBAT.md; what a revocation of
	 * `baton` means: docs/security.md */
	.org	SBAT_AT
	.ascii	"sbat,1,SBAT Version,sbat,1,"
	.ascii	"https://github.com/rhboot/shim/blob/main/SBAT.md\n"
	.ascii	"baton,1,Baton,baton," BATON_VERSION ",docs/security.md\n"
	.org	SETUP_BYTES
	.section .note.GNU-stack, "", @progbits
