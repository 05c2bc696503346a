/* SPDX-License-Identifier: MIT */
/*
 * rehearse.h - a rehearsal: the QEMU of the new host is started with the command
 * line that it would adopt a guest with, beside the running one, and compared
 * with it. It has a network of its own, file systems that it cannot write to, a
 * monitor that nobody else can reach, and a view of the guest's memory that
 * changes nothing there. It never runs the guest, and takes no lock of its disks:
 * QEMU takes none before a guest that comes in runs.
 */
#ifndef LOADER_REHEARSE_H
#define LOADER_REHEARSE_H

#include "guest.h"
#include "guestopts.h"
#include "qemu.h"

/* The character device of its monitor: by this a QEMU is known for a rehearsal. */
#define REHEARSAL_MONITOR "baton-rehearsal"

#define REHEARSE_SECONDS	60	/* for the start and the questions */

struct rehearsal {
	bool begun;			/* false: nothing to end */
	pid_t pid;			/* 0: none */
	int pidfd, log_fd;
	int memory[GUEST_BACKENDS_MAX];	/* files of the backends, or -1 */
	bool has_other_memory;		/* than the guest: it can load no state */
	struct qmp qmp;
};

/* Why such a guest cannot be rehearsed (it has a part that a second QEMU would
 * take from the first); NULL: it can. A static text. */
const char *rehearse_cannot(struct qemu *q);

/*
 * Start it, and compare. Returns 0 with *r running when nothing differs. All of
 * it within REHEARSE_SECONDS. HO_EREHEARSE: it does not start, or cannot be shut
 * in; HO_EREHEARSEDIFF: what differs; HO_EGUESTQEMU, HO_EQMP, HO_ENOMEM.
 */
int rehearse_start(struct rehearsal *r, struct qemu *q, const char *program,
		   struct diag_log *diag);
/* Give it the device state of this file. HO_EREHEARSESTATE when it is not
 * taken within so many seconds. */
int rehearse_load(struct rehearsal *r, const struct qemu *q, int state_fd,
		  int seconds, struct diag_log *diag);
/* End it. One that was not started is fine. */
void rehearse_end(struct rehearsal *r);

/* Parts of rehearse_start().
 * The arguments: monitor and memory by their descriptors. For strings_free().
 * HO_ENOMEM. */
char **rehearse_args(const struct qemu *q, int monitor, const int *memory,
		     struct diag_log *diag);
/* TEXT, and the id of this option's value; to be freed. NULL: out of memory. */
char *rehearse_with_id(const char *text, const char *value);
/* The value of -netdev, -nic or -net: a tap, or a kind that has no features. A
 * tap without a name gets one with this number. To be freed; NULL as above. */
char *rehearse_network(const struct guest_option *o, int number);
/* True when it may have a network of its own alone: only then are such
 * interfaces made, for this user. `args` as from rehearse_args(). */
bool rehearse_taps(char *const *args, uid_t uid);

/* Compare what two QEMUs say of themselves; `q` is the guest's. HO_EREHEARSEDIFF,
 * HO_EQMP, HO_ENOMEM. */
int rehearse_compare(struct qemu *q, struct qmp *other,
		     struct diag_log *diag);

#endif /* LOADER_REHEARSE_H */
