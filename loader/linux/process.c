// SPDX-License-Identifier: MIT
/*
 * process.c - see process.h.
 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"
#include "uuid.h"
#include "work.h"

/* pagemap.rst */
#define PM_PRESENT	(1ull << 63)
#define PM_SWAPPED	(1ull << 62)
#define PM_PFN_MASK	((1ull << 55) - 1)

#define PAGES_PER_READ	4096

/* The path of a line without " (deleted)", cut in place; NULL: anonymous. */
static char *path_of(char *line)
{
	char *path = strchr(line, '/'), *end;

	if (!path)
		path = strchr(line, '[');
	if (!path)
		return NULL;
	path[strcspn(path, "\n")] = '\0';
	end = strstr(path, " (deleted)");
	if (end)
		*end = '\0';
	return path;
}

static bool path_is(const char *path, const char *name)
{
	const char *last = strrchr(path, '/');

	return !strcmp(path, name) || (last && !strcmp(last + 1, name));
}

int maps_find(FILE *maps, const char *name, struct vrange **out)
{
	char line[4096 + 128];
	int count = 0, room = 0;

	*out = NULL;
	while (fgets(line, sizeof(line), maps)) {
		struct vrange r;
		char *path;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &r.start, &r.end) !=
		    2)
			continue;
		path = path_of(line);
		if (!path || !path_is(path, name))
			continue;
		if (count == room) {
			struct vrange *more;

			room = room ? 2 * room : 64;
			more = realloc(*out, room * sizeof(*more));
			if (!more)
				return -1;
			*out = more;
		}
		(*out)[count++] = r;
	}
	return count;
}

static int open_pagemap(pid_t pid, struct diag_log *diag)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	if (errno == EACCES || errno == EPERM)
		return diag_add(diag, HO_EPERM, "%s", path);
	return diag_add(diag, HO_EPROCESS, "%s: %s", path, strerror(errno));
}

bool process_holds(int fd, uint64_t vpn, uint64_t pages, uint64_t mfn,
		   uint64_t *moved)
{
	uint64_t entries[PAGES_PER_READ], i;

	while (pages) {
		uint64_t want = pages < PAGES_PER_READ ? pages
						       : PAGES_PER_READ;

		*moved = vpn;
		work_add(WORK_PAGEMAP, want);
		if (pread(fd, entries, want * 8, vpn * 8) !=
		    (ssize_t)(want * 8))
			return false;
		for (i = 0; i < want; i++, vpn++, mfn++) {
			*moved = vpn;
			if (!(entries[i] & PM_PRESENT) ||
			    (entries[i] & PM_PFN_MASK) != mfn)
				return false;
		}
		pages -= want;
	}
	return true;
}

static int bad_page(pid_t pid, uint64_t vpn, uint64_t entry,
		    struct diag_log *diag)
{
	if (entry & PM_PRESENT)
		return diag_add(diag, HO_EPERM,
				"frame numbers of process %d are hidden",
				(int)pid);
	return diag_add(diag, HO_ENOTPRESENT, "process %d, address 0x%llx%s",
			(int)pid, (unsigned long long)vpn * HO_PAGE_BYTES,
			entry & PM_SWAPPED ? " (swapped out)" : "");
}

/* Extents grow over the borders of single reads. */
struct growing {
	uint64_t mfn, pages, vpn;
	extent_fn fn;
	void *context;
};

static void grow(struct growing *g, uint64_t mfn, uint64_t vpn)
{
	if (g->pages && g->mfn + g->pages == mfn &&
	    g->vpn + g->pages == vpn) {
		g->pages++;
		return;
	}
	if (g->pages)
		g->fn(g->context, g->mfn, g->pages, g->vpn);
	g->mfn = mfn;
	g->vpn = vpn;
	g->pages = 1;
}

/* A plain mixing hash is enough: both readings are of this run. */
static uint64_t mix(uint64_t hash, uint64_t mfn)
{
	return (hash ^ mfn) * 0x9e3779b97f4a7c15ull + (hash >> 29);
}

/* One walk over a range. */
struct pagemap_walk {
	int fd;
	pid_t pid;
	struct growing growing;
	uint64_t hash, absent;
	bool may_be_absent;
};

static int take_page(struct pagemap_walk *w, uint64_t vpn, uint64_t entry,
		     struct diag_log *diag)
{
	uint64_t mfn = entry & PM_PFN_MASK;
	bool there = entry & PM_PRESENT;

	if (!there && w->may_be_absent) {
		w->absent++;
		return 0;
	}
	if (!there || !mfn || mfn >> HO_FRAME_MFN_BITS)
		return bad_page(w->pid, vpn, entry, diag);
	grow(&w->growing, mfn, vpn);
	w->hash = mix(w->hash, mfn);
	return 0;
}

static int walk(struct pagemap_walk *w, struct vrange range,
		struct diag_log *diag)
{
	uint64_t entries[PAGES_PER_READ];
	uint64_t vpn = range.start / HO_PAGE_BYTES;
	uint64_t end = range.end / HO_PAGE_BYTES;
	struct growing *g = &w->growing;
	int rc = 0;

	while (vpn < end && !rc) {
		uint64_t want = end - vpn, i;
		ssize_t got;

		if (want > PAGES_PER_READ)
			want = PAGES_PER_READ;
		work_add(WORK_PAGEMAP, want);
		got = pread(w->fd, entries, want * 8, vpn * 8);
		if (got <= 0 || got % 8)
			return diag_add(diag, HO_EPROCESS,
					"pagemap of process %d", (int)w->pid);
		for (i = 0; i < (uint64_t)got / 8 && !rc; i++, vpn++)
			rc = take_page(w, vpn, entries[i], diag);
	}
	if (!rc && g->pages)
		g->fn(g->context, g->mfn, g->pages, g->vpn);
	return rc;
}

