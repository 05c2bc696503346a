// SPDX-License-Identifier: MIT
/*
 * rehearse.c - see rehearse.h. Here: its process.
 */
#include "rehearse.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "guestedit.h"
#include "qemulook.h"
#include "util.h"

#define POLL_NS		2000000
#define WORDS_BYTES	4096

/* What the child is given, all made before fork(). */
struct start {
	const struct qemu *q;
	const char *program;
	char **args;
	char **disks;			/* files that QEMU opens to write */
	int monitor;
};

/* QEMU opens its disks as the guest will, and that is to work. It writes to none
 * before the guest runs. */
static char **disk_files(struct qemu *q)
{
	struct json_object *nodes = qemu_ask(q, "query-named-block-nodes",
					     qmp_flat());
	struct arg_list a = { 0 };
	size_t i;

	for (i = 0; i < qemu_list_length(nodes); i++) {
		struct json_object *o = json_object_array_get_idx(nodes, i);
		const char *file = qmp_text(o, "file");
		char *path = NULL;

		if (!file || strcmp(qmp_text(o, "drv") ?: "", "file"))
			continue;
		if (*file != '/' &&
		    asprintf(&path, "%s/%s", q->conf.directory, file) < 0)
			path = NULL;
		arg_take(&a, path ? path : strdup(file));
	}
	json_object_put(nodes);
	if (!a.list)
		a.list = calloc(1, sizeof(*a.list));
	return a.list;
}

static bool clear_readonly(const char *path)
{
	struct mount_attr off = { .attr_clr = MOUNT_ATTR_RDONLY };

	return !mount_setattr(AT_FDCWD, path, 0, &off, sizeof(off));
}

/* No network but its own, and no file that it could write to but its disks. */
static bool shut_in(const struct start *s)
{
	struct mount_attr on = { .attr_set = MOUNT_ATTR_RDONLY };
	char *const *disk;

	if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC) ||
	    mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) ||
	    mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &on, sizeof(on)) ||
	    !clear_readonly("/proc")) {
		perror("cannot be shut in");
		return false;
	}
	for (disk = s->disks; *disk; disk++)
		if (mount(*disk, *disk, NULL, MS_BIND, NULL) ||
		    !clear_readonly(*disk))
			perror(*disk);	/* QEMU says so, if it matters */
	return rehearse_taps(s->args, s->q->conf.process.uid);
}

static bool pass_on(const struct start *s, const int *memory)
{
	int i;

	for (i = 0; i < s->q->conf.backend_count; i++)
		if (fcntl(memory[i], F_SETFD, 0))
			return false;
	return !fcntl(s->monitor, F_SETFD, 0);
}

/* In the child. What it says is the log. */
static void become_qemu(const struct start *s, const struct rehearsal *r)
{
	const struct guest_conf *c = &s->q->conf;
	struct guest_process process = c->process;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	/* the first to go when memory runs out */
	process.oom_score_adj = 1000;
	setsid();
	dup2(null, 0);
	dup2(r->log_fd, 1);
	dup2(r->log_fd, 2);
	if (shut_in(s) && pass_on(s, r->memory) &&
	    guest_process_become(&process, c->directory) &&
	    execve(s->program, s->args, c->process.environment))
		perror(s->program);
	_exit(127);
}

/*
 * In the first process of a namespace: when it is killed, or the caller ends, all
 * that it has started does, whoever's they are. It holds nothing of them open.
 */
static void watch_qemu(const struct start *s, const struct rehearsal *r)
{
	pid_t qemu;
	int status;
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* it had ended before that */
	if (!recv(s->monitor, &byte, 1, MSG_PEEK | MSG_DONTWAIT))
		_exit(1);
	qemu = fork();
	if (!qemu)
		become_qemu(s, r);
	close(s->monitor);
	if (qemu < 0 || waitpid(qemu, &status, 0) != qemu)
		status = 1;
	_exit(status ? 1 : 0);
}

