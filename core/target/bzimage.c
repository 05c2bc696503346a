// SPDX-License-Identifier: MIT
/*
 * bzimage.c - reader of the bzImage header. Offsets:
 * Documentation/arch/x86/boot.rst, "Details of Header Fields".
 */
#include "bzimage.h"

#include "checked.h"

#define BOOT_FLAG_OFFSET	0x1fe	/* 0xaa55 */
#define JUMP_OFFSET		0x201	/* its byte: end of header - 0x202 */
#define HEADER_MAGIC		0x53726448	/* "HdrS" */
#define PROTOCOL_2_12		0x020c
#define XLF_KERNEL_64		0x1
#define XLF_ABOVE_4G		0x2
#define XLF_5LEVEL		0x20
#define SECTOR_BYTES		512
/* of init_size, the last field that is used */
#define HEADER_END_MIN		0x264

/* What the header has, in the order it is read. */
struct fields {
	uint8_t setup_sects;
	uint8_t jump;
	uint16_t boot_flag;
	uint32_t magic;
	uint16_t version;
	uint32_t alignment;
	uint8_t relocatable;
	uint16_t xloadflags;
	uint32_t cmdline_size;
	uint64_t pref_address;
	uint32_t init_size;
};

static bool read_fields(const struct span *image, struct fields *f)
{
	return span_read_at(image, 0x1f1, &f->setup_sects, 1) &&
	       span_read_at(image, BOOT_FLAG_OFFSET, &f->boot_flag, 2) &&
	       span_read_at(image, JUMP_OFFSET, &f->jump, 1) &&
	       span_read_at(image, 0x202, &f->magic, 4) &&
	       span_read_at(image, 0x206, &f->version, 2) &&
	       span_read_at(image, 0x230, &f->alignment, 4) &&
	       span_read_at(image, 0x234, &f->relocatable, 1) &&
	       span_read_at(image, 0x236, &f->xloadflags, 2) &&
	       span_read_at(image, 0x238, &f->cmdline_size, 4) &&
	       span_read_at(image, 0x258, &f->pref_address, 8) &&
	       span_read_at(image, 0x260, &f->init_size, 4);
}

static int not_bzimage(struct diag_log *diag, const char *what)
{
	return diag_add(diag, HO_ENOTBZIMAGE, "target/image: %s", what);
}

int bzimage_parse(struct bzimage *bz, const void *bytes, uint64_t length,
		  struct diag_log *diag)
{
	struct span image = span_of(bytes, length);
	struct fields f;
	uint64_t sectors;

	if (!read_fields(&image, &f))
		return not_bzimage(diag, "too short for a setup header");
	if (f.boot_flag != 0xaa55 || f.magic != HEADER_MAGIC)
		return not_bzimage(diag, "no HdrS");
	if (f.version < PROTOCOL_2_12 || !(f.xloadflags & XLF_KERNEL_64) ||
	    !f.relocatable)
		return diag_add(diag, HO_EBZOLD,
				"target/image: protocol 0x%04x, xloadflags 0x%x, relocatable %u",
				f.version, f.xloadflags, f.relocatable);
	/* 0 means 4, boot.rst */
	sectors = (f.setup_sects ? f.setup_sects : 4) + 1;
	*bz = (struct bzimage){
		.setup_bytes = sectors * SECTOR_BYTES,
		.header_bytes = 0x202 + f.jump - BZIMAGE_HEADER_OFFSET,
		.version = f.version,
		.alignment = f.alignment,
		.init_size = f.init_size,
		.pref_address = f.pref_address,
		.cmdline_max = f.cmdline_size,
		.above_4g = f.xloadflags & XLF_ABOVE_4G,
		.five_levels = f.xloadflags & XLF_5LEVEL,
	};
	if (bz->setup_bytes + BZIMAGE_ENTRY64_OFFSET >= length)
		return not_bzimage(diag, "nothing behind the setup sectors");
	bz->pm_bytes = length - bz->setup_bytes;
	if (bz->pm_bytes > bz->init_size)
		return not_bzimage(diag, "longer than its init_size");
	if (!bz->alignment || bz->alignment & (bz->alignment - 1))
		return not_bzimage(diag, "kernel_alignment");
	if (BZIMAGE_HEADER_OFFSET + bz->header_bytes < HEADER_END_MIN)
		return not_bzimage(diag, "setup header too short");
	if (BZIMAGE_HEADER_OFFSET + bz->header_bytes > bz->setup_bytes)
		return not_bzimage(diag, "setup header beyond the setup sectors");
	return 0;
}
