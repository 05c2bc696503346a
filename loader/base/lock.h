/* SPDX-License-Identifier: MIT */
/*
 * lock.h - one command at a time changes what this host is about to do.
 *
 * collect, load, upgrade, exec, unload, arm, disarm and convert are alone. adopt,
 * restore and release work beside each other, for other guests each, and
 * beside none of the former. A lock ends with the last process that has it: with
 * the guard of an upgrade that was killed, when that has undone it.
 */
#ifndef LOADER_LOCK_H
#define LOADER_LOCK_H

#include "diag.h"

#define LOCK_ALONE_SECONDS	2	/* to wait for it: a guard is soon done */
#define LOCK_SHARED_SECONDS	30

/*
 * Take it for a command, called so in the refusal of others; it is held until
 * this process ends. What killed commands left half written in /run/baton goes.
 * HO_ELOCKED: which command has it and since when; HO_EPERM,
 * HO_EIO.
 */
int lock_alone(const char *command, struct diag_log *diag);
/* The same, beside others that share it, after at most LOCK_SHARED_SECONDS.
 * The same codes. */
int lock_shared(const char *command, struct diag_log *diag);

/* Is nobody alone with it? Takes none and makes no file: for who only looks.
 * HO_ELOCKED. */
int lock_free(struct diag_log *diag);

/* The same for any file, 0: fail at once. *fd is to be closed. HO_ELOCKED,
 * HO_EPERM, HO_EIO. */
int lock_file(const char *path, bool shared, int seconds, const char *command,
	      int *fd, struct diag_log *diag);

#endif /* LOADER_LOCK_H */
