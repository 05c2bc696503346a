/* SPDX-License-Identifier: MIT */
/*
 * vgatext.h - the text mode that a PC's firmware leaves its VGA in: as Linux's
 * struct screen_info has it (include/uapi/linux/screen_info.h), and as a blob
 * does. Without it the next kernel has no console on the screen until a driver
 * for its graphics is loaded (vgacon_startup()).
 */
#ifndef CORE_VGATEXT_H
#define CORE_VGATEXT_H

#include "types.h"

struct vgatext {
	uint32_t columns;		/* 0: not in a text mode that is known */
	uint32_t lines;
	uint32_t points;		/* height of a character */
};

/* From struct screen_info of HO_SCREEN_INFO_BYTES: mode 3 of a VGA, 16 colours.
 * Not checked. */
void vgatext_take(struct vgatext *t, const uint8_t *screen);
/* As much as a VGA can show, and its memory in none of `memory`, which may be
 * guests'. */
bool vgatext_is_sane(const struct vgatext *t, const struct range *memory,
		     uint32_t memory_count);
/* Into a zeroed struct screen_info; the cursor is in the last line. */
void vgatext_put(const struct vgatext *t, uint8_t *screen);

#endif /* CORE_VGATEXT_H */
