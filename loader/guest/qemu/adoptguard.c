// SPDX-License-Identifier: MIT
/*
 * adoptguard.c - see adoptguard.h.
 */
#include "adoptguard.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "child.h"
#include "qmp.h"
#include "util.h"

#define QEMUS_MAX	4		/* with -daemonize there are two */
#define STOP_SECONDS	5

/* What it is told: a process, or this. */
static const struct process_id loaded;

struct watched {
	struct process_id list[QEMUS_MAX];
	int count;
	bool loaded;
};

/* Until the other end is gone. */
static void listen_to(int fd, struct watched *w)
{
	struct process_id one;

	while (read(fd, &one, sizeof(one)) == sizeof(one))
		if (!one.pid)
			w->loaded = true;
		else if (w->count < QEMUS_MAX)
			w->list[w->count++] = one;
}

static void let_run(const char *monitor)
{
	struct diag_log scratch;
	struct qmp q;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (!qmp_open(&q, monitor, &scratch))
		qmp_call(&q, "cont", NULL, NULL, HO_EADOPT, &scratch);
	qmp_close(&q);
}

/* Runs in the child. It has no other file: the pipes of other guards would never be
 * at their end. */
static void watch(int fd, const struct ho_domain *d, const char *monitor)
{
	struct watched w = { .count = 0 };

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (fd > 0)
		close_range(0, fd - 1, 0);
	close_range(fd + 1, ~0u, 0);
	listen_to(fd, &w);
	if (w.loaded && d->flags & HO_DOM_RELEASED) {
		if (monitor)
			let_run(monitor);
		_exit(0);
	}
	while (w.count)
		process_signal(w.list[--w.count], SIGKILL);
	_exit(0);
}

int adopt_guard_start(struct adopt_guard *g, const struct ho_domain *d,
		      const char *monitor, struct diag_log *diag)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return io_error(diag, "pipe");
	signal(SIGPIPE, SIG_IGN);	/* a guard that was killed ends nobody */
	g->pid = fork();
	if (!g->pid) {
		setsid();		/* a signal to our group does not end it */
		watch(fds[0], d, monitor);
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

void adopt_guard_loaded(const struct adopt_guard *g)
{
	if (g->pid && write(g->fd, &loaded, sizeof(loaded)) != sizeof(loaded))
		progress("nobody lets the guest run if baton is ended now");
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
