// SPDX-License-Identifier: MIT
/*
 * grid.c - see grid.h.
 */
#include "grid.h"

#include <stdlib.h>

#define CELL_LEAST	4096ull
#define KEYS(o)		(OWNER_KINDS + (o)->guest_count)

/* Rows that somebody has a part of, for cells of this size. `o` is sorted. */
static uint64_t rows_needed(const struct owners *o, uint64_t row_bytes)
{
	uint64_t count = 0, next = 0;
	size_t i;

	for (i = 0; i < o->count; i++) {
		uint64_t first = o->spans[i].place.start / row_bytes;
		uint64_t last = (o->spans[i].place.end - 1) / row_bytes;

		if (first < next)
			first = next;
		if (last < first)
			continue;
		count += last - first + 1;
		next = last + 1;
	}
	return count;
}

/* One key for each kind but OWNER_GUEST, and one for each guest. */
static uint32_t key_of(const struct owner_span *s)
{
	return s->kind == OWNER_GUEST ? OWNER_KINDS + s->guest : s->kind;
}

/* What is in one cell: bytes by key. */
struct tally {
	uint64_t *bytes;
	uint32_t keys;
};

static struct grid_cell winner(const struct tally *t)
{
	uint32_t best = t->bytes[OWNER_FREE] ? OWNER_FREE : OWNER_NONE, i;
	uint64_t most = 0;

	for (i = OWNER_FREE + 1; i < t->keys; i++)
		if (t->bytes[i] > most) {
			most = t->bytes[i];
			best = i;
		}
	if (best < OWNER_KINDS)
		return (struct grid_cell){ best, 0 };
	return (struct grid_cell){ OWNER_GUEST, best - OWNER_KINDS };
}

/* The cell [start, start + bytes): *at is the first span that may reach it,
 * and moves on. */
static struct grid_cell look(const struct owners *o, size_t *at,
			     uint64_t start, uint64_t bytes, struct tally *t)
{
	struct range cell = { start, start + bytes };
	size_t i;

	for (i = 0; i < t->keys; i++)
		t->bytes[i] = 0;
	while (*at < o->count && o->spans[*at].place.end <= start)
		++*at;
	for (i = *at; i < o->count && o->spans[i].place.start < cell.end; i++) {
		struct range p = o->spans[i].place;

		p.start = p.start < cell.start ? cell.start : p.start;
		p.end = p.end > cell.end ? cell.end : p.end;
		t->bytes[key_of(&o->spans[i])] += range_bytes(p);
	}
	return winner(t);
}

static int fill(struct grid *g, const struct owners *o, struct tally *t)
{
	uint64_t row_bytes = g->cell_bytes * g->width, next = 0, row, last;
	size_t i, at = 0;
	uint32_t c;

	for (i = 0; i < o->count; i++) {
		row = o->spans[i].place.start / row_bytes;
		last = (o->spans[i].place.end - 1) / row_bytes;
		for (row = row < next ? next : row; row <= last; row++) {
			struct grid_row *r = &g->rows[g->count];

			r->cells = calloc(g->width, sizeof(*r->cells));
			if (!r->cells)
				return -HO_ENOMEM;
			g->count++;
			r->start = row * row_bytes;
			for (c = 0; c < g->width; c++)
				r->cells[c] = look(o, &at, r->start +
						   c * g->cell_bytes,
						   g->cell_bytes, t);
			next = row + 1;
		}
	}
	return 0;
}

int grid_make(struct grid *g, const struct owners *o, uint32_t width,
	      uint32_t rows, struct diag_log *diag)
{
	struct tally t = { .keys = KEYS(o) };
	int rc = -HO_ENOMEM;

	*g = (struct grid){ .cell_bytes = CELL_LEAST, .width = width };
	while (rows_needed(o, g->cell_bytes * width) > rows)
		g->cell_bytes *= 2;
	g->rows = calloc(rows + 1, sizeof(*g->rows));
	t.bytes = calloc(t.keys, sizeof(*t.bytes));
	if (g->rows && t.bytes)
		rc = fill(g, o, &t);
	free(t.bytes);
	if (!rc)
		return 0;
	grid_free(g);
	return diag_add(diag, HO_ENOMEM, "picture");
}

void grid_free(struct grid *g)
{
	uint32_t i;

	for (i = 0; i < g->count; i++)
		free(g->rows[i].cells);
	free(g->rows);
	*g = (struct grid){ 0 };
}
