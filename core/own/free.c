// SPDX-License-Identifier: MIT
/*
 * free.c - the visitor of free ranges. Used to build memory maps and by
 * whoever must not touch what is owned.
 */
#include "free.h"

#define NOTHING_AHEAD ((struct range){ ~0ull, ~0ull })

static int read_ahead(struct free_walk *w)
{
	struct frametable_span span;
	int rc = frametable_next_taken(&w->owned, &span);

	if (rc < 0)
		return rc;
	w->ahead = rc ? (struct range){ span.mfn << HO_PAGE_SHIFT,
			(span.mfn + span.count) << HO_PAGE_SHIFT }
		      : NOTHING_AHEAD;
	return 0;
}

int free_walk_init(struct free_walk *w, const struct blob *blob,
		   const struct frametable_view *view)
{
	*w = (struct free_walk){ .blob = blob,
				 .owned = frametable_walk(view) };
	return read_ahead(w);
}

/* The first bytes at or behind w->at that are not free. */
static int next_taken(struct free_walk *w, struct range *out)
{
	uint32_t i;
	int rc;

	while (w->ahead.end <= w->at && w->ahead.start != ~0ull) {
		rc = read_ahead(w);
		if (rc)
			return rc;
	}
	*out = w->ahead;
	for (i = 0; i < w->blob->region_count; i++) {
		struct range r = w->blob->region[i];

		if (r.end > w->at && r.start < out->start)
			*out = r;
	}
	return 0;
}

int free_next(struct free_walk *w, struct free_gap *out)
{
	while (w->memory < w->blob->memory_count) {
		struct range ram = w->blob->memory[w->memory], taken;
		int rc;

		if (w->at < ram.start)
			w->at = ram.start;
		if (w->at >= ram.end) {
			w->memory++;
			continue;
		}
		rc = next_taken(w, &taken);
		if (rc)
			return rc;
		if (taken.start <= w->at) {
			w->at = taken.end;
			continue;
		}
		out->memory = w->memory;
		out->place.start = w->at;
		out->place.end = taken.start < ram.end ? taken.start : ram.end;
		w->at = out->place.end;
		return 1;
	}
	return 0;
}
