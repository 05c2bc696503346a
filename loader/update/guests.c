// SPDX-License-Identifier: MIT
/*
 * guests.c - see guests.h.
 */
#include "guests.h"

#include <stdlib.h>

#include "kinds.h"
#include "tell.h"

static const struct guest_kind *const *kinds_of(const struct collect *c)
{
	return c->kinds ? c->kinds : guest_kinds;
}

static struct guest *add_found(void *context, const struct guest_kind *kind,
			       struct diag_log *diag)
{
	return collect_add(context, kind, diag);
}

/* Whoever wants all of a kind names nobody. */
static int find(struct collect *c, const struct guest_kind *kind,
		struct diag_log *diag)
{
	const char **names = calloc(c->name_count + 1, sizeof(*names));
	struct guest_wanted wanted;
	bool all = false;
	int count = 0, i, rc = 0;

	if (!names)
		return diag_add(diag, HO_ENOMEM, "names");
	for (i = 0; i < c->name_count; i++) {
		if (c->names[i].kind != kind)
			continue;
		all |= !c->names[i].name;
		names[count++] = c->names[i].name;
	}
	wanted = (struct guest_wanted){ .names = names,
		.count = all ? 0 : count,
		.leave = c->leave, .leave_count = c->leave_count };
	if (count)
		rc = kind->find(&wanted, add_found, c, diag);
	free(names);
	return rc;
}

static int examine_one(struct guest *g, struct diag_log *diag)
{
	struct diag_log own;

	if (g->refused || !g->kind->examine)
		return 0;
	diag_init(&own, diag->stage);
	return guest_said(g, g->kind->examine(g, &own), &own, diag);
}

/* All of them, whatever is wrong with one. */
static int examine(struct collect *c, struct diag_log *diag)
{
	int i, rc = 0, one;

	for (i = 0; i < c->domain_count; i++) {
		one = examine_one(&c->domains[i], diag);
		tell_done(1, 0);
		rc = rc ? rc : one;
	}
	return rc;
}

static int check_left(struct collect *c, struct diag_log *diag)
{
	const struct guest_kind *const *kind;
	pid_t *pids = calloc(c->domain_count + 1, sizeof(*pids));
	size_t count = 0;
	int i, rc = 0;

	if (!pids)
		return diag_add(diag, HO_ENOMEM, "guests");
	for (i = 0; i < c->domain_count; i++)
		if (c->domains[i].runner)
			pids[count++] = c->domains[i].runner;
	for (kind = kinds_of(c); *kind && !rc; kind++)
		if ((*kind)->left)
			rc = (*kind)->left(pids, count, diag);
	free(pids);
	return rc;
}

void guests_name_all(struct collect *c)
{
	const struct guest_kind *const *kind;

	if (c->domain_count || c->name_count)
		return;
	c->everybody = true;
	for (kind = kinds_of(c); *kind; kind++)
		if ((*kind)->lists && (*kind)->lists())
			c->names[c->name_count++] = (struct collect_names){
				.kind = *kind };
}

bool guests_nobody(const struct collect *c)
{
	return !c->domain_count && !c->name_count && !c->everybody;
}

int guests_find(struct collect *c, struct diag_log *diag)
{
	const struct guest_kind *const *kind;
	int rc = 0;

	for (kind = kinds_of(c); *kind && !rc; kind++)
		if ((*kind)->find)
			rc = find(c, *kind, diag);
	return rc;
}

static bool wants_all(const struct collect *c, const struct guest_kind *kind)
{
	int i;

	for (i = 0; i < c->name_count; i++)
		if (c->names[i].kind == kind && !c->names[i].name)
			return true;
	return c->everybody;
}

int guests_examine(struct collect *c, struct diag_log *diag)
{
	int rc = examine(c, diag);

	return rc ? rc : check_left(c, diag);
}

int guests_hold(struct collect *c, struct diag_log *diag)
{
	int i, rc = 0;

	for (i = 0; i < c->domain_count && !rc; i++) {
		struct guest *g = &c->domains[i];

		g->held = true;
		rc = g->kind->hold ? g->kind->hold(g, diag) : 0;
		tell_done(1, 0);
	}
	return rc;
}

/* Those of a kind; `undo`: that there is something to undo for. */
static int list_kind(struct collect *c, const struct guest_kind *kind,
		     bool undo, struct guest **list)
{
	int i, count = 0;

	for (i = 0; i < c->domain_count; i++) {
		struct guest *g = &c->domains[i];

		if (g->kind == kind && (!undo || g->held || g->touched))
			list[count++] = g;
	}
	return count;
}

int guests_joined(struct collect *c, struct diag_log *diag)
{
	const struct guest_wanted wanted = { .leave = c->leave,
					     .leave_count = c->leave_count };
	const struct guest_kind *const *kind;
	struct guest *list[COLLECT_DOMAINS_MAX];
	int count, rc = 0;

	for (kind = kinds_of(c); *kind && !rc; kind++) {
		if (!(*kind)->joined || !wants_all(c, *kind))
			continue;
		count = list_kind(c, *kind, false, list);
		rc = (*kind)->joined(&wanted, list, count, diag);
	}
	return rc;
}

bool guests_pause(const struct collect *c)
{
	int i;

	for (i = 0; i < c->domain_count; i++)
		if (!c->domains[i].kind->runs_in_collect)
			return true;
	return false;
}

int guests_save(struct collect *c, bool all, struct diag_log *diag)
{
	const struct guest_kind *const *kind;
	struct guest *list[COLLECT_DOMAINS_MAX];
	int count, rc = 0;

	for (kind = kinds_of(c); *kind && !rc; kind++) {
		if (!(*kind)->save || ((*kind)->runs_in_collect && !all))
			continue;
		count = list_kind(c, *kind, false, list);
		if (count)
			rc = (*kind)->save(list, count, diag);
		tell_done(count, 0);
	}
	return rc;
}

int guests_unchanged(struct collect *c, struct diag_log *diag)
{
	int i, rc = 0;

	for (i = 0; i < c->domain_count && !rc; i++) {
		struct guest *g = &c->domains[i];

		rc = g->kind->unchanged ? g->kind->unchanged(g, diag) : 0;
	}
	return rc;
}

void guests_touched(struct collect *c)
{
	int i;

	for (i = 0; i < c->domain_count; i++)
		c->domains[i].touched = true;
}

void guests_resume(struct collect *c)
{
	const struct guest_kind *const *kind;
	struct guest *list[COLLECT_DOMAINS_MAX];
	int count, i;

	for (kind = kinds_of(c); *kind; kind++) {
		count = list_kind(c, *kind, true, list);
		if (count && (*kind)->resume)
			(*kind)->resume(list, count);
		for (i = 0; i < count; i++)
			list[i]->held = list[i]->touched = false;
	}
}

void guests_keep_on(struct collect *c)
{
	int i;

	for (i = 0; i < c->domain_count; i++) {
		struct guest *g = &c->domains[i];

		if (g->kind->keep_on && !g->kept_on)
			g->kind->keep_on(g);
		g->kept_on = true;
	}
}

void guests_close(struct collect *c)
{
	int i;

	for (i = 0; i < c->domain_count; i++) {
		struct guest *g = &c->domains[i];

		if (g->own && g->kind->close)
			g->kind->close(g);
		fixed_free(g->fixed);
		g->fixed = NULL;
	}
}
