/* SPDX-License-Identifier: MIT */
/*
 * mb2.h - multiboot2 ELF images: header, load plan, and the boot information
 * for them. Source: Multiboot2 Specification version 2.0; the machine state
 * is its section 3.3 (i386: 32-bit protected mode, paging off).
 */
#ifndef CORE_MB2_H
#define CORE_MB2_H

#include "diag.h"
#include "e820.h"
#include "span.h"

#define MB2_BOOT_MAGIC		0x36d76289	/* EAX at entry */
#define MB2_SEGMENTS_MAX	8

/* Tags of the boot information; 21 is the last the specification has. */
enum mb2_info_tag {
	MB2_INFO_END = 0,
	MB2_INFO_CMDLINE = 1,
	MB2_INFO_LOADER = 2,
	MB2_INFO_MODULE = 3,
	MB2_INFO_MEMORY = 4,
	MB2_INFO_MAP = 6,
	MB2_INFO_SCREEN = 8,
	MB2_INFO_EFI64 = 12,
	MB2_INFO_RSDP_OLD = 14,
	MB2_INFO_RSDP_NEW = 15,
	MB2_INFO_EFI_MAP = 17,
	MB2_INFO_EFI_BS = 18,
	MB2_INFO_LOAD_BASE = 21,
};

struct mb2_segment {
	uint64_t file_offset;
	uint64_t file_bytes;
	uint64_t link_paddr;
	uint64_t memory_bytes;		/* >= file_bytes, rest is zeroed */
};

struct mb2_image {
	uint32_t segment_count;
	struct mb2_segment segments[MB2_SEGMENTS_MAX];	/* by address */
	uint64_t link_start;		/* lowest link_paddr */
	uint64_t link_end;		/* end of the highest segment */
	uint64_t entry;			/* link-time physical entry address */
	bool relocatable;		/* header tag 10 */
	uint64_t align;			/* tag 10; 4096 otherwise */
	uint64_t min, max;		/* tag 10: [min, max) for the image */
};

/* ELF32 or ELF64 for x86 with a multiboot2 header in its first 32 KiB.
 * Header tags that ask for what cannot be had (unknown and not optional) are
 * refused. HO_ENOTMB2. */
int mb2_parse(struct mb2_image *image, const void *bytes, uint64_t length,
	      struct diag_log *diag);

struct mb2_module {
	uint64_t start, end;		/* below 4 GiB */
	const char *cmdline;
};

struct mb2_info_input {
	const char *cmdline;
	const char *loader_name;
	const struct e820_map *map;
	uint64_t load_base;		/* tag 21 when image is relocatable */
	bool relocatable;
	uint32_t module_count;
	const struct mb2_module *modules;
};

/* Bytes of the information structure. */
uint64_t mb2_info_bytes(const struct mb2_info_input *in);
/* Write it; `out` has mb2_info_bytes() bytes, 8-byte aligned. RAM entries are
 * split at 4 GiB (Xen zeroes the high word of one that crosses it). */
void mb2_info_fill(void *out, const struct mb2_info_input *in);

#endif /* CORE_MB2_H */
