/* SPDX-License-Identifier: MIT */
/*
 * guard.h - a process that watches the one that collects or upgrades: if that
 * ends for any reason, it unloads the image and lets the paused processes and
 * guests run on.
 */
#ifndef LOADER_GUARD_H
#define LOADER_GUARD_H

#include "collect.h"

struct guard {
	int fd;				/* closing it wakes the guard; -1: none */
	pid_t pid;
	bool loading;
};

#define GUARD_NONE	{ .fd = -1 }

/* Guests must be looked at by now: it inherits what that opened. HO_EIO. */
int guard_start(struct guard *g, struct collect *c, struct diag_log *diag);
/* From now on guests may be paused: before that it only ends what holds their
 * memory. Where there is no guard, nobody is. */
void guard_saving(const struct guard *g);
/* From now on there may be an image of ours. */
void guard_loading(struct guard *g);
/* The host is about to go down, this process with it, and the image is what it
 * goes down for: from now on our end is no failure, if the host does. */
void guard_going_down(const struct guard *g);
/* What it would do, by ourselves: the image goes, then guests run on. Where it does
 * not go within a minute they run on all the same: that is said, and the ledger stays
 * at LEDGER_UNDOING. */
void guard_undo(struct guard *g, struct collect *c);
/* From here on there is nothing to undo. */
void guard_stop(struct guard *g);

#endif /* LOADER_GUARD_H */
