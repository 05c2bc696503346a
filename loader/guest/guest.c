// SPDX-License-Identifier: MIT
/*
 * guest.c - see guest.h: what all kinds have.
 */
#include "guest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidebyside.h"

static int too_many(struct diag_log *diag, const char *what, const char *name)
{
	return diag_add(diag, HO_EUSAGE, "too many %s of %.60s", what,
			name ? name : "");
}

bool guest_is_left(const struct guest_wanted *wanted, const char *name)
{
	int i;

	for (i = 0; i < wanted->leave_count; i++)
		if (!strcmp(wanted->leave[i], name))
			return true;
	return false;
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

struct crowd {
	struct guest *const *list;
	int (*work)(struct guest *g, struct diag_log *diag);
	struct diag_log *logs;		/* one each */
	int *rcs;
};

static void work_on(void *context, uint32_t i)
{
	struct crowd *c = context;

	diag_init(&c->logs[i], HO_STAGE_LOADER);
	c->rcs[i] = c->work(c->list[i], &c->logs[i]);
}

int guest_at_once(struct guest *const *list, int count,
		  int (*work)(struct guest *g, struct diag_log *diag),
		  struct diag_log *diag)
{
	size_t all = count > 0 ? count : 1;
	struct crowd c = { list, work, calloc(all, sizeof(*c.logs)),
			   calloc(all, sizeof(*c.rcs)) };
	int i, rc = 0;

	if (!c.logs || !c.rcs)
		rc = diag_add(diag, HO_ENOMEM, "%d guests", count);
	else
		all_at_once(count, work_on, &c);
	for (i = 0; i < count && c.logs && c.rcs; i++) {
		rc = rc ? rc : c.rcs[i];
		diag_merge(diag, &c.logs[i]);
	}
	free(c.logs);
	free(c.rcs);
	return rc;
}

/* Those of a mapping by its name. */
static int each_of_map(const struct guest *g, const char *name,
		       guest_range_fn *fn, void *context,
		       struct diag_log *diag)
{
	struct vrange *found = NULL;
	char path[64];
	int count, i, rc = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)g->pid);
	maps = fopen(path, "re");
	if (!maps)
		return diag_add(diag, errno == EACCES ? HO_EPERM : HO_EPROCESS,
				"%s: %s", path, strerror(errno));
	count = maps_find(maps, name, &found);
	fclose(maps);
	if (count < 0)
		rc = diag_add(diag, HO_ENOMEM, "%s", path);
	if (count == 0)
		rc = diag_add(diag, HO_ENOMAP,
			      "process %d has no mapping called %s",
			      (int)g->pid, name);
	for (i = 0; i < count && !rc; i++)
		rc = fn(context, found[i], diag);
	free(found);
	return rc;
}

int guest_each_range(const struct guest *g, guest_range_fn *fn, void *context,
		     struct diag_log *diag)
{
	int i, rc = 0;

	for (i = 0; i < g->range_count && !rc; i++)
		rc = fn(context, g->ranges[i], diag);
	for (i = 0; i < g->map_count && !rc; i++)
		rc = each_of_map(g, g->maps[i], fn, context, diag);
	return rc;
}
