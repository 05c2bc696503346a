// SPDX-License-Identifier: MIT
/*
 * cmd_adopt.c - kept guests go on, by their kinds. One that runs is released
 * from what is kept: its frames are then whoever's runs it, and the next update
 * collects it from there.
 */
#include "commands.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "journal.h"
#include "kinds.h"
#include "lock.h"
#include "note.h"
#include "pauses.h"
#include "process.h"
#include "resumed.h"
#include "rundir.h"
#include "sidebyside.h"
#include "util.h"

/* The kind that adopts it, NULL: none. */
static const struct guest_kind *kind_of(const struct handover *h,
					const struct ho_domain *d)
{
	int i;

	for (i = 0; guest_kinds[i]; i++)
		if (guest_kinds[i]->is_kept && guest_kinds[i]->is_kept(h, d))
			return guest_kinds[i];
	return NULL;
}

static int adopt_by_kind(struct handover *h, struct ho_domain *d,
			 const struct guest_adopt *how, struct diag_log *diag)
{
	const struct guest_kind *kind = kind_of(h, d);

	if (d->flags & HO_DOM_RELEASED)
		return diag_add(diag, HO_ENODOMAIN,
				"%.60s: adopted or released already", d->name);
	if (kind && how->early && !kind->adopts_early)
		return diag_add(diag, HO_EADOPT,
				"a guest of kind %s needs more of the host",
				kind->name);
	return kind ? kind->adopt(h, d, how, diag)
		    : diag_add(diag, HO_EGUESTCONF,
			       "%.40s: no state of a guest that can be adopted",
			       d->name);
}

/* A second command for the same guest waits for the first, and then finds it
 * adopted. */
static int adopt_alone(struct handover *h, struct ho_domain *d,
		       const struct guest_adopt *how, struct diag_log *diag)
{
	char path[128];
	uint64_t start;
	int fd, rc;

	snprintf(path, sizeof(path), RUN_DIR "/%.63s.adopting", d->name);
	rc = lock_file(path, false, how->seconds, "adopt", &fd, diag);
	if (rc)
		return rc;
	start = resumed_now();
	rc = adopt_by_kind(h, d, how, diag);
	if (!rc)
		resumed_add(h, d, start, resumed_now(),
			    RESUMED_COPIED);
	close(fd);	/* the file stays: who waits has it open */
	return rc;
}

/* Why it did not go on. */
static const char *reason(const struct diag_log *diag)
{
	return diag->kept ? diag->items[diag->kept - 1].where : "";
}

/* For the journal. One that was adopted meanwhile is no news. */
static void record(const struct ho_domain *d, int rc,
		   const struct diag_log *diag)
{
	char name[HO_NAME_BYTES + 1];
	const struct journal_entry e = {
		.id = rc ? JOURNAL_NOT_ADOPTED : JOURNAL_GOES_ON,
		.priority = rc ? LOG_ERR : LOG_NOTICE, .command = "adopt",
		.guest = name, .code = -rc };

	snprintf(name, sizeof(name), "%.*s", HO_NAME_BYTES, d->name);
	if (!rc)
		journal_send(&e, "%s goes on after an update", name);
	else if (rc != -HO_ENODOMAIN)
		journal_send(&e, "%s was not adopted: %s", name, reason(diag));
}

/* Early nothing has failed: baton-adopt.service is still to come. */
static int leave_early(const struct ho_domain *d, const struct diag_log *diag)
{
	printf("%s goes on later: %s\n", d->name, reason(diag));
	fflush(stdout);
	return 0;
}

static int adopt_one(struct handover *h, struct ho_domain *d,
		     const struct guest_adopt *how, struct diag_log *diag)
{
	struct diag_log own;
	int rc;

	diag_init(&own, diag->stage);
	rc = adopt_alone(h, d, how, &own);
	if (rc && how->early && !(d->flags & HO_DOM_RELEASED))
		return leave_early(d, &own);
	diag_merge(diag, &own);
	record(d, rc, diag);
	if (rc)
		return rc;
	printf("%s goes on: %s of memory in place\n", d->name,
	       human_bytes(d->frame_count << HO_PAGE_SHIFT));
	fflush(stdout);
	return 0;
}

/* In a list NAME,NAME; NULL: in none. */
static bool is_among(const char *list, const char *name)
{
	size_t length;

	for (; list && *list; list += length + (list[length] == ',')) {
		length = strcspn(list, ",");
		if (strlen(name) == length && !strncmp(list, name, length))
			return true;
	}
	return false;
}

/* Guests that go on at once. */
struct crowd {
	struct handover *h;
	const struct guest_adopt *how;
	uint32_t count;
	struct member {
		struct ho_domain *d;
		struct diag_log diag;
		int rc;
	} *list;
};

static void adopt_member(void *context, uint32_t i)
{
	struct crowd *c = context;
	struct member *m = &c->list[i];

	diag_init(&m->diag, HO_STAGE_LOADER);
	m->rc = adopt_one(c->h, m->d, c->how, &m->diag);
}

static int adopt_crowd(struct crowd *c, struct diag_log *diag)
{
	uint32_t i;
	int first = 0;

	all_at_once(c->count, adopt_member, c);
	for (i = 0; i < c->count; i++) {
		diag_merge(diag, &c->list[i].diag);
		first = first ? first : c->list[i].rc;
	}
	free(c->list);
	return first;
}

