// SPDX-License-Identifier: MIT
/*
 * vgatext.c - see vgatext.h.
 */
#include "vgatext.h"

#include <string.h>

/* struct screen_info */
#define CURSOR_LINE	0x01
#define MODE		0x06
#define COLUMNS		0x07
#define EGA_BX		0x0a		/* what a BIOS says of EGA: 256 KiB */
#define LINES		0x0e
#define IS_VGA		0x0f
#define POINTS		0x10		/* u16 */

#define COLOUR_TEXT	3
#define TEXT_BYTES	0x8000		/* at 0xb8000 */

void vgatext_take(struct vgatext *t, const uint8_t *screen)
{
	*t = (struct vgatext){ 0 };
	if (screen[IS_VGA] == 1 && screen[MODE] == COLOUR_TEXT)
		*t = (struct vgatext){
			.columns = screen[COLUMNS], .lines = screen[LINES],
			.points = screen[POINTS] | screen[POINTS + 1] << 8,
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
	screen[CURSOR_LINE] = t->lines - 1;
	screen[MODE] = COLOUR_TEXT;
	screen[COLUMNS] = t->columns;
	screen[EGA_BX] = 3;
	screen[LINES] = t->lines;
	screen[IS_VGA] = 1;
	screen[POINTS] = t->points;
}
