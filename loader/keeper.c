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

/* What the child says when it is done. */
struct report {
	int code;			/* 0, or HO_E... */
	int error;			/* errno */
	int range;
};

static int hold(const struct keeper_range *r)
{
	int fd = open(r->file, O_RDWR | O_CLOEXEC);
	void *memory;

	if (fd < 0)
		return errno == EPERM || errno == EACCES ? HO_EPERM : HO_EIO;
	memory = mmap((void *)r->address, r->bytes, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_FIXED_NOREPLACE, fd, r->offset);
	close(fd);
	if (memory == MAP_FAILED)
		return HO_EIO;
	if (madvise(memory, r->bytes, MADV_POPULATE_WRITE))
		return HO_ENOTPRESENT;
	mlock(memory, r->bytes);	/* hugetlb needs none; swap does */
	return 0;
}

/* Nothing that the caller has open; systemd takes an @ in argv[0] for what a
 * root file system's daemon says of itself (ROOT_STORAGE_DAEMONS). */
static void become_keeper(const char *name, int keep)
{
	extern char *program_invocation_name;
	char title[16];
	int fd;

	setsid();
	for (fd = 0; fd < 1024; fd++)
		if (fd != keep)
			close(fd);
	snprintf(title, sizeof(title), "@baton:%.8s", name);
	prctl(PR_SET_NAME, title);
	program_invocation_name[0] = '@';
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

static void keeper_main(const char *name, const struct keeper_range *ranges,
			int count, int out)
{
	struct report report = { 0 };

	become_keeper(name, out);
	for (; report.range < count && !report.code; report.range++)
		report.code = hold(&ranges[report.range]);
	report.error = errno;
	if (write(out, &report, sizeof(report)) != sizeof(report) ||
	    report.code)
		_exit(1);
	close(out);
	for (;;)
		pause();
}

int keeper_start(const char *name, const struct keeper_range *ranges,
		 int count, pid_t *pid, struct diag_log *diag)
{
	struct report report = { .code = HO_EIO };
	int fds[2];

	*pid = 0;
	if (pipe2(fds, O_CLOEXEC))
		return io_error(diag, "pipe");
	*pid = fork();
	if (!*pid)
		keeper_main(name, ranges, count, fds[1]);
	close(fds[1]);
	if (*pid < 0) {
		close(fds[0]);
		*pid = 0;
		return io_error(diag, "fork");
	}
	if (read(fds[0], &report, sizeof(report)) != sizeof(report))
		report = (struct report){ .code = HO_EIO, .error = ECHILD };
	close(fds[0]);
	if (!report.code)
		return 0;
	keeper_stop(*pid);
	*pid = 0;
	return diag_add(diag, report.code, "memory of %.40s: %s", name,
			strerror(report.error));
}

void keeper_stop(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
