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
	if (t->count)
		qsort(t->ranges, t->count, sizeof(*t->ranges), by_start);
}

void taken_free(struct taken *t)
{
	free(t->ranges);
	*t = (struct taken){ 0 };
}
