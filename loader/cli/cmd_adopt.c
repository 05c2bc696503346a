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
#include "rundir.h"
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

static int adopt_by_kind(struct handover *h, struct ho_domain *d, int seconds,
			 struct diag_log *diag)
{
	const struct guest_kind *kind = kind_of(h, d);

	if (d->flags & HO_DOM_RELEASED)
		return diag_add(diag, HO_ENODOMAIN,
				"%.60s: adopted or released already", d->name);
	return kind ? kind->adopt(h, d, seconds, diag)
		    : diag_add(diag, HO_EGUESTCONF,
			       "%.40s: no state of a guest that can be adopted",
			       d->name);
}

/* A second command for the same guest waits for the first, and then finds it
 * adopted. */
static int adopt_alone(struct handover *h, struct ho_domain *d, int seconds,
		       struct diag_log *diag)
{
	char path[128];
	int fd, rc;

	snprintf(path, sizeof(path), RUN_DIR "/%.63s.adopting", d->name);
	rc = lock_file(path, false, seconds, "adopt", &fd, diag);
	if (rc)
		return rc;
	rc = adopt_by_kind(h, d, seconds, diag);
	close(fd);	/* the file stays: who waits has it open */
	return rc;
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
		journal_send(&e, "%s was not adopted: %s", name, diag->kept
			     ? diag->items[diag->kept - 1].where : "");
}

static int adopt_one(struct handover *h, struct ho_domain *d, int seconds,
		     struct diag_log *diag)
{
	int rc = adopt_alone(h, d, seconds, diag);

	record(d, rc, diag);
	if (rc)
		return rc;
	printf("%s goes on: %s of memory in place\n", d->name,
	       human_bytes(d->frame_count << HO_PAGE_SHIFT));
	fflush(stdout);
	return 0;
}

/* What fails does not keep the others from going on. `only`: a kind's name, or
 * NULL. */
static int adopt_all(struct handover *h, const char *only, int seconds,
		     struct diag_log *diag)
{
	const struct guest_kind *kind;
	uint32_t i;
	int first = 0, rc;

	for (i = 0; i < h->result.domain_count; i++) {
		kind = kind_of(h, &h->domains[i]);
		if (!kind || (only && strcmp(kind->name, only)))
			continue;
		rc = adopt_one(h, &h->domains[i], seconds, diag);
		first = first ? first : rc;
	}
	return first;
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

/* Says whether another QEMU for the guest would be a second one. */
static int test(const char *name, struct diag_log *diag)
{
	struct handover *h;
	struct ho_domain *d;
	bool is;
	int rc = handover_new(&h, false, diag);

	if (rc)
		return rc;
	d = handover_find(h, name);
	is = d && (kind_of(h, d) || runs(d->name) ||
		   runs(human_id(d->uuid)));
	handover_free(h);
	return is ? 0 : diag_add(diag, HO_ENODOMAIN,
				 "%.60s is not kept, and does not run in kept memory",
				 name);
}

static int run(const char *name, const char *only, int seconds,
	       struct diag_log *diag)
{
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
		rc = adopt_all(h, only, seconds, diag);
	else if (!d || d->flags & HO_DOM_RELEASED)
		rc = diag_add(diag, HO_ENODOMAIN, "%.60s%s", name,
			      d ? ": adopted or released already" : "");
	else
		rc = adopt_one(h, d, seconds, diag);
	handover_free(h);
	return rc;
}

int cmd_adopt(struct arguments *a, struct diag_log *diag)
{
	const char *name = a->operands[0];	/* NULL: all */

	return a->test ? test(name, diag) : run(name, a->kind, a->seconds, diag);
}
