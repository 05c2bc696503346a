// SPDX-License-Identifier: MIT
/*
 * process.c - see process.h.
 */
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "number.h"
#include "util.h"
#include "uuid.h"

#define END_MS	5000			/* for one that was sent SIGKILL */

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

bool maps_line(FILE *maps, char *line, int bytes)
{
	bool begins = true;

	while (fgets(line, bytes, maps)) {
		bool ends = strchr(line, '\n');

		if (begins && ends)
			return true;
		begins = ends;
	}
	return false;
}

/* "START-END " at its beginning. */
static bool range_of(const char *line, struct vrange *r)
{
	size_t length = strcspn(line, " ");
	char text[40];

	if (length >= sizeof(text))
		return false;
	memcpy(text, line, length);
	text[length] = '\0';
	return hex_range_parse(text, &r->start, &r->end) && r->start < r->end;
}

int maps_find(FILE *maps, const char *name, struct vrange **out)
{
	char line[MAPS_LINE_BYTES];
	int count = 0, room = 0;

	*out = NULL;
	while (maps_line(maps, line, sizeof(line))) {
		struct vrange r;
		char *path;

		if (!range_of(line, &r))
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

/* Field `want` (from 3 on) of a stat file; the name in field 2 may hold anything,
 * so count from its closing parenthesis. */
static const char *field_of(const char *path, int want, char *text,
			    size_t bytes)
{
	char *at;
	int field;

	if (!text_read(path, text, bytes))
		return NULL;
	at = strrchr(text, ')');
	for (field = 2; at && field < want; field++)
		at = strchr(at + 1, ' ');
	return at ? at + 1 : NULL;
}

static const char *stat_field(pid_t pid, int want, char *text, size_t bytes)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	return field_of(path, want, text, bytes);
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

/* One that has ended meanwhile stands. */
static bool thread_stands(pid_t pid, const char *thread)
{
	char path[PATH_MAX], text[1024];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/stat", (int)pid,
		 thread);
	at = field_of(path, 3, text, sizeof(text));
	return !at || strchr("TtZX", *at);
}

bool process_stands(pid_t pid, pid_t *thread)
{
	char path[64];
	struct dirent *e;
	bool stands;
	DIR *d;

	*thread = 0;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	d = opendir(path);
	stands = d;
	while (stands && (e = readdir(d))) {
		stands = *e->d_name == '.' || thread_stands(pid, e->d_name);
		if (!stands)
			*thread = atoi(e->d_name);
	}
	if (d)
		closedir(d);
	return stands;
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
	struct pollfd p = { .fd = fd, .events = POLLIN };
	siginfo_t info;

	if (fd < 0)
		return;
	/* of another's child the last fails at once */
	if (!pidfd_send_signal(fd, SIGKILL, NULL, 0) && poll(&p, 1, END_MS) == 1)
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
	ssize_t done;

	/* `baton arm` may run before init, when Linux has not gathered enough
	 * for keys: to wait for that may be to wait for minutes, and an id has
	 * to be another one, not a secret. Linux knows the flag since 5.6. */
	done = getrandom(id, HO_ID_BYTES, GRND_INSECURE);
	if (done < 0 && errno == EINVAL)
		done = getrandom(id, HO_ID_BYTES, 0);
	if (done != HO_ID_BYTES)
		return io_error(diag, "getrandom");
	uuid_make_random(id);
	return 0;
}
