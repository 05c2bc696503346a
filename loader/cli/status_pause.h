/* SPDX-License-Identifier: MIT */
/*
 * status_pause.h - baton status: how long each guest of Xen stood still.
 */
#ifndef LOADER_STATUS_PAUSE_H
#define LOADER_STATUS_PAUSE_H

#include <json-c/json.h>
#include <stdio.h>

#include "handover.h"

/* How a guest goes on that has the frames it had; NULL: it has others. */
const char *status_in_place(const struct handover *h,
			    const struct ho_domain *d);
/* A table of the guests that were suspended; nothing if there are none. */
void status_pause_print(const struct handover *h);
/* Where the pause of a domain went, in a line without its name; nothing if it is
 * no such guest. */
void status_pause_line(FILE *to, const struct handover *h,
		       const struct ho_domain *d);
/* Adds "in_place", "livepatch" and "pause_ms" of the domain, if it is such a guest. */
void status_pause_json(const struct handover *h, const struct ho_domain *d,
		       struct json_object *o);

#endif /* LOADER_STATUS_PAUSE_H */
