/* SPDX-License-Identifier: MIT */
/*
 * trial.h - an update as it would be now, of guests that run: stream, blob, and
 * all that load looks at, but for the load. What it refuses is refused before a
 * guest is paused.
 */
#ifndef LOADER_TRIAL_H
#define LOADER_TRIAL_H

#include "collect.h"
#include "load.h"
#include "pack.h"

struct trial {
	const struct collect *collect;	/* examined */
	const struct handover *parent;	/* sequence_carries() */
	struct pack *pack;		/* its stream is put in */
	struct packing *packing;	/* of pack_begin(); NULL: the guests
					 * alone */
	const char *stream, *blob;	/* files that are written and removed */
	/* what it found: seconds */
	double collect_seconds, pack_seconds, check_seconds;
	uint64_t frames;
	struct load_figures *figures;	/* NULL: nobody asks */
	struct staged *stage;		/* files go in place; NULL: nowhere */
	const struct handover *started_by; /* what started this instance, or
					 * NULL; for `stage`, and estimates */
};

/* Guests stay as they are. Every reason is recorded. Codes of collect_preview(),
 * pack_write() and load_run(). */
int trial_run(struct trial *t, struct diag_log *diag);

/* Seconds of a clock that only goes on. */
double trial_now(void);

#endif /* LOADER_TRIAL_H */
