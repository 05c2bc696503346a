/* SPDX-License-Identifier: MIT */
/*
 * fileload.h - what is known of an image that kexec_file_load(2) holds, in
 * LOADED_DOOR: the door it is, and where its segments go. There while it is
 * loaded, and before: whoever is killed, the next command goes the same way.
 */
#ifndef LOADER_FILELOAD_H
#define LOADER_FILELOAD_H

#include <limits.h>

#include "placelog.h"

struct fileload {
	char door[PATH_MAX];
	uint64_t image;			/* the kernel's pointer to it; 0: hidden */
	int count;			/* 0: it is being loaded */
	struct range at[PLACES_MAX];	/* pa */
};

/* False: there is none, or it is not root's own. */
bool fileload_read(struct fileload *f);
/* HO_EFILE. */
int fileload_write(const struct fileload *f, struct diag_log *diag);
/* Nothing of that kind is loaded any more. */
void fileload_forget(void);

#endif /* LOADER_FILELOAD_H */
