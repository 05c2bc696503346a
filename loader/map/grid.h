/* SPDX-License-Identifier: MIT */
/*
 * grid.h - the machine's memory in rows of cells. A row in which nobody has
 * anything is left out.
 */
#ifndef LOADER_GRID_H
#define LOADER_GRID_H

#include <stdio.h>

#include "owners.h"

struct grid_cell {
	enum owner_kind kind;		/* who has most of it, but for */
	uint32_t guest;			/* OWNER_FREE, which hides nobody */
};

struct grid_row {
	uint64_t start;			/* address of its first cell */
	struct grid_cell *cells;
};

struct grid {
	uint64_t cell_bytes;		/* a power of two, of 4 KiB or more */
	uint32_t width;			/* cells of a row */
	uint32_t count;
	struct grid_row *rows;
};

/* At most `rows` rows of `width` cells, of the smallest cells that do. `o` is
 * settled. HO_ENOMEM. */
int grid_make(struct grid *g, const struct owners *o, uint32_t width,
	      uint32_t rows, struct diag_log *diag);
/* Free what it holds. */
void grid_free(struct grid *g);

/* The picture, with a legend, as text of at most 80 columns. */
void grid_print_text(FILE *to, const struct grid *g, const struct owners *o);
/* The same as SVG; `title` is its first line. */
void grid_print_svg(FILE *to, const struct grid *g, const struct owners *o,
		    const char *title);

#endif /* LOADER_GRID_H */
