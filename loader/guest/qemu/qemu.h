/* SPDX-License-Identifier: MIT */
/*
 * qemu.h - a running QEMU guest in the old instance: what it is made of, its
 * memory held by a keeper process, its device state saved, and let go on when
 * anything fails. Nothing here changes the guest's memory.
 */
#ifndef LOADER_QEMU_H
#define LOADER_QEMU_H

#include "guestconf.h"
#include "keeper.h"
#include "process.h"
#include "qmp.h"

/* One backend's mapping in the QEMU process. */
struct qemu_mapping {
	uint64_t hva;			/* in the QEMU process */
	uint64_t map_start, map_end;	/* the line of /proc/PID/maps */
	uint64_t map_offset;		/* of the file, at map_start */
	char device[16];		/* the file's, "00:1f" */
	uint64_t inode;
};

/* Our `migrate`, which is the save. */
enum qemu_sent {
	QEMU_SENT_UNKNOWN,		/* by another process, or not answered */
	QEMU_NOT_SENT,			/* or refused */
	QEMU_SENT
};

struct qemu {
	struct qmp qmp;
	struct guest_conf conf;
	struct qemu_mapping mappings[GUEST_BACKENDS_MAX];
	bool was_running;
	uint64_t bandwidth;		/* max-bandwidth, as it was; 0: unknown */
	bool touched;			/* stopped or saving: to be resumed */
	enum qemu_sent sent;
	uint64_t mark;			/* of the migration that saved it;
					 * 0: not known (qemumigrate.h) */
	pid_t *threads;			/* its virtual CPUs, then; or NULL */
	uint32_t thread_count;
	struct process_id keeper;	/* pid 0: none */
	struct keeper_fixed fixed;
	int keeper_hold;		/* closed by all: it ends; -1: none */
	bool mended;			/* conf.args were changed (qemumend.h) */
	struct rehearsal *rehearsal;	/* it goes on until the save; NULL: none */
	int conf_fd, state_fd;		/* memfds, -1: none */
	char conf_path[32], state_path[32];
};

/*
 * Connect and look: backends, machine, command line. Refuses what could not
 * be carried over. With `mend` conf.args have what was changed by the monitor,
 * where that can be read: the caller has to try them (rehearse.h). HO_EQMP, HO_EGUESTRAM, HO_EGUESTDEV, HO_EGUESTBUSY,
 * HO_EGUESTARGS, HO_EGUESTMEMFD, HO_EGUESTPROC, HO_EPROCESS, HO_EPERM.
 */
int qemu_open(struct qemu *q, const char *socket, bool mend,
	      struct diag_log *diag);

/* The same of a guest whose manager holds its monitor, which is q->qmp already
 * (qmp_open_by()), and starts it again by itself: neither command line nor devices
 * are compared. The same codes. */
int qemu_open_managed(struct qemu *q, struct diag_log *diag);

/* Start the process that maps all of the guest's memory and holds it, also
 * when QEMU has ended. HO_EGUESTROOM, HO_EPERM, HO_EIO. */
int qemu_keep(struct qemu *q, const char *name, struct diag_log *diag);

/* Others may have changed it since it was opened. Returns 0 when it runs, or stands,
 * as it did then, and does not migrate; else an undo leaves it as it is now. To be
 * asked right before it is stopped. HO_EGUESTBUSY, HO_EGUESTDEV, HO_EQMP,
 * HO_ELIBVIRT. */
int qemu_check_running(struct qemu *q, struct diag_log *diag);
/* Returns 0 when its memory is what the keeper holds. HO_EGUESTDIFF, HO_EGUESTRAM,
 * HO_ENOMAP, HO_EPROCESS, HO_EPERM, HO_EQMP, HO_ELIBVIRT. */
int qemu_check_memory(struct qemu *q, struct diag_log *diag);
/* The same, and when it is made of what its command line says. The same codes, and
 * HO_EGUESTBUSY. */
int qemu_check_made(struct qemu *q, struct diag_log *diag);

/* Stop the guest and begin to save; then wait until it is done, or HO_EGUESTSAVE
 * after so many seconds. Two steps, so that guests save side by side. */
int qemu_save_begin(struct qemu *q, struct diag_log *diag);
/* The parts of qemu_save_begin() around its `stop`, for a manager that stops it:
 * what it needs, while it runs. HO_EGUESTSAVE, HO_EQMP, HO_EIO. */
int qemu_save_prepare(struct qemu *q, struct diag_log *diag);
/* Then to save. HO_EGUESTBUSY: another migration came first. HO_EGUESTSAVE,
 * HO_EGUESTDEV, HO_EQMP. */
int qemu_save_migrate(struct qemu *q, struct diag_log *diag);
/* Returns 0, or -HO_EGUESTSAVE: not done after `seconds`, or QEMU failed. */
int qemu_save_wait(struct qemu *q, int seconds, struct diag_log *diag);

/* Returns 0 when it is stopped as it was when it was saved, by the migration of this
 * mark; 0: any. HO_EGUESTBUSY, HO_EQMP. */
int qemu_still_saved(struct qmp *m, uint64_t mark, struct diag_log *diag);
/* The same by its socket; one where nobody listens any more is, *pid is 0.
 * HO_EGUESTBUSY, HO_EQMP. */
int qemu_look_again(const char *socket, uint64_t mark, pid_t *pid,
		    struct diag_log *diag);

/* A guest that another process took. Where that saved it, only one that is still
 * as it was saved is told to go on. */
struct qemu_left {
	const char *monitor;
	bool saving;			/* it may not have been through */
	bool ran;
	uint64_t bandwidth;		/* max-bandwidth, as it was; 0: unknown */
	uint64_t mark;			/* of its migration; 0: unknown */
};

/* It runs on, if it did; one that has ended is no error. HO_EQMP: not within so
 * many seconds. */
int qemu_let_run(const struct qemu_left *l, int seconds,
		 struct diag_log *diag);

/* Let it run on if it ran before, within so many seconds; the keeper ends in any
 * case. Safe at any time, also from a process that was forked off. HO_EQMP. */
int qemu_resume(struct qemu *q, int seconds, struct diag_log *diag);

/* QEMU's part of that, for a manager that lets it run: ours is not under way any
 * more, and where no other is, what was set for ours is as before. HO_EGUESTSAVE,
 * HO_EQMP: the capability may be set still. */
int qemu_undo_save(struct qemu *q, int seconds, struct diag_log *diag);
/* What was set for the save alone, in a guest that runs. The same codes. */
int qemu_set_back(struct qemu *q, struct diag_log *diag);
/* What is to be done to let it run on. */
enum qemu_stand {
	QEMU_GOES,			/* nothing: it does not stand for us */
	QEMU_STANDS,			/* `cont` */
	QEMU_NOT_YET,			/* the same, once what is under way is over */
	QEMU_AWAY			/* nothing, ever: it has migrated */
};

/* HO_EQMP, HO_ELIBVIRT. */
int qemu_how_it_stands(struct qemu *q, enum qemu_stand *how,
		       struct diag_log *diag);
/* *still: it stands as a save leaves it, one that was not through (`saving`), or
 * that was. HO_EQMP. */
int qemu_stands_still(struct qmp *m, bool saving, bool *still,
		      struct diag_log *diag);

/* The keeper lives on without us. Of a guest that was saved it sees whether that is
 * let run. */
void qemu_keep_on(struct qemu *q);
/* Forget it; the guest stays as it is. */
void qemu_close(struct qemu *q);

#endif /* LOADER_QEMU_H */
