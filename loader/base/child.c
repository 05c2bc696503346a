// SPDX-License-Identifier: MIT
/*
 * child.c - see child.h.
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"

extern char **environ;

/* All that it says, shown if it fails: xl says much. */
static void show_said(const struct child *c)
{
	char text[4096];
	ssize_t got;
	off_t at = 0;

	while ((got = pread(c->said, text, sizeof(text), at)) > 0) {
		if (!output_is_taken(STDERR_FILENO) ||
		    write(STDERR_FILENO, text, got) != got)
			return;
		at += got;
	}
}

/*
 * `out` -1: what it writes is said. In a group of its own: an xl that a signal
 * from the terminal ends beside us would leave its guest suspended; one whose
 * reader is gone lets it run on.
 */
static bool start(struct child *c, const char *const argv[], int out, int fd,
		  bool unblock)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t group;
	sigset_t none;
	int rc;

	c->name = argv[0];
	c->pid = -1;
	c->said = memfd_create("output", MFD_CLOEXEC);
	if (c->said < 0)
		return false;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, out < 0 ? c->said : out,
					 STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, c->said, STDERR_FILENO);
	if (fd >= 0)
		posix_spawn_file_actions_adddup2(&files, fd, CHILD_FD);
	posix_spawnattr_init(&group);
	posix_spawnattr_setflags(&group, POSIX_SPAWN_SETPGROUP |
					 (unblock ? POSIX_SPAWN_SETSIGMASK : 0));
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&group, &none);
	rc = posix_spawnp(&c->pid, argv[0], &files, &group, (char **)argv,
			  environ);
	posix_spawnattr_destroy(&group);
	posix_spawn_file_actions_destroy(&files);
	if (rc) {
		close(c->said);
		c->pid = -1;
		errno = rc;
	}
	return !rc;
}

bool child_start(struct child *c, const char *const argv[], int fd)
{
	return start(c, argv, -1, fd, false);
}

bool child_start_into(struct child *c, const char *const argv[], int out,
		      int fd)
{
	return start(c, argv, out, fd, false);
}

static bool is_good(const struct child *c, int status)
{
	if (status)
		show_said(c);
	close(c->said);
	return !status;
}

bool child_wait(struct child *c, int seconds)
{
	int status = -1;

	if (c->pid < 0)
		return false;
	if (!child_take(c->pid, seconds, &status))
		progress("%s, process %d, is not done after %d s, and is left",
			 c->name, (int)c->pid, seconds);
	return is_good(c, status);
}

/* However long it takes. */
static bool wait_for(struct child *c)
{
	int status = -1;

	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	return is_good(c, status);
}

bool child_run(const char *const argv[])
{
	struct child c;

	return child_start(&c, argv, -1) && wait_for(&c);
}

/* Until it has ended; it still has to be taken. */
static void end_by_signals(pid_t pid, const sigset_t *set)
{
	siginfo_t ended;

	do {
		int sig = sigwaitinfo(set, NULL);

		if (sig > 0 && sig != SIGCHLD) {
			progress("%s", strsignal(sig));
			kill(-pid, SIGTERM);	/* shells outlive SIGINT */
		}
		ended.si_pid = 0;
	} while (!waitid(P_PID, pid, &ended, WEXITED | WNOHANG | WNOWAIT) &&
		 !ended.si_pid);
}

bool child_run_held(const char *const argv[], const sigset_t *held)
{
	sigset_t set = *held, before;
	struct child c;
	bool good;

	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &before);
	good = start(&c, argv, -1, -1, true);
	if (good) {
		end_by_signals(c.pid, &set);
		good = wait_for(&c);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return good;
}

static int count_lines(FILE *f, char *first, size_t bytes)
{
	char line[512];
	int lines = 0;

	rewind(f);
	while (fgets(line, sizeof(line), f))
		if (!lines++ && first)
			snprintf(first, bytes, "%.*s",
				 (int)strcspn(line, "\n"), line);
	return lines;
}

static int read_lines(const char *const argv[], char *first, size_t bytes)
{
	int out = memfd_create("lines", MFD_CLOEXEC), lines = -1;
	FILE *f = out < 0 ? NULL : fdopen(out, "r");
	struct child c;

	if (!f) {
		if (out >= 0)
			close(out);
		return -1;
	}
	if (start(&c, argv, out, -1, false) &&
	    child_wait(&c, CHILD_LINE_SECONDS))
		lines = count_lines(f, first, bytes);
	fclose(f);
	return lines;
}

bool child_line(const char *const argv[], char *out, size_t bytes)
{
	return read_lines(argv, out, bytes) > 0;
}

int child_lines(const char *const argv[])
{
	return read_lines(argv, NULL, 0);
}