/* One after the other, before all others: NAME,NAME. */
static int adopt_first(struct handover *h, const char *names,
		       const struct guest_adopt *how, struct diag_log *diag)
{
	char *list = strdup(names), *next, *name;
	struct ho_domain *d;
	int first = 0, rc;

	if (!list)
		return diag_add(diag, HO_ENOMEM, "--first");
	for (name = strtok_r(list, ",", &next); name;
	     name = strtok_r(NULL, ",", &next)) {
		d = handover_find(h, name);
		rc = !d ? diag_add(diag, HO_ENODOMAIN, "--first %.60s", name)
			: d->flags & HO_DOM_RELEASED ? 0
			: adopt_one(h, d, how, diag);
		first = first ? first : rc;
	}
	free(list);
	return first;
}

/* What fails does not keep the others from going on. Those that did not go on first
 * have had their turn. */
static int adopt_all(struct handover *h, const struct arguments *a,
		     const struct guest_adopt *how, struct diag_log *diag)
{
	int first = a->first ? adopt_first(h, a->first, how, diag) : 0;
	struct crowd c = { .h = h, .how = how };
	uint32_t i;
	int rc;

	c.list = calloc(h->result.domain_count + 1, sizeof(*c.list));
	if (!c.list)
		return diag_add(diag, HO_ENOMEM, "guests");
	for (i = 0; i < h->result.domain_count; i++) {
		const struct guest_kind *kind = kind_of(h, &h->domains[i]);

		if (!kind || (a->kind && strcmp(kind->name, a->kind)) ||
		    is_among(a->first, h->domains[i].name))
			continue;
		if (kind->adopts_beside) {
			c.list[c.count++].d = &h->domains[i];
			continue;
		}
		rc = adopt_one(h, &h->domains[i], how, diag);
		first = first ? first : rc;
	}
	rc = adopt_crowd(&c, diag);
	return first ? first : rc;
}

/* In memory that was kept for it. */
static bool runs(const char *name)
{
	int i;

	for (i = 0; guest_kinds[i]; i++)
		if (guest_kinds[i]->in_use && guest_kinds[i]->in_use(name))
			return true;
	return false;
}

static bool goes_on(const struct ho_domain *d)
{
	return runs(d->name) || runs(human_id(d->uuid));
}

/* Early in this boot, or by another unit of the host: nothing is to be done. */
static int adopted_already(const struct handover *h, const struct ho_domain *d,
			   struct diag_log *diag)
{
	int i, rc = 0;

	if (!goes_on(d))
		return diag_add(diag, HO_ENODOMAIN,
				"%.60s: adopted or released already", d->name);
	for (i = 0; guest_kinds[i] && !rc; i++)
		if (guest_kinds[i]->check_runs)
			rc = guest_kinds[i]->check_runs(h, d, diag);
	if (!rc)
		printf("%s goes on already\n", d->name);
	return rc;
}

/* Says whether another QEMU for the guest would be a second one. Whatever is kept
 * and not released may come back, here or after the next update. */
static int test(const char *name, struct diag_log *diag)
{
	struct handover *h;
	struct ho_domain *d;
	bool is;
	int rc = handover_new(&h, false, diag);

	if (rc)
		return rc;
	rc = h->unknown ? diag_add(diag, h->unknown,
				   "what the failed update was given") : 0;
	d = handover_find(h, name);
	is = d && (!(d->flags & HO_DOM_RELEASED) || goes_on(d));
	handover_free(h);
	return rc || is ? 0 : diag_add(diag, HO_ENODOMAIN,
				 "%.60s is not kept, and does not run in kept memory",
				 name);
}

/* For the next update's estimate. That it cannot be is said, and is no failure. */
static void keep_pause(const struct handover *h)
{
	struct diag_log own;

	diag_init(&own, HO_STAGE_LOADER);
	if (pauses_keep(PAUSES_PATH, h, &own))
		progress("this pause is not noted: %s", own.items[0].where);
}

static int run(const char *name, const struct arguments *a,
	       struct diag_log *diag)
{
	const struct guest_adopt how = { .seconds = a->seconds,
					 .early = a->early };
	struct handover *h;
	struct ho_domain *d;
	struct note note;
	int rc = lock_shared("adopt", diag);

	if (rc)
		return rc;
	rc = handover_new(&h, true, diag);
	if (rc)
		return rc;
	note_settle(NOTE_PATH, &h->crumb, &note);
	d = name ? handover_find(h, name) : NULL;
	if (!h->chained)
		rc = diag_add(diag, HO_EBREADCRUMB,
			      "the update failed: update again from here, or baton salvage");
	else if (!name)
		rc = process_files(PROCESS_FILES(h->result.domain_count),
				   diag) ?:
		     adopt_all(h, a, &how, diag);
	else if (!d)
		rc = diag_add(diag, HO_ENODOMAIN, "%.60s", name);
	else if (d->flags & HO_DOM_RELEASED)
		rc = adopted_already(h, d, diag);
	else
		rc = adopt_one(h, d, &how, diag);
	if (!a->early)		/* there is no disk yet */
		keep_pause(h);
	handover_free(h);
	return rc;
}

int cmd_adopt(struct arguments *a, struct diag_log *diag)
{
	const char *name = a->operands[0];	/* NULL: all */

	return a->test ? test(name, diag) : run(name, a, diag);
}
