// SPDX-License-Identifier: MIT
/*
 * ledger_take.c - the guests of a command that runs, in the ledger: see
 * ledger.h.
 */
#include "ledger.h"

#include <string.h>

#include "util.h"

/* There is something to undo for it. */
static bool counts(const struct guest *g, bool pause_all,
		   enum guest_stage stage)
{
	return g->kind->describe && g->own &&
	       (pause_all || !g->kind->runs_in_collect) &&
	       (stage == GUEST_HELD || g->held);
}

static void describe(const struct guest *g, enum guest_stage stage,
		     struct guest_taken *out)
{
	*out = (struct guest_taken){ .stage = stage };
	snprintf(out->name, sizeof(out->name), "%s", g->name);
	g->kind->describe(g, out);
}

static int take_one(struct ledger *l, const struct guest *g,
		    enum guest_stage stage, struct diag_log *diag)
{
	struct guest_taken t;

	describe(g, stage, &t);
	if (stage == GUEST_HELD && ledger_find(l, g->kind, &t))
		return diag_add(diag, HO_EWAITING, "%.60s", g->name);
	return ledger_put(l, g->kind, &t, diag);
}

int ledger_take(struct collect *c, bool pause_all,
		enum ledger_stage stage, enum guest_stage guest,
		struct diag_log *diag)
{
	struct ledger l;
	int i, rc;

	if (!c->command)
		return 0;
	rc = ledger_read(&l, diag);
	if (rc)
		return rc;
	l.stage = stage;
	ledger_sign(&l, c->command);
	for (i = 0; i < c->domain_count && !rc; i++)
		if (counts(&c->domains[i], pause_all, guest))
			rc = take_one(&l, &c->domains[i], guest, diag);
	if (!rc)
		rc = ledger_write(&l, diag);
	c->noted |= !rc;
	ledger_free(&l);
	return rc;
}

static void settle(struct ledger *l, const struct collect *c, bool image)
{
	struct ledger_guest *known;
	struct guest_taken t;
	int i;

	l->stage = image ? LEDGER_UNDOING : LEDGER_REST;
	ledger_forget_loaded(l);
	for (i = 0; i < c->domain_count; i++) {
		const struct guest *g = &c->domains[i];

		if (!g->own || !g->kind->describe)
			continue;
		describe(g, GUEST_HELD, &t);
		known = ledger_find(l, g->kind, &t);
		if (known && g->stuck)
			l->stage = LEDGER_UNDOING;
		else if (known)
			ledger_drop(l, known);
	}
}

void ledger_settle(const struct collect *c, bool image)
{
	struct diag_log diag;
	struct ledger l;
	int rc;

	if (!c->noted)
		return;
	diag_init(&diag, HO_STAGE_LOADER);
	rc = ledger_read(&l, &diag);
	if (!rc) {
		settle(&l, c, image);
		rc = ledger_write(&l, &diag);
	}
	ledger_free(&l);
	if (rc)
		progress("the record of what is going on is not as it should be: %s",
			 diag.total ? diag.items[0].where : error_text(-rc));
}
