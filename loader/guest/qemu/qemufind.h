/* SPDX-License-Identifier: MIT */
/*
 * qemufind.h - the QEMU guests of this host, found by their processes. For those
 * that nobody names: each QEMU that runs is one, whether it can go or not.
 */
#ifndef LOADER_QEMUFIND_H
#define LOADER_QEMUFIND_H

#include <stdbool.h>
#include <sys/types.h>

#include "guest.h"

struct qemu_found {
	pid_t pid;
	char *name;			/* of -name; else of its socket's file,
					 * up to its last dot; else qemu-PID */
	char *socket;			/* QMP, a file; NULL: it offers none */
	bool by_libvirt;		/* libvirt has its monitor, and no file */
};

/* True when a process with these arguments (and, of a script, not what starts
 * it) is a QEMU that emulates a system. */
bool qemu_is_one(char *const *args);
/* Name and socket by a QEMU's arguments; false: out of memory. */
bool qemu_found_by(struct qemu_found *f, pid_t pid, char *const *args);
/* Free both texts. */
void qemu_found_free(struct qemu_found *f);

/* What is done with each: it takes a text by making it NULL. */
typedef int (*qemu_found_fn)(void *context, struct qemu_found *f,
			     struct diag_log *diag);
/* All processes, in an order that stays while they do. The first error of fn's ends
 * it and is returned. HO_ENOMEM, HO_EIO. */
int qemu_find_each(qemu_found_fn fn, void *context, struct diag_log *diag);

/* True when a guest of libvirt's system daemon runs, whether the daemon does or
 * not. */
bool qemu_libvirt_runs(void);

/* find() of a kind whose guests these are: all of them but those of libvirt's system
 * daemon, for by name nobody is found here. HO_EGUESTSOCKET of one without a socket,
 * HO_ELIBVIRTSESSION of one of another libvirt; codes of `add` and of the above. */
int qemu_find(const struct guest_kind *kind, const struct guest_wanted *wanted,
	      guest_new_fn add, void *context, struct diag_log *diag);
/* joined() of such a kind, or of libvirt's: HO_EPLAN when one runs that is in no
 * guest of the list, and is not left; codes of qemu_find_each(). */
int qemu_joined(bool libvirts, const struct guest_wanted *wanted,
		struct guest *const *list, int count, struct diag_log *diag);

#endif /* LOADER_QEMUFIND_H */
