/* SPDX-License-Identifier: MIT */
/*
 * left.h - guests that run on memory which an earlier update kept
 * (/dev/baton/NAME.ID), and are not part of this one: they would lose it.
 */
#ifndef LOADER_LEFT_H
#define LOADER_LEFT_H

#include <sys/types.h>

#include "diag.h"

/* Returns 0 when each such device that is in use is mapped by one of these
 * processes, and by no other, but for private views. HO_EGUESTLEFT, HO_EGUESTMEM,
 * HO_ENOMEM. */
int left_check(const pid_t *pids, size_t count, struct diag_log *diag);

#endif /* LOADER_LEFT_H */
