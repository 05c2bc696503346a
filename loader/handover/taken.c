// SPDX-License-Identifier: MIT
/*
 * taken.c - see taken.h.
 */
#include "taken.h"

#include <stdlib.h>

#include "kept.h"

int taken_add(struct taken *t, struct range r, struct diag_log *diag)
{
	struct range *more;

	if (t->count == t->room) {
		t->room = t->room ? 2 * t->room : 1024;
		more = realloc(t->ranges, t->room * sizeof(*more));
		if (!more)
			return diag_add(diag, HO_ENOMEM, "ranges");
		t->ranges = more;
	}
	t->ranges[t->count++] = r;
	return 0;
}

int taken_add_stream(struct taken *t, const uint8_t *stream, uint64_t bytes,
		     struct diag_log *diag)
{
	struct kept_extent e;
	struct kept_walk w;
	int rc = kept_walk_begin(&w, stream, bytes, ~0ull, diag);

	while (!rc && (rc = kept_walk_next(&w, &e, diag)) > 0)
		rc = taken_add(t, e.place, diag);
	return rc;
}

static int by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

void taken_sort(struct taken *t)
{
	size_t i, last = 0;

	if (!t->count)
		return;
	qsort(t->ranges, t->count, sizeof(*t->ranges), by_start);
	for (i = 1; i < t->count; i++)
		if (t->ranges[i].start > t->ranges[last].end)
			t->ranges[++last] = t->ranges[i];
		else if (t->ranges[i].end > t->ranges[last].end)
			t->ranges[last].end = t->ranges[i].end;
	t->count = last + 1;
}

bool taken_in_the_way(const void *taken, struct range want, struct range *at)
{
	const struct taken *t = taken;
	size_t low = 0, high = t->count;

	/* the last that starts before want ends: those before it end earlier */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->ranges[middle].start < want.end)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || t->ranges[low - 1].end <= want.start)
		return false;
	*at = t->ranges[low - 1];
	return true;
}

void taken_free(struct taken *t)
{
	free(t->ranges);
	*t = (struct taken){ 0 };
}
