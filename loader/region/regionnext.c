// SPDX-License-Identifier: MIT
/*
 * regionnext.c - see regionnext.h.
 */
#include "regionnext.h"

#include <string.h>

#include "checked.h"
#include "placetext.h"
#include "region.h"
#include "util.h"


static bool is_free(const struct taken *t, const struct hostmap *map,
		    struct range r)
{
	bool in_ram = false;
	size_t i;

	for (i = 0; i < map->memory_count; i++)
		in_ram |= range_covers(map->memory[i], r);
	for (i = 0; i < t->count && in_ram; i++)
		in_ram = !range_overlaps(t->ranges[i], r);
	return in_ram;
}

/* The highest place of `bytes` bytes in [start, end). */
static void offer(struct range *best, uint64_t bytes, uint64_t start,
		  uint64_t end)
{
	bool low, best_low = range_bytes(*best) && best->end <= LIMIT_4G;

	if (start < REGION_LOWEST)
		start = REGION_LOWEST;
	if (start < LIMIT_4G && end > LIMIT_4G)
		offer(best, bytes, start, LIMIT_4G);
	start = align_up(start, HO_PAGE_2M_BYTES);
	end = align_down(end, HO_PAGE_2M_BYTES);
	if (end < start || end - start < bytes)
		return;
	low = end <= LIMIT_4G;
	if (low >= best_low)
		*best = (struct range){ end - bytes, end };
}

static struct range search(const struct taken *t, const struct hostmap *map,
			   uint64_t bytes)
{
	struct range best = { 0, 0 };
	uint32_t m;
	size_t i;

	for (m = 0; m < map->memory_count; m++) {
		struct range ram = map->memory[m];
		uint64_t at = ram.start;

		for (i = 0; i < t->count && t->ranges[i].start < ram.end;
		     i++) {
			if (t->ranges[i].start > at)
				offer(&best, bytes, at, t->ranges[i].start);
			if (t->ranges[i].end > at)
				at = t->ranges[i].end;
		}
		if (at < ram.end)
			offer(&best, bytes, at, ram.end);
	}
	return best;
}

/* Of that size: where it is now, or somewhere else. */
static int choose(struct range *next, uint64_t base, uint64_t bytes,
		  const struct hostmap *map, const struct taken *taken,
		  struct diag_log *diag)
{
	next->start = base;
	if (!checked_add(base, bytes, &next->end) ||
	    !is_free(taken, map, *next))
		*next = search(taken, map, bytes);
	return range_bytes(*next) ? 0 : diag_add(diag, HO_ENEXTROOM, "%s",
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
