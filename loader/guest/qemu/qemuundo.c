// SPDX-License-Identifier: MIT
/*
 * qemuundo.c - a guest that was stopped, or is being saved, runs on as before: see
 * qemu.h. Never one that another's migration has brought away meanwhile.
 */
#include <string.h>
#include <time.h>

#include "qemumigrate.h"
#include "util.h"

#define POLL_NS		2000000

static void nap(void)
{
	static const struct timespec t = { .tv_nsec = POLL_NS };

	nanosleep(&t, NULL);
}

/* Ours, until it is no more under way. True: another's is, and is let alone. */
static bool cancel(struct qemu *q, struct diag_log *scratch)
{
	struct qemu_migration m;
	bool ours = false;

	if (qemu_migration_ask(&q->qmp, &m, scratch) || !m.under_way)
		return false;
	if (qemu_migration_is_ours(q, &m, &ours, scratch) || !ours)
		return true;
	qmp_call(&q->qmp, "migrate_cancel", NULL, NULL, 0, scratch);
	while (!qemu_migration_ask(&q->qmp, &m, scratch) && m.under_way)
		nap();
	return false;
}

/* It was stopped by us, or another's migration had it so. */
static int how_it_is_paused(struct qemu *q, enum qemu_stand *how,
			    struct diag_log *diag)
{
	struct qemu_migration m;
	int rc = qemu_migration_ask(&q->qmp, &m, diag);

	/* a migration is through at once in a guest that stands still: between
	 * a look at it and a `cont` it would be */
	*how = !rc && m.under_way ? QEMU_NOT_YET : QEMU_STANDS;
	return rc;
}

static bool is_on_its_way(const char *status)
{
	return !strcmp(status, "finish-migrate") || !strcmp(status, "save-vm");
}

/* Any other state is a reason of the guest's own (an I/O error). */
int qemu_how_it_stands(struct qemu *q, enum qemu_stand *how,
		       struct diag_log *diag)
{
	char status[QMP_STATUS_BYTES];
	bool away = false;
	int rc = qmp_status(&q->qmp, status, diag);

	if (rc)
		return rc;
	*how = is_on_its_way(status) ? QEMU_NOT_YET : QEMU_GOES;
	if (!strcmp(status, "paused")) {
		rc = how_it_is_paused(q, how, diag);
	} else if (!strcmp(status, "postmigrate")) {
		rc = qemu_is_away(q, &away, diag);
		*how = away ? QEMU_AWAY : QEMU_STANDS;
	}
	return rc;
}

int qemu_set_back(struct qemu *q, struct diag_log *diag)
{
	struct diag_log scratch;
	int rc = qemu_set_ignore_shared(&q->qmp, false, diag);

	diag_init(&scratch, HO_STAGE_LOADER);
	if (!rc && q->bandwidth)
		qemu_set_bandwidth(&q->qmp, q->bandwidth, 0, &scratch);
	return rc;
}

/* `cont` is refused for a moment after a cancelled migration. `later`: another's was
 * under way, and what was set for ours could not be set back. */
static int go_on(struct qemu *q, bool later, struct diag_log *diag)
{
	struct diag_log scratch;
	enum qemu_stand how = QEMU_NOT_YET;
	bool told = false;
	int rc = 0;

	while (how == QEMU_NOT_YET || how == QEMU_STANDS) {
		diag_init(&scratch, HO_STAGE_LOADER);
		rc = qemu_how_it_stands(q, &how, &scratch);
		if (rc) {
			diag_merge(diag, &scratch);
			return rc;
		}
		if (told || how == QEMU_NOT_YET)
			nap();
		told = how == QEMU_STANDS;
		if (told && later)
			qemu_set_back(q, &scratch);
		if (told)
			qmp_call(&q->qmp, "cont", NULL, NULL, 0, &scratch);
	}
	if (how == QEMU_AWAY)
		progress("%s: another migration was through before: the guest stays as it is",
			 q->qmp.path);
	return 0;
}

/* *later: see go_on(). */
static int undo_save(struct qemu *q, int seconds, bool *later,
		     struct diag_log *diag)
{
	struct diag_log scratch;

	diag_init(&scratch, HO_STAGE_LOADER);
	qmp_set_deadline(&q->qmp, seconds);
	qmp_resync(&q->qmp, &scratch);
	*later = cancel(q, &scratch);
	return *later ? 0 : qemu_set_back(q, diag);
}

int qemu_undo_save(struct qemu *q, int seconds, struct diag_log *diag)
{
	bool later;

	return undo_save(q, seconds, &later, diag);
}

/* The calls fail when the deadline is over, and that ends each loop. */
int qemu_resume(struct qemu *q, int seconds, struct diag_log *diag)
{
	struct diag_log scratch;
	bool later;
	int rc = 0;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (q->touched && q->qmp.fd >= 0) {
		undo_save(q, seconds, &later, &scratch);
		if (q->was_running)
			rc = go_on(q, later, diag);
		q->touched = rc;
	}
	process_end(q->keeper);
	q->keeper.pid = 0;
	return rc;
}

/* As a save leaves it that was not through. */
static bool is_between(const char *status)
{
	return !strcmp(status, "paused") || !strcmp(status, "postmigrate") ||
	       is_on_its_way(status);
}

int qemu_stands_still(struct qmp *m, bool saving, bool *still,
		      struct diag_log *diag)
{
	char status[QMP_STATUS_BYTES];
	int rc = qmp_status(m, status, diag);

	if (!rc)
		*still = saving ? is_between(status)
				: !strcmp(status, "postmigrate");
	return rc;
}

/* One that runs already must not be told to break off what it does. */
static int let_run(struct qemu *q, bool saving, int seconds,
		   struct diag_log *diag)
{
	struct diag_log scratch;
	bool still;
	int rc = qemu_stands_still(&q->qmp, saving, &still, diag);

	if (rc)
		return rc;
	if (still)
		return qemu_resume(q, seconds, diag);
	diag_init(&scratch, HO_STAGE_LOADER);
	if (saving)
		qemu_set_back(q, &scratch);
	return 0;
}

int qemu_let_run(const struct qemu_left *l, int seconds,
		 struct diag_log *diag)
{
	struct qemu q = { .touched = true, .was_running = l->ran,
			  .bandwidth = l->bandwidth, .mark = l->mark,
			  .keeper_hold = -1 };
	struct diag_log scratch;
	int rc;

	/* an older record of one that was saved has no mark */
	if (!l->saving && !l->mark)
		q.sent = QEMU_SENT;
	diag_init(&scratch, HO_STAGE_LOADER);
	rc = qmp_open_within(&q.qmp, l->monitor, seconds, &scratch);
	if (rc && q.qmp.gone)
		return 0;
	if (rc) {
		diag_merge(diag, &scratch);
		return rc;
	}
	rc = let_run(&q, l->saving, seconds, diag);
	qmp_close(&q.qmp);
	return rc;
}
