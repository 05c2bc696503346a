/* SPDX-License-Identifier: MIT */
/*
 * virsh.h - libvirt's system daemon, asked by virsh: a process for each question,
 * with a deadline. So a daemon that hangs, ends or is started anew meanwhile costs
 * a question, and nothing of it is in this process; one that was forked off asks as
 * well.
 */
#ifndef LOADER_VIRSH_H
#define LOADER_VIRSH_H

#include "diag.h"

#define VIRSH_SECONDS	60		/* libvirt itself waits 30 for a job */
#define VIRSH_WORDS_MAX	8

/*
 * Ask so many words, with `fd` (or -1) as its CHILD_FD: what it says, to be freed.
 * NULL: HO_ELIBVIRT with its last line. Does nothing else; so no word may begin with
 * a dash but options.
 */
char *virsh_ask(const char *const words[], int fd, int seconds,
		struct diag_log *diag);
/* The same where what it says is of no use. 0 or -HO_ELIBVIRT. */
int virsh_do(const char *const words[], int seconds, struct diag_log *diag);

/* virsh and daemon are there, and pass descriptors on (8.2). HO_ELIBVIRT. */
int virsh_check(struct diag_log *diag);
/* The domain's UUID as text, by name, number or UUID. HO_ELIBVIRTDOMAIN: there is
 * none, or it does not run; HO_ELIBVIRT. */
int virsh_uuid(const char *name, char uuid[40], struct diag_log *diag);
/* Does it run, or is paused? HO_ELIBVIRT. */
int virsh_is_active(const char *uuid, int seconds, bool *active,
		    struct diag_log *diag);

/* Does libvirt have a configuration of it, too, also when it does not run?
 * HO_ELIBVIRT. */
int virsh_is_persistent(const char *uuid, bool *persistent,
			struct diag_log *diag);

/* For qmp_open_by(); `own` is the domain's UUID as text. HO_ELIBVIRT. */
int virsh_monitor(void *own, const char *command, int fd, int seconds,
		  char **answer, struct diag_log *diag);

#endif /* LOADER_VIRSH_H */
