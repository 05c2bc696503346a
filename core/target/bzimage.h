/* SPDX-License-Identifier: MIT */
/*
 * bzimage.h - the header of a Linux bzImage. Source:
 * Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header".
 */
#ifndef CORE_BZIMAGE_H
#define CORE_BZIMAGE_H

#include "diag.h"
#include "span.h"

#define BZIMAGE_HEADER_OFFSET	0x1f1
#define BZIMAGE_ENTRY64_OFFSET	0x200

struct bzimage {
	uint64_t setup_bytes;		/* protected-mode part starts here */
	uint64_t pm_bytes;		/* its length in the file */
	uint32_t header_bytes;		/* setup header from 0x1f1 on */
	uint16_t version;		/* boot protocol, >= 0x020c */
	uint32_t alignment;		/* of the load address, power of 2 */
	uint32_t init_size;		/* memory the kernel needs there */
	uint64_t pref_address;
	uint32_t cmdline_max;		/* bytes without the NUL */
	bool above_4g;			/* XLF_CAN_BE_LOADED_ABOVE_4G */
	bool five_levels;		/* XLF_5LEVEL: may be entered with them */
};

/* HO_ENOTBZIMAGE, HO_EBZOLD */
int bzimage_parse(struct bzimage *bz, const void *bytes, uint64_t length,
		  struct diag_log *diag);

#endif /* CORE_BZIMAGE_H */
