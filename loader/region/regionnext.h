/* SPDX-License-Identifier: MIT */
/*
 * regionnext.h - the region of the update after the next one (handover-abi
 * README rule 17): it grows, shrinks or moves. The next update still lands in
 * the old place, and keeps the new one free.
 */
#ifndef LOADER_REGIONNEXT_H
#define LOADER_REGIONNEXT_H

#include "hostmap.h"
#include "regionfind.h"
#include "taken.h"

/*
 * BASE+SIZE, or SIZE: in place if nothing is in the way, else as high as
 * possible below 4 GiB, where nothing is that is taken (which gets sorted).
 * Sets r->next, and adds to r->ranges what they do not cover yet. HO_EUSAGE,
 * HO_ENEXTREGION, HO_ENEXTROOM, HO_EREGIONRANGES.
 */
int region_next(struct region_found *r, const char *text,
		const struct hostmap *map, struct taken *taken,
		struct diag_log *diag);

/* Only what can be said before there is a stream. HO_EUSAGE, HO_ENEXTREGION. */
int region_next_check(const char *text, const struct hostmap *map,
		      struct diag_log *diag);

#endif /* LOADER_REGIONNEXT_H */
