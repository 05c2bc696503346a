// SPDX-License-Identifier: MIT
/*
 * sequence.c - see sequence.h.
 */
#include "sequence.h"

#include "guests.h"
#include "ledger.h"
#include "util.h"

static int call(struct sequence *s,
		int (*fn)(struct sequence *, struct diag_log *),
		struct diag_log *diag)
{
	return fn ? fn(s, diag) : 0;
}

static int may(struct sequence *s, struct diag_log *diag)
{
	return call(s, s->may, diag);
}

static int open_parent(struct sequence *s, struct diag_log *diag)
{
	return handover_parent(&s->parent, diag);
}

static int check(struct sequence *s, struct diag_log *diag)
{
	return collect_check(s->collect, s->parent, diag);
}

/* The names of those that are found by the call are looked at, too. */
static int find(struct sequence *s, struct diag_log *diag)
{
	int count = s->collect->domain_count;
	int rc = guests_find(s->collect, diag);

	if (!rc)
		rc = process_files(PROCESS_FILES(s->collect->domain_count),
				   diag);
	return rc || s->collect->domain_count == count ? rc
		: check(s, diag);
}

static int examine(struct sequence *s, struct diag_log *diag)
{
	return guests_examine(s->collect, diag);
}

int sequence_look(struct sequence *s, bool all, struct diag_log *diag)
{
	static int (*const steps[])(struct sequence *, struct diag_log *) = {
		may, open_parent, check, find, examine
	};
	int rc = 0, one;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(steps) && (all || !rc); i++) {
		one = steps[i](s, diag);
		rc = rc ? rc : one;
	}
	return rc;
}

const struct handover *sequence_carries(const struct sequence *s)
{
	const struct handover *h = s->parent;

	return h && s->begin_anew && !h->known ? NULL : h;
}

/* Until all are about to be paused. */
static int hold(struct sequence *s, struct diag_log *diag)
{
	int rc = ledger_take(s->collect, s->pause_all, LEDGER_HOLDING,
			     GUEST_HELD, diag);

	if (!rc)
		rc = guests_hold(s->collect, diag);

	if (!rc && (s->pause_all || guests_pause(s->collect)))
		rc = guard_start(&s->guard, s->collect, diag);
	if (!rc)
		rc = collect_begin(s->collect, sequence_carries(s), s->stream,
				   diag);
	return rc ? rc : call(s, s->ready, diag);
}

static int save(struct sequence *s, struct diag_log *diag)
{
	int rc = ledger_take(s->collect, s->pause_all, LEDGER_SAVING,
			     GUEST_SAVING, diag);

	output_may_be_lost(true);
	if (!rc)
		guard_saving(&s->guard);
	if (!rc)
		rc = guests_save(s->collect, s->pause_all, diag);

	if (!rc && s->paused)
		s->paused(s);
	if (!rc)
		rc = collect_end(s->collect, diag);
	if (!rc)
		rc = ledger_take(s->collect, s->pause_all, LEDGER_SAVING,
				 GUEST_SAVED, diag);
	return rc ? rc : call(s, s->saved, diag);
}

int sequence_run(struct sequence *s, struct diag_log *diag)
{
	int rc = sequence_look(s, false, diag);

	s->begun = !rc;
	if (!rc)
		rc = hold(s, diag);
	if (!rc)
		rc = save(s, diag);
	if (rc) {
		guard_undo(&s->guard, s->collect);
		collect_abandon(s->collect);
	} else {
		guests_keep_on(s->collect);
	}
	output_may_be_lost(false);
	guard_stop(&s->guard);
	guests_close(s->collect);
	handover_free(s->parent);
	s->parent = NULL;
	return rc;
}
