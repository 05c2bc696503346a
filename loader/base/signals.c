// SPDX-License-Identifier: MIT
/*
 * signals.c - see signals.h.
 */
#include "signals.h"

#include <stddef.h>

void signals_hold(sigset_t *held, sigset_t *before)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigaddset(&ends, SIGQUIT);
	sigprocmask(SIG_BLOCK, &ends, before);
	if (held)
		*held = ends;
}

void signals_let(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}

int signals_thread(pthread_t *thread, void *(*run)(void *), void *context)
{
	sigset_t before;
	int rc;

	signals_hold(NULL, &before);
	rc = pthread_create(thread, NULL, run, context);
	signals_let(&before);
	return rc;
}
