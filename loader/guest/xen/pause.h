/* SPDX-License-Identifier: MIT */
/*
 * pause.h - how long a guest of Xen stood still, and where the time went. The
 * TSC runs on through an update, so all of it is on one scale.
 */
#ifndef LOADER_PAUSE_H
#define LOADER_PAUSE_H

#include "handover.h"
#include "resumed.h"

/* Of the STATE record that holds struct pause_saved. */
#define PAUSE_STATE_NAME	"xen-pause"

struct pause_saved {
	uint64_t suspend_tsc;		/* before it was asked to suspend */
	uint64_t collected_tsc;		/* its records are written */
};

enum pause_part {
	PAUSE_COLLECT, PAUSE_LOAD, PAUSE_STUB, PAUSE_XEN, PAUSE_DOM0,
	PAUSE_RESTORE, PAUSE_PARTS
};

struct pause {
	double s[PAUSE_PARTS], total;	/* seconds */
	bool over;			/* else until now, and no RESTORE */
	enum resumed_how how;		/* over: it runs on */
};

/* The TSC of this CPU, now. */
uint64_t pause_tsc(void);

/* Where the pause of a domain went. False: it is not a guest that was
 * suspended, this is no dom0, or the TSC was set back on the way. */
bool pause_measure(struct pause *p, const struct handover *h,
		   const struct ho_domain *d);
/* In percent. */
double pause_share_of_stub(const struct pause *p);

/* How a guest runs on; RESUMED_COPIED also when it does not, or nobody knows. */
enum resumed_how pause_how(const struct handover *h,
			   const struct ho_domain *d);

/* The guest runs on: say where its pause went, in a line, unless the TSC was
 * set back on the way, and remember the end for `baton status`. */
void pause_note(const struct handover *h, const struct ho_domain *d,
		uint64_t restore_tsc, enum resumed_how how);

#endif /* LOADER_PAUSE_H */
