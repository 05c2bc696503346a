/* SPDX-License-Identifier: MIT */
/*
 * adoptguard.h - who looks after a QEMU that was started for a kept guest, when the
 * `baton` that started it is gone. Before the guest is its QEMU's that QEMU ends:
 * otherwise it would keep the guest's monitor and memory, and the guest could not be
 * adopted again. After that the guest is told to run.
 */
#ifndef LOADER_ADOPTGUARD_H
#define LOADER_ADOPTGUARD_H

#include "diag.h"
#include "handover.h"
#include "process.h"

struct adopt_guard {
	pid_t pid;			/* 0: none */
	int fd;				/* its end is this process's end */
};

/* Before a QEMU starts. `monitor` is that of a guest that has to run, NULL: it is to
 * stay paused. HO_EIO. */
int adopt_guard_start(struct adopt_guard *g, const struct ho_domain *d,
		      const char *monitor, struct diag_log *diag);
/* Another process to be ended; none (pid 0) is nothing. */
void adopt_guard_add(const struct adopt_guard *g, struct process_id qemu);
/* The guest is loaded: it is its QEMU's as soon as `d` is HO_DOM_RELEASED. */
void adopt_guard_loaded(const struct adopt_guard *g);
/* It runs: from now on nothing is done, whoever dies. */
void adopt_guard_over(struct adopt_guard *g);
/* What was added is ended now; or the guest is told to run, if it is loaded and its
 * QEMU's. */
void adopt_guard_stop(struct adopt_guard *g);

#endif /* LOADER_ADOPTGUARD_H */
