// SPDX-License-Identifier: MIT
/*
 * regionnext.c - see regionnext.h.
 */
#include "regionnext.h"

#include <string.h>

#include "checked.h"
#include "placetext.h"
#include "util.h"

static bool is_free(const struct taken *t, const struct hostmap *map,
		    struct range r)
{
	struct range ignored;

	return hostmap_is_ram(map, r) && !taken_in_the_way(t, r, &ignored);
}

/* Of that size: where it is now, or somewhere else. */
static int choose(struct range *next, uint64_t base, uint64_t bytes,
		  const struct hostmap *map, const struct taken *taken,
		  struct diag_log *diag)
{
	next->start = base;
	if (!checked_add(base, bytes, &next->end) ||
	    !is_free(taken, map, *next)) {
		next->start = hostmap_region_place(map, bytes, UINT64_MAX,
						   taken_in_the_way, taken);
		next->end = next->start + bytes;
	}
	return next->start ? 0 : diag_add(diag, HO_ENEXTROOM, "%s",
					  human_bytes(bytes));
}

/* The ranges of this update cover it, and are apart from each other. */
static int add_missing(struct region_found *r, struct range next,
		       struct diag_log *diag)
{
	uint64_t at = next.start;

	while (at < next.end) {
		uint64_t stop = next.end;
		bool covered = false;
		uint32_t i;

		for (i = 0; i < r->count && !covered; i++) {
			struct range have = r->ranges[i];

			covered = have.start <= at && at < have.end;
			if (covered)
				stop = have.end;
			else if (have.start > at && have.start < stop)
				stop = have.start;
		}
		if (!covered && r->count == HO_REGION_RANGES_MAX)
			return diag_add(diag, HO_EREGIONRANGES,
					"with that of the next update");
		if (!covered)
			r->ranges[r->count++] = (struct range){ at, stop };
		at = stop;
	}
	return 0;
}

/* next->start 0: anywhere. */
static int parse(const char *text, const struct hostmap *map,
		 struct range *next, uint64_t *bytes, struct diag_log *diag)
{
	static const struct taken none;
	struct placetext place;

	if (!placetext_parse(&place, text, strlen(text)) ||
	    (place.has_base && !place.base))
		return diag_add(diag, HO_EUSAGE,
				"--next %.40s: want SIZE or BASE+SIZE", text);
	*bytes = place.bytes;
	next->start = place.base;
	if (!is_aligned(next->start | *bytes, HO_PAGE_2M_BYTES) ||
	    *bytes < HO_REGION_BYTES_MIN ||
	    !checked_add(next->start, *bytes, &next->end) ||
	    (next->start && (next->start < MIB ||
			     !is_free(&none, map, *next))))
		return diag_add(diag, HO_ENEXTREGION, "%.40s", text);
	return 0;
}

int region_next_check(const char *text, const struct hostmap *map,
		      struct diag_log *diag)
{
	struct range next;
	uint64_t bytes;

	return parse(text, map, &next, &bytes, diag);
}

int region_next(struct region_found *r, const char *text,
		const struct hostmap *map, struct taken *taken,
		struct diag_log *diag)
{
	struct range next;
	uint64_t bytes;
	int rc = parse(text, map, &next, &bytes, diag);

	taken_sort(taken);
	if (!rc && !next.start)
		rc = choose(&next, r->ranges[0].start, bytes, map, taken,
			    diag);
	if (rc)
		return rc;
	r->next = next;
	return add_missing(r, next, diag);
}
