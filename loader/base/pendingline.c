// SPDX-License-Identifier: MIT
/*
 * pendingline.c - see pendingline.h.
 */
#include "pendingline.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static atomic_bool pending;

void pending_line_set(void)
{
	atomic_store(&pending, true);
}

void pending_line_clear(void)
{
	static const char back[] = PENDING_BACK;
	int saved = errno;

	if (atomic_exchange(&pending, false) &&
	    write(STDERR_FILENO, back, strlen(back)) < 0)
		errno = saved;		/* nothing depends on it */
}