/* The last line that it wrote, or `what`. */
static const char *last_words(const struct rehearsal *r, char *text,
			      const char *what)
{
	off_t end = lseek(r->log_fd, 0, SEEK_END);
	ssize_t got = pread(r->log_fd, text, WORDS_BYTES - 1,
			    end > WORDS_BYTES - 1 ? end - WORDS_BYTES + 1 : 0);
	char *line;

	text[got > 0 ? got : 0] = '\0';
	while (got > 0 && (text[got - 1] == '\n' || text[got - 1] == '\r'))
		text[--got] = '\0';
	line = strrchr(text, '\n');
	return got <= 0 ? what : line ? line + 1 : text;
}

static int refuse(const struct rehearsal *r, const struct qemu *q, int code,
		  const char *what, struct diag_log *diag)
{
	const char *name = strrchr(q->qmp.path, '/');
	char text[WORDS_BYTES];

	return diag_add(diag, code, "%.20s: %.120s",
			name ? name + 1 : q->qmp.path,
			last_words(r, text, what));
}

static bool has_private_view(int fd)
{
	void *page = mmap(NULL, HO_PAGE_BYTES, PROT_READ, MAP_PRIVATE, fd, 0);

	if (page == MAP_FAILED)
		return false;
	munmap(page, HO_PAGE_BYTES);
	return true;
}

static int open_memory(struct rehearsal *r, const struct qemu *q,
		       struct diag_log *diag)
{
	struct stat file;
	char path[96];
	int i;

	for (i = 0; i < q->conf.backend_count; i++) {
		snprintf(path, sizeof(path), "/proc/%d/map_files/%llx-%llx",
			 (int)q->qmp.pid,
			 (unsigned long long)q->mappings[i].map_start,
			 (unsigned long long)q->mappings[i].map_end);
		r->memory[i] = open(path, O_RDONLY | O_CLOEXEC);
		if (r->memory[i] < 0)
			return diag_add(diag, errno == EPERM ? HO_EPERM :
					HO_EPROCESS, "%s: %s", path,
					strerror(errno));
		if (fstat(r->memory[i], &file) || !S_ISCHR(file.st_mode) ||
		    has_private_view(r->memory[i]))
			continue;
		/* baton_mem of 0.7 and before */
		close(r->memory[i]);
		r->memory[i] = memfd_create("rehearsal", MFD_CLOEXEC);
		if (r->memory[i] < 0)
			return io_error(diag, "memfd_create");
		r->has_other_memory = true;
	}
	return 0;
}

static int spawn(struct rehearsal *r, struct start *s, int ends[2],
		 struct diag_log *diag)
{
	r->log_fd = memfd_create("rehearsal", MFD_CLOEXEC);
	if (r->log_fd < 0)
		return io_error(diag, "memfd_create");
	fflush(NULL);
	r->pid = syscall(SYS_clone, SIGCHLD | CLONE_NEWPID, NULL, NULL, NULL,
			 0);
	if (!r->pid) {
		close(ends[0]);
		watch_qemu(s, r);
	}
	close(ends[1]);
	ends[1] = -1;
	if (r->pid < 0) {
		r->pid = 0;
		return io_error(diag, "clone");
	}
	r->pidfd = pidfd_open(r->pid, 0);
	return 0;
}

/* One that is older may not read the state, whatever it shows. */
static int check_version(struct rehearsal *r, const struct qemu *q,
			 struct diag_log *diag)
{
	int is[3], major = 0, minor = 0, rc = qmp_version(&r->qmp, is, diag);

	sscanf(q->conf.version, "%d.%d", &major, &minor);
	if (!rc && (is[0] < major || (is[0] == major && is[1] < minor)))
		rc = diag_add(diag, HO_EGUESTQEMU, "%.60s: %d.%d.%d, runs %s",
			      q->qmp.path, is[0], is[1], is[2],
			      q->conf.version);
	return rc;
}

static int begin(struct rehearsal *r, struct qemu *q, struct start *s,
		 struct diag_log *diag)
{
	struct diag_log scratch;
	int ends[2], rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return io_error(diag, "socketpair");
	s->monitor = ends[1];
	rc = open_memory(r, q, diag);
	s->args = rc ? NULL : rehearse_args(q, ends[1], r->memory, diag);
	if (!rc)
		rc = s->args ? spawn(r, s, ends, diag) : -HO_ENOMEM;
	if (ends[1] >= 0)
		close(ends[1]);
	if (rc) {
		close(ends[0]);
		return rc;
	}
	diag_init(&scratch, HO_STAGE_LOADER);
	if (qmp_open_fd(&r->qmp, ends[0], "rehearsal", REHEARSE_SECONDS,
			&scratch))
		return refuse(r, q, HO_EREHEARSE, scratch.items[0].where,
			      diag);
	return check_version(r, q, diag);
}

