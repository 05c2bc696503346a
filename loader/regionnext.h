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

/* What baton region --next said, for the next pack or upgrade. */
#define REGION_NEXT_FILE "/run/baton/region.next"

/*
 * BASE+SIZE, or SIZE: in place if nothing is in the way, else as high as
 * possible below 4 GiB, where no frame of the stream is. Sets r->next, and adds
 * to r->ranges what they do not cover yet. HO_EUSAGE, HO_ENEXTREGION,
 * HO_ENEXTROOM, HO_EREGIONRANGES, codes of the stream.
 */
int region_next(struct region_found *r, const char *text,
		const struct hostmap *map, const uint8_t *stream,
		uint64_t stream_bytes, struct diag_log *diag);

/* Is it BASE+SIZE (base and bytes), or SIZE (base 0)? */
bool region_next_parse(const char *text, uint64_t *base, uint64_t *bytes);

#endif /* LOADER_REGIONNEXT_H */
