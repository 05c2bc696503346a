// SPDX-License-Identifier: MIT
/*
 * guard.c - see guard.h.
 */
#include "guard.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "guests.h"
#include "ledger.h"
#include "load.h"
#include "note.h"
#include "rundir.h"
#include "staged.h"
#include "stale.h"
#include "util.h"

/* What the guard is told; the end of the pipe without the last one means that this
 * process is gone. */
#define GUARD_SAVING	's'	/* from now on guests may be paused */
#define GUARD_LOADING	'l'	/* from now on there may be an image of ours */
#define GUARD_DOWN	'd'	/* from now on the host may be going down */
#define GUARD_WELL	'w'	/* leave everything as it is */

#define DOWN_TRIES	50
#define DOWN_WAIT_US	100000

/* The image, while another program is in the kernel's call: kdump reads and verifies
 * a whole kernel there. Each try waits for 3 s, and so do the guests. */
#define UNLOAD_TRIES	20

/* True when the host goes down, as it was asked to, and when systemd does
 * not say: guests that stay paused can be helped (baton unload), guests
 * whose image is gone when the host jumps cannot. */
static bool goes_down(void)
{
	const char *const command[] = { "systemctl", "show", "--value",
					"--property=SystemState", NULL };
	char state[32];
	int i;

	for (i = 0; i < DOWN_TRIES; i++) {
		if (!child_line(command, state, sizeof(state)) ||
		    !strcmp(state, "stopping"))
			return true;
		usleep(DOWN_WAIT_US);
	}
	return false;
}

/* Until something is to be done; false: everything stays as it is. Who was not
 * paused by us may have been by somebody else since, and is let alone. */
static bool wait_for_end(int fd, bool *loading, struct collect *c)
{
	bool down = false;
	char byte;

	while (read(fd, &byte, 1) == 1)
		switch (byte) {
		case GUARD_SAVING: guests_touched(c); break;
		case GUARD_LOADING: *loading = true; break;
		case GUARD_DOWN: down = true; break;
		case GUARD_WELL: return false;
		}
	return !down || !goes_down();
}

/* Its copy is there as long as the image may be. */
static bool may_be_loaded(void)
{
	return !access(LOADED_BLOB, F_OK);
}

/* What else the kernel says (its limit, kexec_load_disabled) it says for good. */
static int unload(struct diag_log *diag)
{
	int tries = 0, rc;

	do {
		diag_init(diag, HO_STAGE_LOADER);
		rc = load_undo(diag);
		if (rc != -HO_EIO || !may_be_loaded())
			break;
		if (!tries)
			progress("%s: guests wait for it, for a minute at most",
				 diag->items[0].where);
	} while (++tries < UNLOAD_TRIES);
	return rc;
}

void guard_undo(struct guard *g, struct collect *c)
{
	bool loading = g->loading, stays;
	struct diag_log diag;
	int rc;

	diag_init(&diag, HO_STAGE_LOADER);
	rc = loading ? unload(&diag) : 0;
	/* to let guests stand still for ever would be to lose them: the ledger keeps it */
	stays = rc && may_be_loaded();
	g->loading = false;
	staged_undo();
	guests_resume(c);
	ledger_settle(c, stays);
	if (stays)
		stale_say("upgrade", rc, &diag);
	if (loading)			/* nobody waits for that disk */
		note_withdraw(NOTE_PATH);
}

/* Runs in the child. */
static void guard_main(struct collect *c, int fd)
{
	struct guard own = GUARD_NONE;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	process_spare();
	if (!wait_for_end(fd, &own.loading, c))
		_exit(0);
	guard_undo(&own, c);
	load_forget_files();
	_exit(0);
}

int guard_start(struct guard *g, struct collect *c, struct diag_log *diag)
{
	int fds[2];

	/* no program that is started holds it open */
	if (pipe2(fds, O_CLOEXEC))
		return io_error(diag, "pipe");
	signal(SIGPIPE, SIG_IGN);	/* a guard that was killed ends nobody */
	/* to be stopped by a terminal would be to let guests stand still */
	signal(SIGTSTP, SIG_IGN);
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	g->pid = fork();
	if (g->pid < 0)
		return io_error(diag, "fork");
	if (!g->pid) {
		close(fds[1]);
		setsid();	/* a signal to our group does not end it */
		guard_main(c, fds[0]);
	}
	close(fds[0]);
	g->fd = fds[1];
	return 0;
}

static void tell(const struct guard *g, char what)
{
	if (write(g->fd, &what, 1) != 1)
		perror("baton: guard");
}

void guard_saving(const struct guard *g)
{
	if (g->fd >= 0)
		tell(g, GUARD_SAVING);
}

void guard_loading(struct guard *g)
{
	g->loading = true;
	tell(g, GUARD_LOADING);
}

void guard_going_down(const struct guard *g)
{
	tell(g, GUARD_DOWN);
}

void guard_stop(struct guard *g)
{
	if (g->fd < 0)
		return;
	tell(g, GUARD_WELL);
	close(g->fd);
	g->fd = -1;
	waitpid(g->pid, NULL, 0);
}
