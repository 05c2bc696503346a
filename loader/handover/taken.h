/* SPDX-License-Identifier: MIT */
/*
 * taken.h - memory that a region must not lie in, as a growing list.
 */
#ifndef LOADER_TAKEN_H
#define LOADER_TAKEN_H

#include "diag.h"

struct taken {
	struct range *ranges;		/* in any order, until sorted */
	size_t count, room;
};

/* HO_ENOMEM */
int taken_add(struct taken *t, struct range r, struct diag_log *diag);
/* Every extent of a stream; the framing's codes. Codes of kept_walk_next(),
 * HO_ENOMEM. */
int taken_add_stream(struct taken *t, const uint8_t *stream, uint64_t bytes,
		     struct diag_log *diag);
/* By address, apart, neighbours joined. */
void taken_sort(struct taken *t);
/* For room_highest(), of a sorted list. */
bool taken_in_the_way(const void *taken, struct range want, struct range *at);
/* Free the list. */
void taken_free(struct taken *t);

#endif /* LOADER_TAKEN_H */