int rehearse_start(struct rehearsal *r, struct qemu *q, const char *program,
		   struct diag_log *diag)
{
	struct start s = { .q = q, .program = program ?: q->conf.program };
	int i, rc;

	*r = (struct rehearsal){ .begun = true, .pidfd = -1, .log_fd = -1, .qmp.fd = -1 };
	for (i = 0; i < GUEST_BACKENDS_MAX; i++)
		r->memory[i] = -1;
	s.disks = disk_files(q);
	rc = s.disks ? begin(r, q, &s, diag)
		     : diag_add(diag, HO_ENOMEM, "rehearsal");
	qmp_set_deadline(&q->qmp, REHEARSE_SECONDS);
	if (!rc)
		rc = rehearse_compare(q, &r->qmp, diag);
	qmp_set_deadline(&q->qmp, 0);
	strings_free(s.args);
	strings_free(s.disks);
	if (rc)
		rehearse_end(r);
	return rc;
}

static int ask_to_load(struct rehearsal *r, int fd, struct diag_log *diag)
{
	/* without the second it would take the disks' locks */
	static const char on[] =
		"{\"capabilities\":[{\"capability\":\"x-ignore-shared\",\"state\":true},"
		"{\"capability\":\"late-block-activate\",\"state\":true}]}";
	int rc = qmp_call(&r->qmp, "migrate-set-capabilities",
			  json_tokener_parse(on), NULL, HO_EREHEARSESTATE,
			  diag);

	if (!rc)
		rc = qmp_give_fd(&r->qmp, "baton", fd, diag);
	return rc ? rc : qmp_call(&r->qmp, "migrate-incoming",
				  qmp_argument("uri", "fd:baton"), NULL,
				  HO_EREHEARSESTATE, diag);
}

/* QEMU ends when it cannot load. */
static int wait_loaded(struct rehearsal *r, const struct qemu *q,
		       struct diag_log *diag)
{
	static const struct timespec nap = { .tv_nsec = POLL_NS };
	struct diag_log scratch;
	struct json_object *o;
	bool waits = true;

	while (waits) {
		diag_init(&scratch, HO_STAGE_LOADER);
		if (qmp_call(&r->qmp, "query-status", NULL, &o, 0, &scratch))
			return refuse(r, q, HO_EREHEARSESTATE,
				      "not done in time", diag);
		waits = !strcmp(qmp_text(o, "status") ?: "", "inmigrate");
		json_object_put(o);
		if (waits)
			nanosleep(&nap, NULL);
	}
	return 0;
}

int rehearse_load(struct rehearsal *r, const struct qemu *q, int state_fd,
		  int seconds, struct diag_log *diag)
{
	char path[32];
	int rc, fd;

	/* a place in the file of its own */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", state_fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return io_error(diag, path);
	qmp_set_deadline(&r->qmp, seconds);
	rc = ask_to_load(r, fd, diag);
	close(fd);
	return rc ? rc : wait_loaded(r, q, diag);
}

void rehearse_end(struct rehearsal *r)
{
	int i, status;

	if (!r->begun)
		return;
	if (r->pid && (r->pidfd < 0 ||
		       pidfd_send_signal(r->pidfd, SIGKILL, NULL, 0)))
		kill(r->pid, SIGKILL);
	if (r->pid && !child_end(r->pid, &status))
		progress("process %d of a rehearsal hangs in the kernel and does not end",
			 (int)r->pid);
	r->begun = false;
	for (i = 0; i < GUEST_BACKENDS_MAX; i++)
		if (r->memory[i] >= 0)
			close(r->memory[i]);
	if (r->pidfd >= 0)
		close(r->pidfd);
	if (r->log_fd >= 0)
		close(r->log_fd);
	qmp_close(&r->qmp);
}
