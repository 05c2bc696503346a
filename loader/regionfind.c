// SPDX-License-Identifier: MIT
/*
 * regionfind.c - see regionfind.h.
 */
#include "regionfind.h"

#include <stdio.h>
#include <string.h>

#include "checked.h"
#include "machine.h"
#include "util.h"

static int parse_option(const char *option, struct range *out,
			struct diag_log *diag)
{
	char base[64];
	const char *plus = strchr(option, '+');
	uint64_t bytes;

	if (plus && (size_t)(plus - option) < sizeof(base)) {
		snprintf(base, sizeof(base), "%.*s", (int)(plus - option),
			 option);
		if (parse_bytes(base, &out->start) &&
		    parse_bytes(plus + 1, &bytes) && bytes &&
		    checked_add(out->start, bytes, &out->end))
			return 0;
	}
	return diag_add(diag, HO_EUSAGE,
			"--region %s: want BASE+SIZE, as in 256M+512M",
			option);
}

int region_find(struct region_found *out, const char *option,
		const struct handover *h, struct diag_log *diag)
{
	if (option) {
		out->from = "--region";
		return parse_option(option, &out->range, diag);
	}
	if (h && h->crumb.region_bytes) {
		out->from = "breadcrumb";
		out->range.start = h->crumb.region_base;
		out->range.end = h->crumb.region_base +
				 h->crumb.region_bytes;
		return 0;
	}
	out->from = "crash kernel";
	return iomem_crash_region("/proc/iomem", &out->range, diag);
}
