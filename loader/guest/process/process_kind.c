// SPDX-License-Identifier: MIT
/*
 * process_kind.c - see process_kind.h.
 */
#include "process_kind.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "driverram.h"
#include "number.h"
#include "util.h"
#include "xen.h"

#define STOP_SECONDS	5
#define POLL_NS		1000000

static int take(struct guest *g, const char *text, struct diag_log *diag)
{
	uint64_t pid;

	if (!number_parse(text, 1, INT32_MAX, &pid))
		return diag_add(diag, HO_EUSAGE, "--pid %.60s", text);
	g->pid = pid;
	return 0;
}

static int check(const struct guest *g, struct diag_log *diag)
{
	if (xen_is_dom0())
		return diag_add(diag, HO_EXENPROCESS, "%s", g->name);
	if (!g->range_count && !g->map_count)
		return diag_add(diag, HO_EUSAGE,
				"give --range or --map for %.60s", g->name);
	return 0;
}

struct own {
	struct process_id id;
	int fd;
};

/* From here on it is this process that is meant, and no later one of its
 * number. */
static int examine(struct guest *g, struct diag_log *diag)
{
	struct own *own = malloc(sizeof(*own));

	if (!own)
		return diag_add(diag, HO_ENOMEM, "%s", g->name);
	own->id = process_id_of(g->pid);
	own->fd = process_open(own->id);
	g->own = own;
	return own->fd < 0 ? diag_add(diag, HO_EPROCESS, "process %d: %s",
				      (int)g->pid, strerror(errno)) : 0;
}

static int hold(struct guest *g, struct diag_log *diag)
{
	g->was_stopped = process_is_stopped(g->pid);
	return driverram_check(g, diag);
}

static int send_signal(const struct guest *g, int sig)
{
	const struct own *own = g->own;

	return pidfd_send_signal(own->fd, sig, NULL, 0);
}

static int goes_on(const struct guest *g, pid_t thread,
		   struct diag_log *diag)
{
	return thread ? diag_add(diag, HO_EGUESTBUSY,
				 "process %d: thread %d does not stand still",
				 (int)g->pid, (int)thread)
		      : diag_add(diag, HO_EPROCESS, "process %d",
				 (int)g->pid);
}

/* A thread stops when it comes back from the kernel: one that waits for a disk
 * there writes to memory until then. */
static int wait_stopped(const struct guest *g, const struct timespec *start,
			struct diag_log *diag)
{
	static const struct timespec nap = { .tv_nsec = POLL_NS };
	struct timespec now;
	pid_t thread;

	while (!process_stands(g->pid, &thread)) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (!thread || now.tv_sec - start->tv_sec >= STOP_SECONDS)
			return goes_on(g, thread, diag);
		nanosleep(&nap, NULL);
	}
	return 0;
}

static int save(struct guest *const *list, int count, struct diag_log *diag)
{
	struct timespec start;
	int i, rc = 0;

	for (i = 0; i < count; i++) {
		list[i]->touched = true;
		if (send_signal(list[i], SIGSTOP))
			return diag_add(diag, HO_EPROCESS, "process %d: %s",
					(int)list[i]->pid, strerror(errno));
	}
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < count && !rc; i++)
		rc = wait_stopped(list[i], &start, diag);
	return rc;
}

/* Anybody may send it SIGCONT. */
static int unchanged(struct guest *g, struct diag_log *diag)
{
	pid_t thread;

	return !g->touched || process_stands(g->pid, &thread)
	     ? 0 : goes_on(g, thread, diag);
}

/* Once more by its number where its descriptor does not do. One that has ended
 * does not stand still. */
static bool runs_on(const struct guest *g)
{
	const struct own *own = g->own;

	return !send_signal(g, SIGCONT) || errno == ESRCH ||
	       process_signal(own->id, SIGCONT) || errno == ESRCH;
}

static void resume(struct guest *const *list, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		struct guest *g = list[i];

		if (!g->touched || g->was_stopped)
			continue;
		g->stuck = !runs_on(g);
		if (g->stuck)
			progress("%s does not run on: %s", g->name,
				 strerror(errno));
	}
}

static void close_guest(struct guest *g)
{
	struct own *own = g->own;

	if (own->fd >= 0)
		close(own->fd);
	free(own);
	g->own = NULL;
}

/* Before hold() it is not known whether it stood still. */
static void describe(const struct guest *g, struct guest_taken *out)
{
	const struct own *own = g->own;

	out->runner = own->id;
	out->ran = !g->was_stopped;
}

static int let_run(const struct guest_taken *t, int seconds,
		   struct diag_log *diag)
{
	(void)seconds;
	if (t->stage == GUEST_HELD || !t->ran ||
	    process_signal(t->runner, SIGCONT) || errno == ESRCH)
		return 0;
	return diag_add(diag, HO_ESTUCK, "process %d: %s", (int)t->runner.pid,
			strerror(errno));
}

static void write_extent(void *context, uint64_t mfn, uint64_t pages,
			 uint64_t vpn)
{
	stream_writer_extent(context, mfn, pages, HO_TYPE_NORMAL, vpn);
}

static void count_extent(void *context, uint64_t mfn, uint64_t pages,
			 uint64_t vpn)
{
	(void)context, (void)mfn, (void)pages, (void)vpn;
}

struct writing {
	struct stream_writer *w;
	pid_t pid;
	bool runs;			/* what moves is not held still yet */
};

/* Twice: what moves between two looks is not held still. */
static int write_range(void *context, struct vrange r, struct diag_log *diag)
{
	const struct writing *to = context;
	uint64_t first = 0, second = 0;
	int rc = process_extents(to->pid, r, write_extent, to->w, &first,
				 diag);

	if (to->runs)
		return rc;
	if (!rc)
		rc = process_extents(to->pid, r, count_extent, NULL, &second,
				     diag);
	if (!rc && first != second)
		rc = diag_add(diag, HO_EMIGRATED,
			      "process %d, in 0x%llx-0x%llx", (int)to->pid,
			      (unsigned long long)r.start,
			      (unsigned long long)r.end);
	return rc;
}

static int write_frames(struct guest *g, struct stream_writer *w, bool runs,
			struct diag_log *diag)
{
	struct writing to = { w, g->pid, runs };
	struct ho_rec_owner owner;
	int rc = process_owner(g->pid, &owner, diag);

	if (rc)
		return rc;
	owner.domid = g->record.domid;
	stream_writer_owner(w, &owner);
	if (g->fixed) {
		fixed_each(g->fixed, write_extent, w);
		return fixed_unchanged(g->fixed, diag);
	}
	return guest_each_range(g, write_range, &to, diag);
}

int process_kind_frames(struct guest *g, struct stream_writer *w,
			 struct diag_log *diag)
{
	return write_frames(g, w, false, diag);
}

int process_kind_preview(struct guest *g, struct stream_writer *w,
			 struct diag_log *diag)
{
	int rc = driverram_check(g, diag);

	return rc ? rc : write_frames(g, w, true, diag);
}

const struct guest_kind process_kind = {
	.name = "process",
	.record = HO_KIND_PROCESS,
	.runs_in_collect = true,
	.not_shutdown = "--shutdown with --pid: the process would end first",
	.take = take,
	.check = check,
	.examine = examine,
	.hold = hold,
	.save = save,
	.preview = process_kind_preview,
	.frames = process_kind_frames,
	.unchanged = unchanged,
	.resume = resume,
	.close = close_guest,
	.describe = describe,
	.let_run = let_run,
};
