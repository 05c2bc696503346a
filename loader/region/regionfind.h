/* SPDX-License-Identifier: MIT */
/*
 * regionfind.h - where the next update lands.
 */
#ifndef LOADER_REGIONFIND_H
#define LOADER_REGIONFIND_H

#include "handover.h"

struct region_found {
	uint32_t count;
	struct range ranges[HO_REGION_RANGES_MAX]; /* [0]: landing place */
	struct range next;		/* of the update after it; empty: the
					 * same. Covered by the ranges */
	const char *from;		/* "--region", "breadcrumb",
					 * "crash kernel" */
};

/* `option` is BASE+SIZE[,BASE+SIZE]... or NULL; h may be NULL. In this order: the option,
 * the breadcrumb, crashkernel=. HO_EUSAGE, HO_ENOREGION, HO_EPERM. */
int region_find(struct region_found *out, const char *option,
		const struct handover *h, struct diag_log *diag);

#endif /* LOADER_REGIONFIND_H */
