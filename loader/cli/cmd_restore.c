// SPDX-License-Identifier: MIT
/*
 * cmd_restore.c - in the new instance: kept guests run on.
 */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "handover.h"
#include "lock.h"
#include "note.h"
#include "restore_xen.h"
#include "sidebyside.h"
#include "util.h"

struct restore {
	const char *name;		/* NULL: all guests of this kind */
	const char *output;
	bool paused, keep;
	struct xen *x;
	struct handover *h;
	uint32_t count;
	struct one {
		struct ho_domain *d;
		struct diag_log diag;
		int rc;
	} *guests;
};

static bool is_wanted(const struct restore *o, const struct ho_domain *d)
{
	return d->kind == HO_KIND_XEN_PV && !(d->flags & HO_DOM_RELEASED) &&
	       (!o->name || !strncmp(d->name, o->name, HO_NAME_BYTES));
}

static void restore_one(void *context, uint32_t i)
{
	const struct restore *o = context;
	struct one *g = &o->guests[i];

	diag_init(&g->diag, HO_STAGE_LOADER);
	if (o->output) {
		g->rc = restore_xen_to_file(o->x, o->h, g->d, o->output,
					    &g->diag);
		return;
	}
	g->rc = restore_xen(o->x, o->h, g->d, o->paused, &g->diag);
	/* it has new frames now; the kept ones are let go */
	if (!g->rc && !o->keep)
		g->d->flags |= HO_DOM_RELEASED;
}

static int choose(struct restore *o, struct diag_log *diag)
{
	struct handover *h = o->h;
	uint32_t i;

	if (!h->chained)
		return diag_add(diag, HO_EBREADCRUMB,
				"the update failed: nothing is restored here");
	o->guests = calloc(h->result.domain_count + 1, sizeof(*o->guests));
	if (!o->guests)
		return diag_add(diag, HO_ENOMEM, "guests");
	for (i = 0; i < h->result.domain_count; i++)
		if (is_wanted(o, &h->domains[i]))
			o->guests[o->count++].d = &h->domains[i];
	if (o->name && !o->count)
		return diag_add(diag, HO_ENODOMAIN, "no kept PV guest %s",
				o->name);
	return 0;
}

/* All at once only if there is room for all: else each is told how much it
 * lacks. */
static bool has_room(const struct restore *o)
{
	struct diag_log scratch;
	uint64_t have, need = 0;
	uint32_t i;

	diag_init(&scratch, HO_STAGE_LOADER);
	for (i = 0; i < o->count; i++)
		need += restore_xen_pages(o->guests[i].d);
	return !xen_free_pages(o->x, &have, &scratch) && have >= need;
}

/* All that can be restored are, whatever becomes of the others. */
static int restore_all(struct restore *o, struct diag_log *diag)
{
	int rc = choose(o, diag);
	uint32_t i;

	if (!rc && o->count)
		rc = xen_open(&o->x, diag);
	if (rc || !o->count)
		return rc;
	if (has_room(o))
		side_by_side(o->count, restore_one, o);
	else
		for (i = 0; i < o->count; i++)
			restore_one(o, i);
	for (i = 0; i < o->count; i++) {
		diag_merge(diag, &o->guests[i].diag);
		rc = rc ? rc : o->guests[i].rc;
	}
	xen_close(o->x);
	return rc;
}

int cmd_restore(int argc, char **argv, struct diag_log *diag)
{
	static const struct option options[] = {
		{ "xen", no_argument, NULL, 'x' },
		{ "paused", no_argument, NULL, 'p' },
		{ "keep", no_argument, NULL, 'k' },
		{ "output", required_argument, NULL, 'o' }, { 0 } };
	struct restore o = { 0 };
	struct note note;
	bool xen = false;
	int option, rc;

	while ((option = getopt_long(argc, argv, "o:", options, NULL)) >= 0)
		switch (option) {
		case 'x': xen = true; break;
		case 'p': o.paused = true; break;
		case 'k': o.keep = true; break;
		case 'o': o.output = optarg; break;
		default: return command_usage(diag, argv[optind - 1]);
		}
	if (!xen || optind + 1 < argc || (o.output && optind == argc))
		return command_usage(diag, "restore --xen [NAME]; -o FILE wants a NAME");
	o.name = argv[optind];
	rc = lock_shared("restore", diag);
	if (rc)
		return rc;
	o.h = handover_new(true, diag);
	if (!o.h)
		return -diag->items[0].code;
	note_settle(NOTE_PATH, &o.h->crumb, &note);
	rc = restore_all(&o, diag);
	free(o.guests);
	handover_free(o.h);
	return rc;
}
