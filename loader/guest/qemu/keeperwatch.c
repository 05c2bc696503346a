// SPDX-License-Identifier: MIT
/*
 * keeperwatch.c - see keeperwatch.h. Source: Documentation/scheduler/sched-stats.rst,
 * proc(5), PF_EXITING of include/linux/sched.h.
 */
#include "keeperwatch.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A question to QEMU about a CPU wakes its thread for some microseconds: what asks
 * so four times a minute is far below this. */
#define ALLOWED_NS	500000
#define ALLOWED_PER_S	50000
#define SECOND_NS	1000000000ull
#define WINDOW_NS	(15 * SECOND_NS)
#define EXITING		4

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND_NS + t.tv_nsec;
}

static bool read_text(const struct keeper_watch *w, pid_t tid,
		      const char *name, char *out, size_t bytes)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "%d/%s", (int)tid, name);
	fd = openat(w->task, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, out, bytes - 1);
	close(fd);
	out[got > 0 ? got : 0] = '\0';
	return got > 0;
}

/* False: there is no such thread, or the kernel does not count. */
static bool read_time(const struct keeper_watch *w, pid_t tid, uint64_t *ns)
{
	uint64_t waited, times;
	char text[128];

	return read_text(w, tid, "schedstat", text, sizeof(text)) &&
	       sscanf(text, "%" SCNu64 " %" SCNu64 " %" SCNu64, ns, &waited,
		      &times) == 3 && (*ns || waited || times);
}

/* The end of a thread is work, too. */
static bool is_exiting(const struct keeper_watch *w, pid_t tid)
{
	char text[1024], *at;
	unsigned int flags;

	if (!read_text(w, tid, "stat", text, sizeof(text)))
		return false;
	at = strrchr(text, ')');
	return at && sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %u",
			    &flags) == 1 && flags & EXITING;
}

bool keeper_watch_begin(struct keeper_watch *w, struct process_id runner,
			const pid_t *threads, uint32_t count)
{
	char path[64];
	bool good;
	uint32_t i;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)runner.pid);
	w->task = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	w->process = process_open(runner);
	good = w->task >= 0 && w->process >= 0 && count &&
	       count <= KEEPER_THREADS_MAX;
	for (i = 0; good && i < count; i++) {
		w->threads[i].tid = threads[i];
		good = read_time(w, threads[i], &w->threads[i].ns);
	}
	w->count = count;
	w->since = now_ns();
	w->grown = false;
	return good;
}

static bool has_grown(const struct keeper_watch *w)
{
	uint64_t allowed = ALLOWED_NS + (now_ns() - w->since) / SECOND_NS *
			   ALLOWED_PER_S, ns;
	uint32_t i;

	for (i = 0; i < w->count; i++)
		if (read_time(w, w->threads[i].tid, &ns) &&
		    ns > w->threads[i].ns + allowed &&
		    !is_exiting(w, w->threads[i].tid))
			return true;
	return false;
}

/* Else what is allowed would add up to what a guest needs to write to its disks. */
static void next_window(struct keeper_watch *w)
{
	uint64_t ns;
	uint32_t i;

	for (i = 0; i < w->count; i++)
		if (read_time(w, w->threads[i].tid, &ns))
			w->threads[i].ns = ns;
	w->since = now_ns();
}

enum keeper_saw keeper_watch_look(struct keeper_watch *w)
{
	struct pollfd p = { .fd = w->process, .events = POLLIN };
	bool grown;

	if (poll(&p, 1, KEEPER_LOOK_MS) == 1)
		return KEEPER_NOTHING;
	grown = has_grown(w);
	if (grown && w->grown)
		return KEEPER_RAN;
	w->grown = grown;
	if (!grown && now_ns() - w->since >= WINDOW_NS)
		next_window(w);
	return KEEPER_STOOD;
}
