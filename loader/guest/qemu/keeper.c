// SPDX-License-Identifier: MIT
/*
 * keeper.c - see keeper.h.
 */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE	23	/* Linux 5.14 */
#endif

#define TITLE	"@baton:"

/* What the child says when it is done. */
struct report {
	int code;			/* 0, or HO_E... */
	int error;			/* errno */
	int range;
};

static int map_range(const struct keeper_range *r)
{
	int fd = open(r->file, O_RDWR | O_CLOEXEC);
	void *memory;

	if (fd < 0)
		return errno == EPERM || errno == EACCES ? HO_EPERM : HO_EIO;
	memory = mmap((void *)r->address, r->bytes, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_FIXED_NOREPLACE, fd, r->offset);
	close(fd);
	if (memory == MAP_FAILED)
		return errno == ENOMEM ? HO_EGUESTROOM : HO_EIO;
	if (madvise(memory, r->bytes, MADV_POPULATE_WRITE))
		return HO_EGUESTROOM;
	mlock(memory, r->bytes);	/* hugetlb needs none; swap does */
	return 0;
}

/* To the root of the cgroups, cgroup2's or systemd's own beside the old ones: it
 * belongs to no unit, and a session's end does not end it. */
static void leave_unit(void)
{
	static const char *const roots[] = {
		"/sys/fs/cgroup/cgroup.procs",
		"/sys/fs/cgroup/systemd/cgroup.procs",
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(roots); i++) {
		int fd = open(roots[i], O_WRONLY | O_CLOEXEC);

		if (fd >= 0 && write(fd, "0", 1) != 1)
			perror(roots[i]);
		if (fd >= 0)
			close(fd);
	}
}

static void close_others(unsigned int one, unsigned int other)
{
	unsigned int low = one < other ? one : other;
	unsigned int high = one < other ? other : one;

	if ((low && close_range(0, low - 1, 0)) ||
	    (high > low + 1 && close_range(low + 1, high - 1, 0)) ||
	    close_range(high + 1, ~0u, 0))
		_exit(1);
}

/* It has all of a guest's memory, and whoever kills it ends the guest. */
static void be_spared(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "-1000", 5) != 5)
		perror("oom_score_adj");
	if (fd >= 0)
		close(fd);
}

/* Nothing that the caller has open; systemd takes an @ in argv[0] for what a
 * root file system's daemon says of itself (ROOT_STORAGE_DAEMONS). */
static void become_keeper(const char *name, int out, int hold)
{
	extern char *program_invocation_name;
	char title[16];

	setsid();
	leave_unit();
	be_spared();
	if (chdir("/"))
		perror("/");
	close_others(out, hold);
	snprintf(title, sizeof(title), TITLE "%.8s", name);
	prctl(PR_SET_NAME, title);
	program_invocation_name[0] = '@';
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

static void keeper_main(const char *name, const struct keeper_range *ranges,
			int count, int out, int hold)
{
	struct report report = { 0 };
	char byte;

	become_keeper(name, out, hold);
	for (; report.range < count && !report.code; report.range++)
		report.code = map_range(&ranges[report.range]);
	report.error = errno;
	if (write(out, &report, sizeof(report)) != sizeof(report) ||
	    report.code)
		_exit(1);
	close(out);
	if (read(hold, &byte, 1) != 1)
		_exit(0);
	close(hold);
	for (;;)
		pause();
}

/* What it says of itself: 0, or the error, recorded. */
static int take_report(const char *name, int from, struct diag_log *diag)
{
	struct report report = { .code = HO_EIO };

	if (read(from, &report, sizeof(report)) != sizeof(report))
		report = (struct report){ .code = HO_EIO, .error = ECHILD };
	return report.code ? diag_add(diag, report.code, "memory of %.40s: %s",
				      name, strerror(report.error)) : 0;
}

int keeper_start(const char *name, const struct keeper_range *ranges,
		 int count, pid_t *pid, int *hold, struct diag_log *diag)
{
	int out[2], in[2], rc;

	*pid = 0;
	if (pipe2(out, O_CLOEXEC))
		return io_error(diag, "pipe");
	if (pipe2(in, O_CLOEXEC)) {
		close(out[0]);
		close(out[1]);
		return io_error(diag, "pipe");
	}
	*pid = fork();
	if (!*pid)
		keeper_main(name, ranges, count, out[1], in[0]);
	close(out[1]);
	close(in[0]);
	rc = *pid < 0 ? io_error(diag, "fork")
		      : take_report(name, out[0], diag);
	close(out[0]);
	*hold = in[1];
	if (rc) {
		close(in[1]);
		*hold = -1;
		keeper_stop(*pid);
		*pid = 0;
	}
	return rc;
}

void keeper_stay(int hold)
{
	if (hold >= 0 && write(hold, "", 1) != 1)
		perror("baton: keeper");
}

bool keeper_is(pid_t pid)
{
	char path[64], title[32];

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	return text_read(path, title, sizeof(title)) &&
	       !strncmp(title, TITLE, strlen(TITLE));
}

void keeper_stop(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
