/* SPDX-License-Identifier: MIT */
/*
 * room.h - the search for a free place of a given size in a piece of memory.
 */
#ifndef CORE_ROOM_H
#define CORE_ROOM_H

#include "types.h"

/* True when any of `want` is taken: *at is then a range that is in the way. */
typedef bool (*room_taken_fn)(const void *context, struct range want,
			      struct range *at);

/* For room_lowest() and room_highest(): an array in any order. */
struct room_list {
	const struct range *ranges;
	uint32_t count;
};
/* A room_taken_fn. `list`: a struct room_list. */
bool room_listed(const void *list, struct range want, struct range *at);

/* The start of the lowest or highest place of `bytes` bytes in `within` that is
 * not taken, a multiple of `align` (a power of two). 0: there is none. */
uint64_t room_lowest(struct range within, uint64_t bytes, uint64_t align,
		     room_taken_fn taken, const void *context);
/* The start of the highest such place; 0: there is none. */
uint64_t room_highest(struct range within, uint64_t bytes, uint64_t align,
		      room_taken_fn taken, const void *context);

#endif /* CORE_ROOM_H */
