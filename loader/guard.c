// SPDX-License-Identifier: MIT
/*
 * guard.c - see guard.h.
 */
#include "guard.h"

#include <glob.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guests.h"
#include "load.h"
#include "util.h"

void guard_let_run(struct collect *c)
{
	int i;

	for (i = 0; i < c->domain_count; i++)
		if (!c->domains[i].monitor && !c->domains[i].was_stopped)
			kill(c->domains[i].pid, SIGCONT);
	collect_resume(c);
	guests_resume(c);
}

/* What the guard is told; the end of the pipe without GUARD_WELL means that
 * this process is gone. */
#define GUARD_LOADING	'l'	/* from now on there may be an image of ours */
#define GUARD_WELL	'w'	/* leave everything as it is */

/* What it was writing, under whatever temporary name: states of guests may be
 * in it. */
static void remove_files(void)
{
	glob_t found;
	size_t i;

	if (glob(RUN_DIR "/upgrade.*", 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++)
		unlink(found.gl_pathv[i]);
}

/* Runs in the child. */
static void guard_main(struct collect *c, int fd)
{
	struct diag_log scratch;
	bool loading = false;
	char byte = 0;
	ssize_t got;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	guests_touched(c);
	while ((got = read(fd, &byte, 1)) == 1 && byte != GUARD_WELL)
		loading |= byte == GUARD_LOADING;
	if (got == 1)
		_exit(0);
	diag_init(&scratch, HO_STAGE_LOADER);
	if (loading)
		load_undo(&scratch);
	guard_let_run(c);
	remove_files();
	_exit(0);
}

int guard_start(struct guard *g, struct collect *c, struct diag_log *diag)
{
	int fds[2], i;

	for (i = 0; i < c->domain_count; i++)
		if (!c->domains[i].monitor)
			c->domains[i].was_stopped =
				process_is_stopped(c->domains[i].pid);
	if (pipe(fds))
		return io_error(diag, "pipe");
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

void guard_loading(const struct guard *g)
{
	tell(g, GUARD_LOADING);
}

void guard_stop(struct guard *g, bool well)
{
	if (g->fd < 0)
		return;
	if (well)
		tell(g, GUARD_WELL);
	close(g->fd);
	g->fd = -1;
	waitpid(g->pid, NULL, 0);
}
