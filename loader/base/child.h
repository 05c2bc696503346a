/* SPDX-License-Identifier: MIT */
/*
 * child.h - programs that are run, xl above all. What they say is shown when
 * they fail.
 */
#ifndef LOADER_CHILD_H
#define LOADER_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A file that is given to it, by the only name it has there. */
#define CHILD_FD	3
#define CHILD_FD_PATH	"/proc/self/fd/3"

/* Of a program that only says something. */
#define CHILD_LINE_SECONDS 30

struct child {
	const char *name;		/* the caller's text */
	pid_t pid;
	int said;
};

/* Start it (by PATH), with `fd` as CHILD_FD, or -1: errno says why not. */
bool child_start(struct child *c, const char *const argv[], int fd);
/* The same; what it writes goes to `out`. */
bool child_start_into(struct child *c, const char *const argv[], int out,
		      int fd);
/* fork(2), for a call that may hang in the kernel for ever: the child has none of
 * our files but the first three, so that what they hold is free when we end. */
pid_t child_fork(void);
/* Wait for a child of ours, `seconds` at most. True: it has ended, and *status
 * (unless NULL) is as of waitpid(2). */
bool child_take(pid_t pid, int seconds, int *status);
/* End it by SIGKILL (`pid` < 0: its group) and wait for it. False: it hangs in the
 * kernel (state D), and is left there: nobody waits for it. */
bool child_end(pid_t pid, int *status);
/* True when it was started and ended with status 0, within so many seconds. After
 * them it is left as it is, and named. */
bool child_wait(struct child *c, int seconds);
/* Start it and wait as long as it takes. True when it ended with status 0. */
bool child_run(const char *const argv[]);
/* While the signals `held` are blocked: one that comes ends the program and all
 * that it has started, and nobody else. */
bool child_run_held(const char *const argv[], const sigset_t *held);
/* The first line it writes, without the newline; false when there is none or
 * it fails, or is not done after CHILD_LINE_SECONDS. */
bool child_line(const char *const argv[], char *out, size_t bytes);
/*
 * All that it writes, with a NUL behind it, to be freed; `fd` as in child_start().
 * NULL: it did not start, failed, or was not done after so many seconds, and was
 * killed; `why` then has the last line that it said, or what was wrong.
 */
char *child_text(const char *const argv[], int fd, int seconds, char *why,
		 size_t why_bytes);
/* How many lines, as child_line(); -1: it fails. */
int child_lines(const char *const argv[]);

#endif /* LOADER_CHILD_H */
