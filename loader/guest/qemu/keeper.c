// SPDX-License-Identifier: MIT
/*
 * keeper.c - see keeper.h.
 */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "baton_mem.h"
#include "checked.h"
#include "pin.h"
#include "rundir.h"
#include "util.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE	23	/* Linux 5.14 */
#endif

#define TITLE	"@baton:"
/* Behind it, by enum keeper_saw, and then the guest's name. */
#define MARKS	"-~!"

#define WATCH_SECONDS	2
#define LEDGER_MAX	(16 << 20)

/* What the child says when it is done. */
struct report {
	int code;			/* 0, or HO_E... */
	int error;			/* errno */
	int range;
	struct keeper_fixed fixed;
};

/* Whole pages of 2 MiB in a file whose pages never move. 0: they may; else the size
 * of the huge pages that are to be pinned, or of those of a device, which need no
 * pin: nothing is their owner but the module. */
static uint64_t fixed_page(const struct keeper_range *r, int fd, bool *device)
{
	struct statfs s;

	if (!is_aligned(r->address | r->offset | r->bytes, HO_PAGE_2M_BYTES) ||
	    fstatfs(fd, &s))
		return 0;
	*device = (uint32_t)s.f_type == BATON_MEM_MAGIC;
	if (*device)
		return HO_PAGE_2M_BYTES;
	return s.f_type == HUGETLBFS_MAGIC &&
	       is_aligned(s.f_bsize, HO_PAGE_2M_BYTES) ? s.f_bsize : 0;
}

/* After it is there. */
static void fix(const struct keeper_range *r, uint64_t page, bool device,
		struct keeper_fixed *fixed)
{
	if (device)
		return;
	if (page && pin_pages(r->address, r->bytes, page))
		fixed->huge_bytes += r->bytes;
	else
		fixed->all = false;
}

