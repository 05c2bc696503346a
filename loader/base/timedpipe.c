// SPDX-License-Identifier: MIT
/*
 * timedpipe.c - see timedpipe.h.
 */
#include "timedpipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* False: it does not become so in time, and errno says that. */
static bool wait_until(struct timed_pipe *p, short events)
{
	struct pollfd one = { .fd = p->fd, .events = events };
	int rc;

	do
		rc = poll(&one, 1, p->seconds * 1000);
	while (rc < 0 && errno == EINTR);
	if (!rc) {
		p->late = true;
		errno = ETIMEDOUT;
	}
	return rc > 0;
}

static bool try_again(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static ssize_t read_some(void *cookie, char *to, size_t bytes)
{
	struct timed_pipe *p = cookie;
	ssize_t got;

	do {
		if (!wait_until(p, POLLIN))
			return -1;
		got = read(p->fd, to, bytes);
	} while (got < 0 && try_again());
	return got;
}

/* All of it; 0 where that cannot be, as of fopencookie(3). */
static ssize_t write_all(void *cookie, const char *from, size_t bytes)
{
	struct timed_pipe *p = cookie;
	size_t done = 0;
	ssize_t put;

	while (done < bytes) {
		if (p->late || !wait_until(p, POLLOUT))
			return 0;
		put = write(p->fd, from + done, bytes - done);
		if (put < 0 && !try_again())
			return 0;
		done += put < 0 ? 0 : put;
	}
	return bytes;
}

static int close_end(void *cookie)
{
	return close(((struct timed_pipe *)cookie)->fd);
}

FILE *timed_pipe_open(struct timed_pipe *p, int fd, const char *mode,
		      int seconds)
{
	static const cookie_io_functions_t calls = {
		.read = read_some, .write = write_all, .close = close_end,
	};
	FILE *f;

	*p = (struct timed_pipe){ .fd = fd, .seconds = seconds };
	/* ours alone: the program's end is another open file */
	f = fcntl(fd, F_SETFL, O_NONBLOCK) ? NULL
					   : fopencookie(p, mode, calls);
	if (!f)
		close(fd);
	return f;
}
