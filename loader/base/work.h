/* SPDX-License-Identifier: MIT */
/*
 * work.h - work that grows with the size of guests, files or machine, counted
 * where it is done. What is counted while guests stand still is the same on
 * every machine, which seconds are not: tests hold it, `baton status --pause`
 * shows it.
 */
#ifndef LOADER_WORK_H
#define LOADER_WORK_H

#include <stdint.h>

enum work {
	WORK_HASHED,			/* bytes of files */
	WORK_LOADED,			/* bytes given to the kernel's kexec */
	WORK_PAGEMAP,			/* entries read of /proc/PID/pagemap */
	WORK_KINDS
};

/* So much more was done. */
void work_add(enum work kind, uint64_t amount);
/* From here on it counts anew: guests are about to be paused. */
void work_begin(void);
/* Since then, of this process. */
uint64_t work_done(enum work kind);

#endif /* LOADER_WORK_H */
