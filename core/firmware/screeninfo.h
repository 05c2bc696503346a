/* SPDX-License-Identifier: MIT */
/*
 * screeninfo.h - offsets and values of Linux's struct screen_info, of
 * HO_SCREEN_INFO_BYTES (include/uapi/linux/screen_info.h), for efi.c and
 * vgatext.c.
 */
#ifndef CORE_SCREENINFO_H
#define CORE_SCREENINFO_H

#define SCREEN_CURSOR_LINE	0x01
#define SCREEN_MODE		0x06
#define SCREEN_COLUMNS		0x07
#define SCREEN_EGA_BX		0x0a	/* what a BIOS says of EGA: 256 KiB */
#define SCREEN_LINES		0x0e
#define SCREEN_TYPE		0x0f	/* orig_video_isVGA */
#define SCREEN_POINTS		0x10	/* u16, height of a character */
#define SCREEN_WIDTH		0x12	/* u16, pixels; so the height */
#define SCREEN_HEIGHT		0x14
#define SCREEN_DEPTH		0x16	/* u16, bits a pixel */
#define SCREEN_BASE		0x18	/* u32, low half */
#define SCREEN_SIZE		0x1c	/* u32, bytes; VESA: units of 64 KiB */
#define SCREEN_PITCH		0x24	/* u16, bytes a line */
#define SCREEN_COLOURS		0x26	/* bits, first bit: red, green, blue */
#define SCREEN_FLAGS		0x36	/* u32 */
#define SCREEN_BASE_HIGH	0x3a	/* u32 */

/* SCREEN_TYPE */
#define SCREEN_VGA		0x01	/* a text mode */
#define SCREEN_VESA		0x23
#define SCREEN_EFI		0x70
/* SCREEN_MODE */
#define SCREEN_COLOUR_TEXT	3
/* SCREEN_FLAGS */
#define SCREEN_HAS_BASE_HIGH	2

#endif /* CORE_SCREENINFO_H */
