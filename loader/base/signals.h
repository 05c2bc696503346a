/* SPDX-License-Identifier: MIT */
/*
 * signals.h - steps that no signal may break off: what ends a process waits until
 * what they change is as it should be again.
 */
#ifndef LOADER_SIGNALS_H
#define LOADER_SIGNALS_H

#include <pthread.h>
#include <signal.h>

/* INT, TERM, HUP and QUIT wait: *held (unless NULL) is which, *before the mask for
 * signals_let(). Children inherit that. */
void signals_hold(sigset_t *held, sigset_t *before);
/* They are as before; one that came meanwhile is taken now. */
void signals_let(const sigset_t *before);
/* pthread_create(3) of one that takes none of them: else the process would, whatever
 * this thread holds. */
int signals_thread(pthread_t *thread, void *(*run)(void *), void *context);

#endif /* LOADER_SIGNALS_H */