int process_extents(pid_t pid, struct vrange range, extent_fn fn,
		    void *context, uint64_t *hash, struct diag_log *diag)
{
	int fd = open_pagemap(pid, diag), rc;

	if (fd < 0)
		return fd;
	rc = pagemap_extents(fd, pid, range, fn, context, hash, diag);
	close(fd);
	return rc;
}

int pagemap_extents(int fd, pid_t pid, struct vrange range, extent_fn fn,
		    void *context, uint64_t *hash, struct diag_log *diag)
{
	struct pagemap_walk w = { .fd = fd, .pid = pid, .hash = *hash,
		.growing = { .fn = fn, .context = context } };
	int rc = walk(&w, range, diag);

	*hash = w.hash;
	return rc;
}

int process_present(pid_t pid, struct vrange range, extent_fn fn,
		    void *context, uint64_t *absent, struct diag_log *diag)
{
	struct pagemap_walk w = { .pid = pid, .may_be_absent = true,
		.growing = { .fn = fn, .context = context } };
	int rc;

	w.fd = open_pagemap(pid, diag);
	if (w.fd < 0)
		return w.fd;
	rc = walk(&w, range, diag);
	close(w.fd);
	*absent += w.absent;
	return rc;
}

/* Field `want` (from 3 on) of /proc/PID/stat; the name in field 2 may hold
 * anything, so count from its closing parenthesis. */
static const char *stat_field(pid_t pid, int want, char *text, size_t bytes)
{
	char path[64], *at;
	int field;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (!text_read(path, text, bytes))
		return NULL;
	at = strrchr(text, ')');
	for (field = 2; at && field < want; field++)
		at = strchr(at + 1, ' ');
	return at ? at + 1 : NULL;
}

static bool read_start_time(pid_t pid, uint64_t *out)
{
	char text[1024];
	const char *at = stat_field(pid, 22, text, sizeof(text));

	return at && sscanf(at, "%" SCNu64, out) == 1;
}

bool process_is_stopped(pid_t pid)
{
	char text[1024];
	const char *at = stat_field(pid, 3, text, sizeof(text));

	return at && *at == 'T';
}

static bool read_boot_id(uint8_t id[HO_ID_BYTES])
{
	char text[64];
	const char *p = text;
	int i;

	if (!text_read("/proc/sys/kernel/random/boot_id", text, sizeof(text)))
		return false;
	for (i = 0; i < HO_ID_BYTES; i++, p += 2) {
		unsigned int byte;

		if (*p == '-')
			p++;
		if (sscanf(p, "%2x", &byte) != 1)
			return false;
		id[i] = byte;
	}
	return true;
}

int process_owner(pid_t pid, struct ho_rec_owner *out, struct diag_log *diag)
{
	memset(out, 0, sizeof(*out));
	out->pid = pid;
	if (!read_start_time(pid, &out->start_time))
		return diag_add(diag, HO_EPROCESS, "process %d", (int)pid);
	if (!read_boot_id(out->boot_id))
		return io_error(diag, "boot_id");
	return 0;
}

struct process_id process_id_of(pid_t pid)
{
	struct process_id id = { .pid = pid };

	if (pid <= 0 || !read_start_time(pid, &id.start))
		id.pid = 0;
	return id;
}

/* The start time is read when the descriptor is open: if it is the right one, the
 * number was not given to another process before. */
int process_open(struct process_id id)
{
	int fd = id.pid > 0 ? pidfd_open(id.pid, 0) : -1;

	if (fd >= 0 && process_id_of(id.pid).start == id.start)
		return fd;
	if (fd >= 0)
		close(fd);
	if (fd >= 0 || id.pid <= 0)
		errno = ESRCH;
	return -1;
}

/* One that has ended, and that its parent has not asked for, does not live. */
bool process_lives(struct process_id id)
{
	int fd = process_open(id);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	bool lives = fd >= 0 && !poll(&p, 1, 0);

	if (fd >= 0)
		close(fd);
	return lives;
}

bool process_signal(struct process_id id, int sig)
{
	int fd = process_open(id), error;
	bool good = fd >= 0 && !pidfd_send_signal(fd, sig, NULL, 0);

	error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return good;
}

void process_end(struct process_id id)
{
	int fd = process_open(id);
	siginfo_t info;

	if (fd < 0)
		return;
	/* of another's child this fails at once */
	if (!pidfd_send_signal(fd, SIGKILL, NULL, 0))
		waitid(P_PIDFD, fd, &info, WEXITED);
	close(fd);
}

void process_spare(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "-1000", 5) != 5)
		perror("oom_score_adj");
	if (fd >= 0)
		close(fd);
}

/* Only as far as is needed: what is started later inherits it. */
int process_files(uint64_t count, struct diag_log *diag)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r))
		return io_error(diag, "RLIMIT_NOFILE");
	if (r.rlim_cur >= count)
		return 0;
	r.rlim_cur = count;
	if (r.rlim_max < count)
		r.rlim_max = count;
	if (setrlimit(RLIMIT_NOFILE, &r))
		return diag_add(diag, HO_ENOFILES, "%llu: %s",
				(unsigned long long)count, strerror(errno));
	return 0;
}

int random_id(uint8_t id[HO_ID_BYTES], struct diag_log *diag)
{
	if (getrandom(id, HO_ID_BYTES, 0) != HO_ID_BYTES)
		return io_error(diag, "getrandom");
	uuid_make_random(id);
	return 0;
}