static int map_range(const struct keeper_range *r, struct keeper_fixed *fixed)
{
	int fd = open(r->file, O_RDWR | O_CLOEXEC);
	bool device = false;
	uint64_t page;
	void *memory;

	if (fd < 0)
		return errno == EPERM || errno == EACCES ? HO_EPERM : HO_EIO;
	page = fixed_page(r, fd, &device);
	memory = mmap((void *)r->address, r->bytes, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_FIXED_NOREPLACE, fd, r->offset);
	close(fd);
	if (memory == MAP_FAILED)
		return errno == ENOMEM ? HO_EGUESTROOM : HO_EIO;
	/* A flag that no other mapping of this file has: else processes share
	 * page tables of huge pages, and what one touches is there in all. */
	if (page && madvise(memory, r->bytes, MADV_SEQUENTIAL))
		page = 0;
	if (madvise(memory, r->bytes, MADV_POPULATE_WRITE))
		return HO_EGUESTROOM;
	fix(r, page, device && page, fixed);
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

/* Nothing that the caller has open; systemd takes an @ in argv[0] for what a
 * root file system's daemon says of itself (ROOT_STORAGE_DAEMONS). */
static void become_keeper(const char *name, int out, int hold)
{
	extern char *program_invocation_name;
	char title[16];

	setsid();
	leave_unit();
	process_spare();	/* whoever ends it ends the guest */
	if (chdir("/"))
		perror("/");
	close_others(out, hold);
	snprintf(title, sizeof(title), TITLE "-%.7s", name);
	prctl(PR_SET_NAME, title);
	program_invocation_name[0] = '@';
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

/* Does a text name this process? */
static bool names_us(const char *text, size_t length)
{
	char wanted[32];

	snprintf(wanted, sizeof(wanted), LEDGER_KEEPER, (int)getpid());
	return memmem(text, length, wanted, strlen(wanted));
}

/* False: the ledger is there and does not name it, or is gone. What cannot be read
 * ends nobody. */
static bool is_wanted(int folder)
{
	static struct timespec seen;	/* the last that named it */
	int fd = openat(folder, LEDGER_NAME, O_RDONLY | O_CLOEXEC);
	bool wanted = true;
	struct stat st;
	void *text;

	if (fd < 0)
		return errno != ENOENT;
	if (!fstat(fd, &st) && st.st_size && st.st_size <= LEDGER_MAX &&
	    memcmp(&st.st_mtim, &seen, sizeof(seen))) {
		text = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (text != MAP_FAILED) {
			wanted = names_us(text, st.st_size);
			munmap(text, st.st_size);
		}
		if (wanted)
			seen = st.st_mtim;
	}
	close(fd);
	return wanted;
}

static void say(enum keeper_saw saw)
{
	char title[16] = "";

	prctl(PR_GET_NAME, title);
	title[strlen(TITLE)] = MARKS[saw];
	prctl(PR_SET_NAME, title);
}

/* Until the ledger is to be looked at. */
static void watch(struct keeper_watch *w)
{
	enum keeper_saw saw = KEEPER_STOOD;
	int i;

	if (w->task < 0)
		sleep(WATCH_SECONDS);
	for (i = 0; w->task >= 0 && i < WATCH_SECONDS * 1000;
	     i += KEEPER_LOOK_MS) {
		saw = keeper_watch_look(w);
		if (saw == KEEPER_RAN)
			say(saw);
		if (saw != KEEPER_STOOD)
			w->task = -1;
	}
}

/* As long as somebody knows of it: a guest's memory is not kept for nobody. The
 * folder is held open: whatever is mounted when the host goes down, it is the
 * same. */
static void stay(int folder, struct keeper_watch *w)
{
	int missed = 0;

	while (missed < 2) {
		watch(w);
		missed = folder < 0 || is_wanted(folder) ? 0 : missed + 1;
	}
	_exit(0);
}

/* What it is told about a guest before it is to stay. */
struct order {
	struct process_id runner;	/* pid 0: no more than to stay */
	uint32_t count;			/* of threads, that follow */
};

static bool hear(int hold, void *out, size_t bytes)
{
	size_t done = 0;
	ssize_t got = 1;

	for (; done < bytes && got > 0; done += got > 0 ? got : 0)
		got = read(hold, (char *)out + done, bytes - done);
	return done == bytes;
}

/* Until it is to stay, or nobody has its other end any more. */
static void wait_for_orders(int hold, struct keeper_watch *w)
{
	static pid_t threads[KEEPER_THREADS_MAX];
	struct order order;

	while (hear(hold, &order, sizeof(order))) {
		if (!order.runner.pid)
			return;
		if (order.count > KEEPER_THREADS_MAX ||
		    !hear(hold, threads, order.count * sizeof(*threads)))
			break;
		if (keeper_watch_begin(w, order.runner, threads, order.count))
			say(KEEPER_STOOD);
		else
			w->task = -1;
	}
	_exit(0);
}

static void keeper_main(const char *name, const struct keeper_range *ranges,
			int count, int out, int hold)
{
	static struct keeper_watch w = { .task = -1 };
	struct report report = { .fixed.all = true };
	int folder;

	become_keeper(name, out, hold);
	folder = open(RUN_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (; report.range < count && !report.code; report.range++)
		report.code = map_range(&ranges[report.range], &report.fixed);
	report.error = errno;
	if (write(out, &report, sizeof(report)) != sizeof(report) ||
	    report.code)
		_exit(1);
	close(out);
	wait_for_orders(hold, &w);
	close(hold);
	stay(folder, &w);
}

/* What it says of itself: 0, or the error, recorded. */
static int take_report(const char *name, int from, struct keeper_fixed *fixed,
		       struct diag_log *diag)
{
	struct report report = { .code = HO_EIO };

	if (read(from, &report, sizeof(report)) != sizeof(report))
		report = (struct report){ .code = HO_EIO, .error = ECHILD };
	*fixed = report.fixed;
	return report.code ? diag_add(diag, report.code, "memory of %.40s: %s",
				      name, strerror(report.error)) : 0;
}

int keeper_start(const char *name, const struct keeper_range *ranges,
		 int count, struct process_id *keeper, int *hold,
		 struct keeper_fixed *fixed, struct diag_log *diag)
{
	int out[2], in[2], rc;
	pid_t pid;

	*keeper = (struct process_id){ 0 };
	if (pipe2(out, O_CLOEXEC))
		return io_error(diag, "pipe");
	if (pipe2(in, O_CLOEXEC)) {
		close(out[0]);
		close(out[1]);
		return io_error(diag, "pipe");
	}
	pid = fork();
	if (!pid)
		keeper_main(name, ranges, count, out[1], in[0]);
	close(out[1]);
	close(in[0]);
	rc = pid < 0 ? io_error(diag, "fork")
		     : take_report(name, out[0], fixed, diag);
	close(out[0]);
	*hold = in[1];
	/* nobody has waited for it: the number is its own */
	*keeper = process_id_of(pid);
	if (rc) {
		close(in[1]);
		*hold = -1;
		process_end(*keeper);
		keeper->pid = 0;
	}
	return rc;
}

static void tell(int hold, const void *bytes, size_t count)
{
	if (hold >= 0 && write(hold, bytes, count) != (ssize_t)count)
		perror("baton: keeper");
}

void keeper_stay(int hold)
{
	const struct order order = { .runner.pid = 0 };

	tell(hold, &order, sizeof(order));
}

void keeper_watch(int hold, struct process_id runner, const pid_t *threads,
		  uint32_t count)
{
	struct order order;

	memset(&order, 0, sizeof(order));
	order.runner = runner;
	order.count = count;
	if (!runner.pid || !count || count > KEEPER_THREADS_MAX)
		return;
	tell(hold, &order, sizeof(order));
	tell(hold, threads, count * sizeof(*threads));
}

/* Its name, behind TITLE; NULL: it is none. */
static const char *title_of(pid_t pid, char title[32])
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	return text_read(path, title, 32) &&
	       !strncmp(title, TITLE, strlen(TITLE)) ? title + strlen(TITLE)
						     : NULL;
}

bool keeper_is(pid_t pid)
{
	char title[32];

	return title_of(pid, title);
}

enum keeper_saw keeper_saw(pid_t pid)
{
	char title[32];
	const char *name = title_of(pid, title);
	const char *mark = name && *name ? strchr(MARKS, *name) : NULL;

	return mark ? mark - MARKS : KEEPER_NOTHING;
}
