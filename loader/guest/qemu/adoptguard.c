// SPDX-License-Identifier: MIT
/*
 * adoptguard.c - see adoptguard.h.
 */
#include "adoptguard.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "child.h"
#include "util.h"

#define QEMUS_MAX	4		/* with -daemonize there are two */
#define STOP_SECONDS	5

/* Runs in the child. It has no other file: the pipes of other guards would never be
 * at their end. */
static void watch(int fd)
{
	struct process_id list[QEMUS_MAX];
	int count = 0;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (fd > 0)
		close_range(0, fd - 1, 0);
	close_range(fd + 1, ~0u, 0);
	while (count < QEMUS_MAX &&
	       read(fd, &list[count], sizeof(*list)) == sizeof(*list))
		count++;
	while (count)
		process_signal(list[--count], SIGKILL);
	_exit(0);
}

int adopt_guard_start(struct adopt_guard *g, struct diag_log *diag)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return io_error(diag, "pipe");
	signal(SIGPIPE, SIG_IGN);	/* a guard that was killed ends nobody */
	g->pid = fork();
	if (!g->pid) {
		setsid();		/* a signal to our group does not end it */
		watch(fds[0]);
	}
	close(fds[0]);
	g->fd = fds[1];
	if (g->pid > 0)
		return 0;
	g->pid = 0;
	close(g->fd);
	return io_error(diag, "fork");
}

void adopt_guard_add(const struct adopt_guard *g, struct process_id qemu)
{
	if (g->pid && qemu.pid &&
	    write(g->fd, &qemu, sizeof(qemu)) != sizeof(qemu))
		progress("nobody ends process %d if baton is ended now",
			 (int)qemu.pid);
}

void adopt_guard_over(struct adopt_guard *g)
{
	if (!g->pid)
		return;
	child_end(g->pid, NULL);
	close(g->fd);
	g->pid = 0;
}

void adopt_guard_stop(struct adopt_guard *g)
{
	if (!g->pid)
		return;
	close(g->fd);
	child_take(g->pid, STOP_SECONDS, NULL);
	g->pid = 0;
}
