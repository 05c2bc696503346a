/* SPDX-License-Identifier: MIT */
/*
 * pause.h - how long a guest of Xen stood still, and where the time went. The
 * TSC runs on through an update, so all of it is on one scale.
 */
#ifndef LOADER_PAUSE_H
#define LOADER_PAUSE_H

#include "handover.h"

/* Of the STATE record that holds struct pause_saved. */
#define PAUSE_STATE_NAME	"xen-pause"

struct pause_saved {
	uint64_t suspend_tsc;		/* before it was asked to suspend */
	uint64_t collected_tsc;		/* its records are written */
};

uint64_t pause_tsc(void);

/* One line: collect, load, stub, boot, restore, and the stub's share. Nothing
 * when the TSC was set back on the way. */
void pause_report(const struct handover *h, const char *name,
		  const struct pause_saved *saved, uint64_t restore_tsc);

#endif /* LOADER_PAUSE_H */
