/* SPDX-License-Identifier: MIT */
/*
 * timedpipe.h - an end of a pipe whose other end is a program's. It is not waited for
 * when nothing goes on: what is large may take long, what hangs may not.
 */
#ifndef LOADER_TIMEDPIPE_H
#define LOADER_TIMEDPIPE_H

#include <stdbool.h>
#include <stdio.h>

struct timed_pipe {
	int fd;
	int seconds;
	bool late;			/* so long nothing was read or written: the
					 * stream has failed */
};

/* A stream over the end `fd` of a pipe, "r" or "w"; fclose() closes the end, in any
 * case. `p` must live as long. NULL: errno says why, and the end is closed. */
FILE *timed_pipe_open(struct timed_pipe *p, int fd, const char *mode,
		      int seconds);

#endif /* LOADER_TIMEDPIPE_H */
