/* SPDX-License-Identifier: MIT */
/*
 * timeline.h - where the pause of a guest went, from the last instruction of the
 * old instance to the first of the new one, and what had to be done in it. The
 * TSC runs on through an update, so all of it is on one scale. PV guests of Xen
 * have their own (pause.h).
 */
#ifndef LOADER_TIMELINE_H
#define LOADER_TIMELINE_H

#include "handover.h"

/* Of the STATE record that an upgrade writes into each domain. */
#define TIMELINE_STATE	"baton-pause"

struct timeline_saved {
	uint64_t paused_tsc;		/* before the first guest is paused */
	uint64_t saved_tsc;		/* all of them are saved */
	uint64_t collected_tsc;		/* its own records are written */
	uint64_t pagemap_entries;	/* read since the pause began */
	uint64_t file_bytes;		/* of target and fallback */
	uint64_t placed_bytes;		/* of these, in place before the pause */
};

enum timeline_part {
	TIMELINE_SAVE, TIMELINE_COLLECT, TIMELINE_LOAD, TIMELINE_DOWN,
	TIMELINE_ENTRY, TIMELINE_VERIFY, TIMELINE_PASS, TIMELINE_PLUG,
	TIMELINE_CHAIN, TIMELINE_KERNEL, TIMELINE_BOOT, TIMELINE_ADOPT,
	TIMELINE_PARTS
};

struct timeline {
	struct timeline_saved saved;
	double s[TIMELINE_PARTS], total; /* seconds */
	bool jump_known;		/* else DOWN is in LOAD */
	bool over;			/* else until now, and no ADOPT */
	uint64_t loaded_bytes;		/* by kexec, in the pause */
};

/* False: nobody wrote it, or the TSC was set back on the way. */
bool timeline_read(struct timeline *t, const struct handover *h,
		   const struct ho_domain *d);
/* Is a part over, and known by itself? */
bool timeline_has(const struct timeline *t, enum timeline_part part);
/* "save". */
const char *timeline_name(enum timeline_part part);
/* What is done in it, in a phrase. */
const char *timeline_what(enum timeline_part part);
/* What it grows with. */
const char *timeline_cause(enum timeline_part part);

#endif /* LOADER_TIMELINE_H */
