/* SPDX-License-Identifier: MIT */
/*
 * pauses.h - how long guests stood still in the last updates of this machine, part
 * by part, of each the guest that stood still longest. They are on its disk, where
 * an update leaves them, and are what the next one's estimate is made of.
 */
#ifndef LOADER_PAUSES_H
#define LOADER_PAUSES_H

#include "timeline.h"

#define PAUSES_PATH	"/var/lib/baton/pauses.json"
#define PAUSES_MAX	8

struct pause {
	uint32_t generation;
	char id[40];			/* of the update, as human_id() writes it */
	bool jump_known;		/* else DOWN is in LOAD */
	double s[TIMELINE_PARTS];	/* seconds */
};

struct pauses {
	int count;			/* the newest is last */
	struct pause list[PAUSES_MAX];
};

/* What is no pause is left out; no file, no pauses. */
void pauses_read(struct pauses *p, const char *path);
/* That of the update that started this instance, once for each update; false: none
 * of its guests has gone on, or it was not measured. */
bool pauses_add(struct pauses *p, const struct handover *h);
/* Read the file, add this update's, write it: nothing where there is none. HO_EFILE,
 * HO_ENOMEM. */
int pauses_keep(const char *path, const struct handover *h, struct diag_log *diag);

#endif /* LOADER_PAUSES_H */
