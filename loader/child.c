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

extern char **environ;

/* What a program says is shown only if it fails: xl says much. */
static int said = -1;

static void begin_saying(void)
{
	if (said >= 0)
		close(said);
	said = memfd_create("output", MFD_CLOEXEC);
}

static void show_said(void)
{
	char text[4096];
	ssize_t got;
	off_t at = 0;

	while (said >= 0 && (got = pread(said, text, sizeof(text), at)) > 0) {
		if (write(STDERR_FILENO, text, got) != got)
			return;
		at += got;
	}
}

static pid_t start(const char *const argv[], int out)
{
	posix_spawn_file_actions_t files;
	pid_t pid;
	int rc;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (said >= 0)
		posix_spawn_file_actions_adddup2(&files, said, STDERR_FILENO);
	rc = posix_spawnp(&pid, argv[0], &files, NULL, (char **)argv,
			  environ);
	posix_spawn_file_actions_destroy(&files);
	if (!rc)
		return pid;
	errno = rc;
	return -1;
}

pid_t child_start(const char *const argv[])
{
	begin_saying();
	return start(argv, said < 0 ? STDERR_FILENO : said);
}

bool child_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return true;
	show_said();
	return false;
}

bool child_run(const char *const argv[])
{
	pid_t pid = child_start(argv);

	return pid > 0 && child_wait(pid);
}

static int read_lines(const char *const argv[], char *first, size_t bytes)
{
	char line[512];
	int fds[2], lines = 0;
	FILE *f;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -1;
	begin_saying();
	pid = start(argv, fds[1]);
	close(fds[1]);
	f = fdopen(fds[0], "r");
	while (f && fgets(line, sizeof(line), f))
		if (!lines++ && first)
			snprintf(first, bytes, "%.*s",
				 (int)strcspn(line, "\n"), line);
	if (f)
		fclose(f);
	return pid > 0 && child_wait(pid) ? lines : -1;
}

bool child_line(const char *const argv[], char *out, size_t bytes)
{
	return read_lines(argv, out, bytes) > 0;
}

int child_lines(const char *const argv[])
{
	return read_lines(argv, NULL, 0);
}
