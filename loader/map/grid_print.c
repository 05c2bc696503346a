// SPDX-License-Identifier: MIT
/*
 * grid_print.c - the two ways to draw a grid, see grid.h.
 */
#include "grid.h"

#include <inttypes.h>

#include "util.h"

static const struct {
	char letter;
	const char *colour, *name;
} looks[OWNER_KINDS] = {
	[OWNER_NONE] = { ' ', "#ffffff", "no memory" },
	[OWNER_FREE] = { '.', "#e4e4e4", "free, or the kernel's to use" },
	[OWNER_KERNEL] = { 'K', "#555555", "kernel" },
	[OWNER_LEFT] = { '-', "#c9a66b", "not plugged" },
	[OWNER_REGION] = { '#', "#d62728", "region" },
	[OWNER_GUEST] = { '+', "#1f77b4", "guest" },
};

/* Guests differ, as far as there are letters and colours. */
static char guest_letter(uint32_t guest)
{
	return guest < 26 ? (char)('a' + guest) : looks[OWNER_GUEST].letter;
}

static const char *guest_colour(uint32_t guest)
{
	static const char *const colours[] = {
		"#1f77b4", "#2ca02c", "#9467bd", "#17becf", "#8c564b",
		"#e377c2", "#bcbd22", "#ff7f0e",
	};

	return colours[guest % ARRAY_COUNT(colours)];
}

static const char *colour_of(const struct grid_cell *c)
{
	return c->kind == OWNER_GUEST ? guest_colour(c->guest)
				      : looks[c->kind].colour;
}

static void text_row(FILE *to, const struct grid *g, uint32_t row)
{
	const struct grid_row *r = &g->rows[row];
	uint32_t c, end = g->width;

	while (end && r->cells[end - 1].kind == OWNER_NONE)
		end--;
	fprintf(to, "%12" PRIx64 " ", r->start);
	for (c = 0; c < end; c++)
		fputc(r->cells[c].kind == OWNER_GUEST
		      ? guest_letter(r->cells[c].guest)
		      : looks[r->cells[c].kind].letter, to);
	fputc('\n', to);
}

void grid_print_text(FILE *to, const struct grid *g, const struct owners *o)
{
	uint64_t row_bytes = g->cell_bytes * g->width;
	uint32_t i;

	for (i = 0; i < g->count; i++) {
		if (i && g->rows[i].start != g->rows[i - 1].start + row_bytes)
			fprintf(to, "%12s\n", "...");
		text_row(to, g, i);
	}
	fprintf(to, "\n%*s of %s each\n", 12, "cells",
		human_bytes(g->cell_bytes));
	for (i = OWNER_NONE + 1; i < OWNER_GUEST; i++)
		if (o->bytes[i])
			fprintf(to, "%12c %-10s %s\n", looks[i].letter,
				human_bytes(o->bytes[i]), looks[i].name);
	for (i = 0; i < o->guest_count; i++)
		fprintf(to, "%12c %-10s %s\n", guest_letter(i),
			human_bytes(o->guests[i].bytes), o->guests[i].name);
}

#define CELL_WIDE	2		/* pixels */
#define ROW_HIGH	16
#define LEFT		110
#define TOP		40

/* A name may have any character that a file name may have. */
static void print_escaped(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '<' || *text == '>' || *text == '&')
			fprintf(to, "&#%d;", *text);
		else if ((unsigned char)*text < ' ' ||
			 (unsigned char)*text > '~')
			fputc('?', to);
		else
			fputc(*text, to);
	}
}

static void svg_row(FILE *to, const struct grid *g, uint32_t row)
{
	const struct grid_row *r = &g->rows[row];
	uint32_t c, from, y = TOP + row * ROW_HIGH;

	fprintf(to, "<text x=\"%d\" y=\"%u\" text-anchor=\"end\">%" PRIx64
		"</text>\n", LEFT - 8, y + 12, r->start);
	for (c = 0; c < g->width; c = from) {
		for (from = c + 1; from < g->width &&
		     r->cells[from].kind == r->cells[c].kind &&
		     r->cells[from].guest == r->cells[c].guest; from++)
			;
		if (r->cells[c].kind != OWNER_NONE)
			fprintf(to, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%d\" fill=\"%s\"/>\n",
				LEFT + c * CELL_WIDE, y + 1,
				(from - c) * CELL_WIDE, ROW_HIGH - 2,
				colour_of(&r->cells[c]));
	}
}

/* A colour, how much, and what it is. */
static void svg_legend(FILE *to, uint32_t line, const char *colour,
		       uint64_t bytes, const char *name)
{
	uint32_t y = TOP + line * ROW_HIGH;

	fprintf(to, "<rect x=\"%d\" y=\"%u\" width=\"14\" height=\"12\" fill=\"%s\"/>\n"
		"<text x=\"%d\" y=\"%u\">", LEFT, y + 2, colour, LEFT + 22,
		y + 12);
	print_escaped(to, human_bytes(bytes));
	fputs("  ", to);
	print_escaped(to, name);
	fputs("</text>\n", to);
}

void grid_print_svg(FILE *to, const struct grid *g, const struct owners *o,
		    const char *title)
{
	uint32_t i, line = g->count + 1;

	fprintf(to, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" font-family=\"monospace\" font-size=\"12\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n"
		"<text x=\"%d\" y=\"22\" font-size=\"14\">", LEFT +
		g->width * CELL_WIDE + 20, TOP + ROW_HIGH * (g->count +
		OWNER_KINDS + 1 + o->guest_count), LEFT);
	print_escaped(to, title);
	fputs("</text>\n", to);
	for (i = 0; i < g->count; i++)
		svg_row(to, g, i);
	for (i = OWNER_NONE + 1; i < OWNER_GUEST; i++)
		if (o->bytes[i])
			svg_legend(to, line++, looks[i].colour, o->bytes[i],
				   looks[i].name);
	for (i = 0; i < o->guest_count; i++)
		svg_legend(to, line++, guest_colour(i), o->guests[i].bytes,
			   o->guests[i].name);
	fputs("</svg>\n", to);
}
