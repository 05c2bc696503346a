// SPDX-License-Identifier: MIT
/*
 * filesync.c - see filesync.h.
 */
#include "filesync.h"

#include <stddef.h>
#include <unistd.h>

#include "child.h"
#include "util.h"

int filesync(int seconds, struct diag_log *diag)
{
	pid_t child;

	if (seconds == FILESYNC_PATIENT) {
		sync();
		return 0;
	}
	/* no signal ends one that hangs, but its process can be left */
	child = child_fork();
	if (child < 0)
		return io_error(diag, "fork");
	if (!child) {
		sync();
		_exit(0);
	}
	return child_take(child, seconds, NULL) ? 0
		: diag_add(diag, HO_ESYNC, "sync: not done after %d s", seconds);
}
