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
	int fd;				/* closing it wakes the guard */
	pid_t pid;
};

#define GUARD_NONE	{ .fd = -1 }

/* Guests must be open by now: it inherits their monitors. Notes who is stopped
 * already. HO_EIO. */
int guard_start(struct guard *g, struct collect *c, struct diag_log *diag);
/* From now on there may be an image of ours. */
void guard_loading(const struct guard *g);
/* The host is about to go down, this process with it, and the image is what it
 * goes down for: from now on our end is no failure, if the host does. */
void guard_going_down(const struct guard *g);
/* `well`: what is loaded and stopped may stay so. */
void guard_stop(struct guard *g, bool well);

/* Those that were stopped before stay stopped. */
void guard_let_run(struct collect *c);

#endif /* LOADER_GUARD_H */
