// SPDX-License-Identifier: MIT
/*
 * guest.c - see guest.h: what all kinds have.
 */
#include "guest.h"

static int too_many(struct diag_log *diag, const char *what, const char *name)
{
	return diag_add(diag, HO_EUSAGE, "too many %s of %.60s", what,
			name ? name : "");
}

int guest_add_range(struct guest *g, struct vrange r, struct diag_log *diag)
{
	if (g->range_count == GUEST_ITEMS_MAX)
		return too_many(diag, "ranges of memory", g->name);
	g->ranges[g->range_count++] = r;
	return 0;
}

int guest_add_state(struct guest *g, const char *name, const char *path,
		    struct diag_log *diag)
{
	if (g->state_count == GUEST_ITEMS_MAX)
		return too_many(diag, "--state", g->name);
	g->states[g->state_count++] = (struct guest_state){ name, path };
	return 0;
}
