// SPDX-License-Identifier: MIT
/*
 * resume.c - see resume.h.
 */
#include "resume.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kinds.h"
#include "loaded.h"
#include "sidebyside.h"

/* The open domain of the blob. */
struct memory {
	struct ledger *ledger;
	struct ho_rec_domain domain;
	struct ho_rec_owner owner;	/* pid 0: none in this instance */
};

/* A domain that was kept already, and is carried on, has nobody here: neither an
 * owner nor, of Xen's, a domain. */
static int take_state(struct memory *m, struct record *rec,
		      struct diag_log *diag)
{
	struct guest_taken t = { .stage = GUEST_SAVED };
	struct ho_rec_state head;
	const struct guest_kind *kind;
	int i, rc = record_state(rec, &head, diag);

	if (rc)
		return rc;
	i = guest_kind_of_state(head.name);
	kind = i < 0 ? NULL : guest_kinds[i];
	if (!kind || !kind->remember || (kind->hold && !m->owner.pid))
		return 0;
	memcpy(t.name, m->domain.name, sizeof(t.name));
	memcpy(t.uuid, m->domain.uuid, sizeof(t.uuid));
	t.keeper = (struct process_id){ m->owner.pid, m->owner.start_time };
	rc = kind->remember(&t, &rec->body, diag);
	return rc || ledger_find(m->ledger, kind, &t) ? rc
		: ledger_put(m->ledger, kind, &t, diag);
}

static int take_record(void *context, struct record *rec,
		       struct diag_log *diag)
{
	struct memory *m = context;

	switch (rec->type) {
	case HO_REC_DOMAIN:
		m->owner = (struct ho_rec_owner){ 0 };
		return record_domain(rec, &m->domain, diag);
	case HO_REC_OWNER:
		return record_owner(rec, &m->owner, diag);
	case HO_REC_STATE:
		return take_state(m, rec, diag);
	}
	return 0;
}

int resume_remember(struct ledger *l, const char *path,
		    struct diag_log *diag)
{
	struct memory m = { .ledger = l };

	return access(path, F_OK) ? 0
		: loaded_walk(path, LOADED_READ, take_record, &m, diag);
}

int resume_check(const struct ledger *l, struct diag_log *diag)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; i < l->count; i++) {
		const struct guest_taken *t = &l->guests[i].taken;

		if (t->stage == GUEST_SAVED && t->runner.pid &&
		    !process_lives(t->runner) && process_lives(t->keeper))
			rc = diag_add(diag, HO_EENDED, "%.31s, process %d",
				      t->name, (int)t->runner.pid);
	}
	return rc;
}

struct crowd {
	int seconds;
	const struct ledger *ledger;
	struct diag_log *diags;		/* one for each guest */
};

static void resume_one(void *context, uint32_t i)
{
	const struct crowd *c = context;
	const struct ledger_guest *g = &c->ledger->guests[i];

	diag_init(&c->diags[i], HO_STAGE_LOADER);
	g->kind->let_run(&g->taken, c->seconds, &c->diags[i]);
}

int resume_guests(struct ledger *l, int seconds, struct diag_log *diag)
{
	struct crowd c = { .seconds = seconds, .ledger = l,
			   .diags = calloc(l->count + 1, sizeof(*c.diags)) };
	uint32_t i;
	int rc = 0;

	if (!c.diags)
		return diag_add(diag, HO_ENOMEM, "guests");
	all_at_once(l->count, resume_one, &c);
	/* from the end: the last takes the place of who is dropped */
	for (i = l->count; i-- > 0;) {
		const struct ho_diag *d = &c.diags[i].items[0];

		if (c.diags[i].total)
			rc = diag_add(diag, d->code, "%.31s: %.60s",
				      l->guests[i].taken.name, d->where);
		else
			ledger_drop(l, &l->guests[i]);
	}
	free(c.diags);
	return rc;
}
