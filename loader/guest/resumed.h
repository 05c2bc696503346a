/* SPDX-License-Identifier: MIT */
/*
 * resumed.h - guests of this boot that run on, and when: RESUMED_FILE; and when
 * the old instance jumped: JUMPED_FILE. Times are of the TSC.
 */
#ifndef LOADER_RESUMED_H
#define LOADER_RESUMED_H

#include "handover.h"

/* The TSC of this CPU, now. */
uint64_t resumed_now(void);
/* When this kernel started to count. */
uint64_t resumed_boot(uint64_t tsc_khz);

/* Which frames it runs on in. Numbers of the file. */
enum resumed_how {
	RESUMED_COPIED,			/* or it is not told: no guest of Xen's */
	RESUMED_IN_PLACE,		/* those it had */
	RESUMED_PATCHED,		/* the same, by a livepatch of Xen */
};

/* From here on it may run, and nobody knows when this process dies. HO_EIO, HO_EFILE. */
int resumed_begin(const struct handover *h, const struct ho_domain *d,
		  struct diag_log *diag);
/* What became of it is known. */
void resumed_settle(const struct handover *h, const struct ho_domain *d);
/* It was begun in this boot, and not settled. */
bool resumed_is_open(const struct handover *h, const struct ho_domain *d);

/* A guest runs on: it was begun at `start`, and has come to its end now. */
void resumed_add(const struct handover *h, const struct ho_domain *d,
		 uint64_t start, uint64_t end, enum resumed_how how);
/* The last such; false: not known. */
bool resumed_find(const struct handover *h, const struct ho_domain *d,
		  uint64_t *start, uint64_t *end, enum resumed_how *how);

/* What note_settle() found in the old instance's note of this update. */
void resumed_set_jump(uint32_t generation, uint64_t tsc);
/* False: not known. */
bool resumed_jump(const struct handover *h, uint64_t *tsc);

#endif /* LOADER_RESUMED_H */
