// SPDX-License-Identifier: MIT
/*
 * restore_xen_guests.c - see restore_xen.h: one kept guest or all of them.
 */
#include "restore_xen.h"

#include <stdlib.h>
#include <string.h>

#include "livepatch.h"
#include "resumed.h"
#include "sidebyside.h"

struct restore {
	const struct guest_restore *how;
	struct xen *x;
	struct handover *h;
	bool patched;			/* this Xen, for them */
	uint32_t count;
	struct one {
		struct ho_domain *d;
		struct diag_log diag;
		int rc;
	} *guests;
};

static bool is_wanted(const struct restore *o, const struct ho_domain *d)
{
	return xen_is_guest(d->kind) && !(d->flags & HO_DOM_RELEASED) &&
	       (!o->how->name || !strncmp(d->name, o->how->name, HO_NAME_BYTES));
}

static bool is_patched(const struct restore *o, const struct ho_domain *d)
{
	return o->patched && livepatch_holds(o->h, d);
}

static void restore_one(void *context, uint32_t i)
{
	const struct restore *o = context;
	struct one *g = &o->guests[i];

	diag_init(&g->diag, HO_STAGE_LOADER);
	if (o->how->output) {
		g->rc = restore_xen_to_file(o->x, o->h, g->d, o->how->output,
					    &g->diag);
		return;
	}
	g->rc = restore_xen(o->x, o->h, g->d, o->how, is_patched(o, g->d),
			    &g->diag);
	/* it has new frames now; the kept ones are let go */
	if (!g->rc && !o->how->keep)
		g->d->flags |= HO_DOM_RELEASED;
	if (!g->rc)
		resumed_settle(o->h, g->d);
}

static int choose(struct restore *o, struct diag_log *diag)
{
	struct handover *h = o->h;
	uint32_t i;

	o->guests = calloc(h->result.domain_count + 1, sizeof(*o->guests));
	if (!o->guests)
		return diag_add(diag, HO_ENOMEM, "guests");
	for (i = 0; i < h->result.domain_count; i++)
		if (is_wanted(o, &h->domains[i]))
			o->guests[o->count++].d = &h->domains[i];
	if (o->how->name && !o->count)
		return diag_add(diag, HO_ENODOMAIN, "no kept guest %s of Xen's",
				o->how->name);
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
	/* where it gives some their frames, one that is copied asks alone */
	for (i = 0; i < o->count; i++)
		need += restore_xen_pages(o->guests[i].d, xen_adopts() ||
					  is_patched(o, o->guests[i].d));
	return !xen_free_pages(o->x, &have, &scratch) && have >= need;
}

static bool was_kept(const struct handover *h)
{
	uint32_t i;

	for (i = 0; i < h->result.domain_count; i++)
		if (xen_is_guest(h->domains[i].kind))
			return true;
	return false;
}

/* All go on: a livepatch that an earlier attempt has left for them is not needed. */
static void restore_none(struct restore *o)
{
	struct diag_log scratch;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (!was_kept(o->h) || xen_adopts() || xen_open(&o->x, &scratch))
		return;
	livepatch_end(o->x, o->h);
	xen_close(o->x);
}

/* All that can be restored are, whatever becomes of the others. */
static int restore_all(struct restore *o, struct diag_log *diag)
{
	uint32_t i;
	int rc = 0;

	if (!o->how->output && !xen_adopts())
		rc = livepatch_begin(o->x, o->h, &o->patched, diag);
	if (rc)
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
	if (o->patched)
		livepatch_end(o->x, o->h);
	return rc;
}

static int restore_chosen(struct restore *o, struct diag_log *diag)
{
	int rc = choose(o, diag);

	if (!rc && !o->count)
		restore_none(o);
	if (rc || !o->count)
		return rc;
	rc = xen_open(&o->x, diag);
	if (!rc)
		rc = restore_all(o, diag);
	xen_close(o->x);
	return rc;
}

int restore_xen_guests(const struct guest_restore *how, struct handover *h,
		       struct diag_log *diag)
{
	struct restore o = { .how = how, .h = h };
	int rc = restore_chosen(&o, diag);

	free(o.guests);
	return rc;
}
