/* SPDX-License-Identifier: MIT */
/*
 * sequence.h - from live guests to a stream and, for upgrade, to the jump: the
 * one order in which they are looked at, held, paused, written and, when anything
 * fails, let run again. A guard watches (guard.h).
 */
#ifndef LOADER_SEQUENCE_H
#define LOADER_SEQUENCE_H

#include "collect.h"
#include "guard.h"

struct sequence {
	struct collect *collect;
	const char *stream;		/* the file */
	bool pause_all;			/* else a kind may go on running */
	bool begin_anew;		/* kept domains that cannot be known any
					 * more do not refuse it */
	/*
	 * What the command does besides; each may be NULL. may: nobody was looked
	 * at. ready: all are held, and about to be paused. paused: they are. saved:
	 * the stream is there, too; what it returns is the end of the sequence.
	 */
	int (*may)(struct sequence *s, struct diag_log *diag);
	int (*ready)(struct sequence *s, struct diag_log *diag);
	void (*paused)(struct sequence *s);
	int (*saved)(struct sequence *s, struct diag_log *diag);
	struct handover *parent;	/* that started this instance, or NULL */
	struct guard guard;
	bool begun;			/* nothing refused it at first sight */
};

/*
 * Nobody is touched: all that can be refused is. What is wrong with the call comes
 * first. Each step has all its reasons; with `all` each step is taken, whatever is
 * wrong with one before. The same codes as below.
 */
int sequence_look(struct sequence *s, bool all, struct diag_log *diag);
/* What goes on from the last update; NULL: nothing. */
const struct handover *sequence_carries(const struct sequence *s);

/*
 * All of it. On success what was paused stays so, and is held when this process
 * ends; on failure an image of ours is unloaded, then all run on. Codes of
 * handover_parent(), collect_check(), guests_...(), collect_...(), guard_start()
 * and of the command.
 */
int sequence_run(struct sequence *s, struct diag_log *diag);

#endif /* LOADER_SEQUENCE_H */
