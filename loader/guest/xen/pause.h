/* SPDX-License-Identifier: MIT */
/*
 * pause.h - how long a guest of Xen stood still, and where the time went. The
 * TSC runs on through an update, so all of it is on one scale.
 */
#ifndef LOADER_PAUSE_H
#define LOADER_PAUSE_H

#include <json-c/json.h>

#include "handover.h"

/* Of the STATE record that holds struct pause_saved. */
#define PAUSE_STATE_NAME	"xen-pause"

struct pause_saved {
	uint64_t suspend_tsc;		/* before it was asked to suspend */
	uint64_t collected_tsc;		/* its records are written */
};

uint64_t pause_tsc(void);

/* The guest runs on: say where its pause went, in a line, and remember the end
 * for `baton status`. Nothing when the TSC was set back on the way. */
void pause_note(const struct handover *h, const struct ho_domain *d,
		uint64_t restore_tsc);

/* A table of the guests that were suspended; nothing if there are none. */
void pause_print(const struct handover *h);
/* Adds "pause_ms" of the domain, if it is such a guest. */
void pause_json(const struct handover *h, const struct ho_domain *d,
		struct json_object *o);

#endif /* LOADER_PAUSE_H */
