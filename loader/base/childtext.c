// SPDX-License-Identifier: MIT
/*
 * childtext.c - child_text() of child.h: a program that has a deadline; and how one
 * is waited for.
 */
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX	(64u << 20)	/* bytes of an output */
#define POLL_NS		1000000
#define END_SECONDS	5

static char *read_all(int fd)
{
	struct stat st;
	char *text;

	if (fstat(fd, &st) || st.st_size > TEXT_MAX)
		return NULL;
	text = malloc(st.st_size + 1);
	if (text && pread(fd, text, st.st_size, 0) != st.st_size) {
		free(text);
		return NULL;
	}
	if (text)
		text[st.st_size] = '\0';
	return text;
}

/* Of its standard error; `what` where it said nothing. */
static void last_line(int fd, const char *what, char *out, size_t bytes)
{
	char *text = read_all(fd), *line = text;
	size_t length = text ? strlen(text) : 0;

	while (length && strchr("\n\r ", text[length - 1]))
		text[--length] = '\0';
	if (length && strrchr(text, '\n'))
		line = strrchr(text, '\n') + 1;
	snprintf(out, bytes, "%s", length ? line : what);
	free(text);
}

pid_t child_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		close_range(STDERR_FILENO + 1, ~0u, 0);
	return pid;
}

bool child_take(pid_t pid, int seconds, int *status)
{
	static const struct timespec nap = { .tv_nsec = POLL_NS };
	struct timespec now, end;
	pid_t rc;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	for (;;) {
		rc = waitpid(pid, status, WNOHANG);
		if (rc == pid || (rc < 0 && errno != EINTR))
			return rc == pid;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > end.tv_sec ||
		    (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec))
			return false;
		nanosleep(&nap, NULL);
	}
}

bool child_end(pid_t pid, int *status)
{
	kill(pid, SIGKILL);
	return child_take(pid < 0 ? -pid : pid, END_SECONDS, status);
}

char *child_text(const char *const argv[], int fd, int seconds, char *why,
		 size_t why_bytes)
{
	int out = memfd_create("text", MFD_CLOEXEC), status = -1;
	char *text = NULL;
	struct child c;

	if (out < 0 || !child_start_into(&c, argv, out, fd)) {
		snprintf(why, why_bytes, "%s: %s", argv[0], strerror(errno));
		if (out >= 0)
			close(out);
		return NULL;
	}
	if (!child_take(c.pid, seconds, &status)) {
		child_end(-c.pid, NULL);
		status = -1;
		snprintf(why, why_bytes, "not done after %d s", seconds);
	} else if (status) {
		last_line(c.said, "it failed, and does not say why", why,
			  why_bytes);
	} else if (!(text = read_all(out))) {
		snprintf(why, why_bytes, "what it wrote cannot be read");
	}
	close(c.said);
	close(out);
	return text;
}
