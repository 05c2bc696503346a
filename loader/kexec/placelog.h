/* SPDX-License-Identifier: MIT */
/*
 * placelog.h - where kexec_file_load(2) put the segments of an image. The call
 * does not say; the kernel's log does: with the flag KEXEC_FILE_DEBUG from Linux
 * 6.8 on ("segment[0]: ..."), before that with dynamic debug of kexec_file.c
 * ("Loading segment 0: ..."). Both are of kernel/kexec_file.c.
 */
#ifndef LOADER_PLACELOG_H
#define LOADER_PLACELOG_H

#include "diag.h"

#define PLACES_MAX	16		/* KEXEC_SEGMENT_MAX */

struct placelog {
	int fd;				/* of /dev/kmsg, at its end as it was */
	const char *control;		/* of dynamic debug, switched on; NULL:
					 * it is not */
	int count;
	struct range at[PLACES_MAX];	/* pa, with the memory behind the bytes */
	uint64_t bytes[PLACES_MAX];	/* of it that are loaded */
	int said;			/* how many there are; 0: not said */
	bool again;			/* another load came between */
};

/* Right before the call; `dynamic`: this kernel has no flag for it. Returns 0,
 * or -HO_ESEGMENTS: no /dev/kmsg, or no dynamic debug. */
int placelog_begin(struct placelog *p, bool dynamic, struct diag_log *diag);
/*
 * Right behind it: reads the places, and closes. HO_ESEGMENTS: the log does not
 * have all, has those of two loads, or was lost; or no segment has `bytes`
 * bytes, which is the size of the one that the caller knows.
 */
int placelog_end(struct placelog *p, uint64_t bytes, struct diag_log *diag);
/* Without reading. */
void placelog_close(struct placelog *p);

/* Takes what a line of /dev/kmsg has; of another one, or of one that a program
 * wrote, nothing. */
void placelog_line(struct placelog *p, const char *line);

#endif /* LOADER_PLACELOG_H */
