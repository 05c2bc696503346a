/* SPDX-License-Identifier: MIT */
/*
 * note.h - a note on disk that an update was begun, so that a host which comes
 * up by firmware instead can say so. Written before the jump, removed by the
 * new instance that finds the breadcrumb of the same update, or when the jump is
 * called off.
 */
#ifndef LOADER_NOTE_H
#define LOADER_NOTE_H

#include <time.h>

#include "diag.h"

#define NOTE_PATH "/var/lib/baton/update.json"

struct note {
	uint32_t generation;
	char id[40];			/* as human_id() writes it */
	char boot[40];			/* boot_id of the old instance: while
					 * that runs, nothing is lost */
	time_t when;			/* of the jump */
	uint64_t tsc;			/* the same; 0: not known */
};

/* Of the blob that is loaded; on disk when this returns. That it cannot be
 * written is said, and no reason to refuse. */
void note_begin(const char *path, const char *blob_path);
/* No jump came of it: the note goes, if this is the instance that wrote it. */
void note_withdraw(const char *path);
/* False: there is none, or this is still the instance that wrote it. */
bool note_read(const char *path, struct note *out);
/* The update with this breadcrumb is complete: its note goes. True when a note
 * of another update is there still: *out is that one. */
bool note_settle(const char *path, const struct ho_breadcrumb *crumb,
		 struct note *out);
/* "2026-11-25 18:00:12 UTC"; a static buffer. */
const char *note_when(const struct note *n);

#endif /* LOADER_NOTE_H */
