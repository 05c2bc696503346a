/* SPDX-License-Identifier: MIT */
/*
 * child.h - programs that are run, xl above all, one at a time. What they
 * say is shown when they fail.
 */
#ifndef LOADER_CHILD_H
#define LOADER_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Start it (by PATH); -1: errno says why. */
pid_t child_start(const char *const argv[]);
/* True when it ended with status 0. */
bool child_wait(pid_t pid);
bool child_run(const char *const argv[]);
/* The first line it writes, without the newline; false when there is none or
 * it fails. */
bool child_line(const char *const argv[], char *out, size_t bytes);
/* How many lines; -1: it fails. */
int child_lines(const char *const argv[]);

#endif /* LOADER_CHILD_H */
