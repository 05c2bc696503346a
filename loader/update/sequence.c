// SPDX-License-Identifier: MIT
/*
 * sequence.c - see sequence.h.
 */
#include "sequence.h"

#include "guests.h"

static int call(struct sequence *s,
		int (*fn)(struct sequence *, struct diag_log *),
		struct diag_log *diag)
{
	return fn ? fn(s, diag) : 0;
}

/* Nobody is touched: all that can be refused is. What is wrong with the call comes
 * first; the names of those that are found by it are looked at, too. */
static int look(struct sequence *s, struct diag_log *diag)
{
	int count = s->collect->domain_count, rc = call(s, s->may, diag);

	if (!rc)
		rc = handover_parent(&s->parent, diag);
	if (!rc)
		rc = collect_check(s->collect, s->parent, diag);
	if (!rc)
		rc = guests_find(s->collect, diag);
	if (!rc && s->collect->domain_count > count)
		rc = collect_check(s->collect, s->parent, diag);
	return rc ? rc : guests_examine(s->collect, diag);
}

/* Until all are about to be paused. */
static int hold(struct sequence *s, struct diag_log *diag)
{
	const struct handover *h = s->parent;
	int rc = guests_hold(s->collect, diag);

	if (h && s->begin_anew && !h->known)
		h = NULL;
	if (!rc && (s->pause_all || guests_pause(s->collect)))
		rc = guard_start(&s->guard, s->collect, diag);
	if (!rc)
		rc = collect_begin(s->collect, h, s->stream, diag);
	return rc ? rc : call(s, s->ready, diag);
}

static int save(struct sequence *s, struct diag_log *diag)
{
	int rc = guests_save(s->collect, s->pause_all, diag);

	if (!rc && s->paused)
		s->paused(s);
	if (!rc)
		rc = collect_end(s->collect, diag);
	return rc ? rc : call(s, s->saved, diag);
}

int sequence_run(struct sequence *s, struct diag_log *diag)
{
	int rc = look(s, diag);

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
	guard_stop(&s->guard);
	guests_close(s->collect);
	handover_free(s->parent);
	s->parent = NULL;
	return rc;
}
