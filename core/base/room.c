// SPDX-License-Identifier: MIT
/*
 * room.c - see room.h. Each step goes past what is in the way.
 */
#include "room.h"

#include "checked.h"

bool room_listed(const void *list, struct range want, struct range *at)
{
	const struct room_list *l = list;
	uint32_t i;

	for (i = 0; i < l->count; i++)
		if (range_overlaps(l->ranges[i], want)) {
			*at = l->ranges[i];
			return true;
		}
	return false;
}

uint64_t room_lowest(struct range within, uint64_t bytes, uint64_t align,
		     room_taken_fn taken, const void *context)
{
	struct range want = { .start = within.start }, at;

	for (;;) {
		if (!checked_align(want.start, align, &want.start) ||
		    !checked_add(want.start, bytes, &want.end) ||
		    want.end > within.end)
			return 0;
		if (!taken(context, want, &at))
			return want.start;
		want.start = at.end;
	}
}

uint64_t room_highest(struct range within, uint64_t bytes, uint64_t align,
		      room_taken_fn taken, const void *context)
{
	struct range want = { .end = within.end }, at;

	for (;;) {
		if (want.end < bytes)
			return 0;
		want.start = align_down(want.end - bytes, align);
		want.end = want.start + bytes;
		if (want.start < within.start)
			return 0;
		if (!taken(context, want, &at))
			return want.start;
		want.end = at.start;
	}
}
