/* SPDX-License-Identifier: MIT */
/*
 * adoptguard.h - who ends a QEMU that was started for a kept guest, when the `baton`
 * that started it is gone before the guest is its QEMU's. Otherwise it would keep the
 * guest's monitor and memory, and the guest could not be adopted again.
 */
#ifndef LOADER_ADOPTGUARD_H
#define LOADER_ADOPTGUARD_H

#include "diag.h"
#include "process.h"

struct adopt_guard {
	pid_t pid;			/* 0: none */
	int fd;				/* its end is this process's end */
};

/* Before a QEMU starts. HO_EIO. */
int adopt_guard_start(struct adopt_guard *g, struct diag_log *diag);
/* Another process to be ended; none (pid 0) is nothing. */
void adopt_guard_add(const struct adopt_guard *g, struct process_id qemu);
/* From now on no QEMU is ended, whoever dies. */
void adopt_guard_over(struct adopt_guard *g);
/* What was added is ended now. */
void adopt_guard_stop(struct adopt_guard *g);

#endif /* LOADER_ADOPTGUARD_H */
