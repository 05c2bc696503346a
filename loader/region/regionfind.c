// SPDX-License-Identifier: MIT
/*
 * regionfind.c - see regionfind.h.
 */
#include "regionfind.h"

#include <string.h>

#include "checked.h"
#include "crashkernel.h"
#include "placetext.h"
#include "regionauto.h"

static int parse_option(struct region_found *out, const char *option,
			struct diag_log *diag)
{
	const char *at = option;
	struct placetext place;
	struct range *r;

	for (;;) {
		size_t length = strcspn(at, ",");

		r = &out->ranges[out->count];
		if (out->count++ == HO_REGION_RANGES_MAX ||
		    !placetext_parse(&place, at, length) || !place.has_base ||
		    !checked_add(place.base, place.bytes, &r->end))
			return diag_add(diag, HO_EUSAGE,
					"--region %.40s: want BASE+SIZE, as in 256M+512M",
					option);
		r->start = place.base;
		if (!at[length])
			return 0;
		at += length + 1;
	}
}

static void from_handover(struct region_found *out, const struct handover *h)
{
	out->from = "breadcrumb";
	if (range_bytes(h->blob.next_region)) {	/* what it was kept for */
		out->count = 1;
		out->ranges[0] = h->blob.next_region;
		return;
	}
	out->count = h->blob.region_count;
	memcpy(out->ranges, h->blob.region, sizeof(out->ranges));
}

int region_find(struct region_found *out, const char *option,
		const struct handover *h, struct diag_log *diag)
{
	*out = (struct region_found){ 0 };
	if (option) {
		out->from = "--region";
		return parse_option(out, option, diag);
	}
	if (h && h->chained) {
		from_handover(out, h);
		return 0;
	}
	if (h) {	/* this instance lives in the region */
		out->from = "free memory";
		out->count = 1;
		return region_auto(&out->ranges[0], h, "/proc/iomem", diag);
	}
	out->from = "crash kernel";
	out->count = 1;
	return crashkernel_region(&out->ranges[0], diag);
}
