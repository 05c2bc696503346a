// SPDX-License-Identifier: MIT
/*
 * rundir.c - see rundir.h.
 */
#include "rundir.h"

#include <errno.h>
#include <sys/stat.h>

#include "util.h"

int rundir_make(struct diag_log *diag)
{
	if (mkdir(RUN_DIR, 0700) && errno != EEXIST)
		return io_error(diag, RUN_DIR);
	return 0;
}
