// SPDX-License-Identifier: MIT
/*
 * guest.c - see guest.h: what all kinds have.
 */
#include "guest.h"

#include <stdio.h>

static int too_many(struct diag_log *diag, const char *what, const char *name)
{
	return diag_add(diag, HO_EUSAGE, "too many %s of %.60s", what,
			name ? name : "");
}

int guest_said(struct guest *g, int rc, const struct diag_log *own,
	       struct diag_log *diag)
{
	g->refused |= rc != 0;
	diag_merge(g->why ? g->why : diag, own);
	return rc;
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
	struct guest_state *s;

	if (g->state_count == GUEST_ITEMS_MAX)
		return too_many(diag, "--state", g->name);
	s = &g->states[g->state_count++];
	snprintf(s->name, sizeof(s->name), "%s", name);
	s->path = path;
	return 0;
}
