/* SPDX-License-Identifier: MIT */
/*
 * fileload.h - what is known of an image that kexec_file_load(2) holds, in
 * LOADED_DOOR, or ARMED_DOOR for a panic: the door it is, and where its segments go.
 * There while it is loaded, and before: whoever is killed, the next command goes
 * the same way.
 */
#ifndef LOADER_FILELOAD_H
#define LOADER_FILELOAD_H

#include <limits.h>

#include "placelog.h"

struct fileload {
	char door[PATH_MAX];
	uint64_t image;			/* the kernel's pointer to it; 0: hidden */
	bool crash_image;		/* an update in the slot of a panic */
	int count;			/* 0: it is being loaded */
	struct range at[PLACES_MAX];	/* pa */
};

/* Of what is `armed`, or of an update. False: there is none, or it is not root's
 * own. */
bool fileload_read(bool armed, struct fileload *f);
/* HO_EFILE. */
int fileload_write(bool armed, const struct fileload *f, struct diag_log *diag);
/* Nothing of that kind is loaded any more. */
void fileload_forget(bool armed);

#endif /* LOADER_FILELOAD_H */
