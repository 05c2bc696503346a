// SPDX-License-Identifier: MIT
/*
 * vgatext.c - see vgatext.h.
 */
#include "vgatext.h"

#include "screeninfo.h"

#define TEXT_BYTES	0x8000		/* at 0xb8000 */

void vgatext_take(struct vgatext *t, const uint8_t *screen)
{
	*t = (struct vgatext){ 0 };
	if (screen[SCREEN_TYPE] == SCREEN_VGA &&
	    screen[SCREEN_MODE] == SCREEN_COLOUR_TEXT)
		*t = (struct vgatext){
			.columns = screen[SCREEN_COLUMNS],
			.lines = screen[SCREEN_LINES],
			.points = screen[SCREEN_POINTS] |
				  screen[SCREEN_POINTS + 1] << 8,
		};
}

bool vgatext_is_sane(const struct vgatext *t, const struct range *memory,
		     uint32_t memory_count)
{
	const struct range vga = { 0xa0000, 0xc0000 };
	uint32_t i;

	for (i = 0; i < memory_count; i++)
		if (range_overlaps(memory[i], vga))
			return false;
	return t->columns >= 40 && t->columns <= 160 &&
	       t->lines >= 25 && t->lines <= 100 &&
	       t->columns * t->lines * 2 <= TEXT_BYTES &&
	       t->points >= 8 && t->points <= 32;
}

void vgatext_put(const struct vgatext *t, uint8_t *screen)
{
	screen[SCREEN_CURSOR_LINE] = t->lines - 1;
	screen[SCREEN_MODE] = SCREEN_COLOUR_TEXT;
	screen[SCREEN_COLUMNS] = t->columns;
	screen[SCREEN_EGA_BX] = 3;
	screen[SCREEN_LINES] = t->lines;
	screen[SCREEN_TYPE] = SCREEN_VGA;
	screen[SCREEN_POINTS] = t->points;
}
