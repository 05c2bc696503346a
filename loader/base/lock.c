// SPDX-License-Identifier: MIT
/*
 * lock.c - see lock.h.
 */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "rundir.h"
#include "util.h"

#define POLL_NS		20000000

/* "baton exec, process 4711, since 12:13:14": for those who come second. */
static void write_holder(int fd, const char *command)
{
	char text[160], when[32];
	time_t now = time(NULL);
	struct tm tm;
	int length;

	if (!localtime_r(&now, &tm) ||
	    !strftime(when, sizeof(when), "%F %T", &tm))
		return;
	length = snprintf(text, sizeof(text),
			  "baton %.20s, process %d, since %s\n", command,
			  (int)getpid(), when);
	if (ftruncate(fd, 0) || pwrite(fd, text, length, 0) != length)
		progress("%s: %s", LOCK_FILE, strerror(errno));
}

static int taken(const char *path, struct diag_log *diag)
{
	char text[160];

	if (!text_read(path, text, sizeof(text)) || !*text)
		snprintf(text, sizeof(text), "%.100s", path);
	return diag_add(diag, HO_ELOCKED, "%s", text);
}

static bool is_late(const struct timespec *start, int seconds)
{
	static const struct timespec nap = { .tv_nsec = POLL_NS };
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec - start->tv_sec >= seconds)
		return true;
	nanosleep(&nap, NULL);
	return false;
}

int lock_file(const char *path, bool shared, int seconds, const char *command,
	      int *fd, struct diag_log *diag)
{
	int how = (shared ? LOCK_SH : LOCK_EX) | LOCK_NB, rc = 0;
	struct timespec start;

	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0)
		return io_error(diag, path);
	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!rc && flock(*fd, how))
		if (errno != EWOULDBLOCK && errno != EINTR)
			rc = io_error(diag, path);
		else if (is_late(&start, seconds))
			rc = taken(path, diag);
	if (!rc)
		write_holder(*fd, command);
	else
		close(*fd);
	return rc;
}

static int take(bool shared, int seconds, const char *command,
		struct diag_log *diag)
{
	int fd, rc;

	if (geteuid() != 0)
		return diag_add(diag, HO_EPERM, "effective user id %u",
				geteuid());
	rc = rundir_make(diag);
	/* nobody closes it: it ends with the process */
	return rc ? rc : lock_file(LOCK_FILE, shared, seconds, command, &fd,
				   diag);
}

/* Only those who are alone write these. */
static void sweep(void)
{
	static const char *const files[] = { LEDGER_FILE, LOADED_BLOB,
					     ARMED_BLOB, ARMING_BLOB };
	size_t i;

	for (i = 0; i < ARRAY_COUNT(files); i++)
		leftovers_remove(files[i]);
}

int lock_alone(const char *command, struct diag_log *diag)
{
	int rc = take(false, LOCK_ALONE_SECONDS, command, diag);

	if (!rc)
		sweep();
	return rc;
}

int lock_free(struct diag_log *diag)
{
	int fd = open(LOCK_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc = 0;

	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK)
		rc = taken(LOCK_FILE, diag);
	close(fd);
	return rc;
}

int lock_shared(const char *command, struct diag_log *diag)
{
	return take(true, LOCK_SHARED_SECONDS, command, diag);
}
