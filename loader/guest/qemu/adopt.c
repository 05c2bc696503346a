// SPDX-License-Identifier: MIT
/*
 * adopt.c - see adopt.h.
 */
#include "adopt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adoptearly.h"
#include "adoptguard.h"
#include "baton_mem.h"
#include "child.h"
#include "guestmem.h"
#include "guestnet.h"
#include "process.h"
#include "qmp.h"
#include "rundir.h"
#include "util.h"

#define POLL_NS		10000000

struct adopt {
	const struct handover *h;
	struct ho_domain *domain;
	struct guest_conf conf;
	struct qmp qmp;
	struct timespec deadline;
	char log[128];
	pid_t child;			/* its parent waits for it */
	bool handed_over;		/* by us: it counts as adopted */
	bool unanswered;		/* whether it was told to run is not known */
	struct adopt_guard guard;
	struct process_id qemu;		/* that answers */
	int state_fd;
};

static int read_states(struct adopt *a, struct diag_log *diag)
{
	int rc = adopt_read_conf(a->h, a->domain, &a->conf, diag);

	if (rc)
		return rc;
	a->state_fd = adopt_state_file(a->h, a->domain, GUEST_DEVICE_STATE,
				       diag);
	return a->state_fd < 0 ? -HO_EGUESTCONF : 0;
}

/* In the child: become QEMU, whose QEMU it was. */
static void exec_qemu(struct adopt *a, char **args)
{
	int log = open(a->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
		       0600);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	/* what it would have instead is the pipe of whoever waits for baton's end */
	if (log < 0 || null < 0)
		_exit(127);
	setsid();
	dup2(null, 0);
	dup2(log, 1);
	dup2(log, 2);
	if (!a->conf.has_process && chdir(a->conf.directory))
		perror(a->conf.directory);
	else if ((!a->conf.has_process ||
		  guest_process_become(&a->conf.process, a->conf.directory)) &&
		 execve(a->conf.program, args, a->conf.has_process
			? a->conf.process.environment : environ))
		perror(a->conf.program);
	_exit(127);
}

/* What the host makes of its network meanwhile, for half of the time at most: without
 * it QEMU ends, or makes a tap that is in no bridge. */
static void wait_for_net(struct adopt *a, int seconds)
{
	static const struct timespec nap = { .tv_nsec = POLL_NS };
	const char *name = guest_net_missing(&a->conf);
	int tries = seconds / 2 * (1000000000 / POLL_NS);

	if (name)
		progress("%s waits for %s", a->domain->name, name);
	while (name && tries--) {
		nanosleep(&nap, NULL);
		name = guest_net_missing(&a->conf);
	}
	if (name)
		progress("%s: %s is not there after %d s", a->domain->name, name,
			 seconds / 2);
}

/* One that listens there already is another one's, and not to be asked. */
static int check_monitor(struct adopt *a, struct diag_log *diag)
{
	struct diag_log scratch;
	struct qmp m;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (qmp_open(&m, a->conf.monitor, &scratch) && m.gone)
		return 0;
	qmp_close(&m);
	return diag_add(diag, HO_EADOPT, "%.31s: another QEMU has its monitor, %.40s",
			a->domain->name, a->conf.monitor);
}

static int start_qemu(struct adopt *a, struct diag_log *diag)
{
	char prefix[128], **args;

	snprintf(prefix, sizeof(prefix), "%s/%s", BATON_MEM_FOLDER,
		 a->domain->name);
	args = guest_args(&a->conf, prefix, diag);
	if (!args)
		return -diag->items[0].code;
	unlink(a->log);
	a->child = fork();
	if (!a->child)
		exec_qemu(a, args);
	strings_free(args);
	if (a->child < 0)
		return io_error(diag, "fork");
	adopt_guard_add(&a->guard, process_id_of(a->child));
	return 0;
}

/* Seconds until the deadline, at least one: the last question is asked. */
static int seconds_left(const struct adopt *a)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec < a->deadline.tv_sec
		? a->deadline.tv_sec - now.tv_sec : 1;
}

static bool late(const struct adopt *a)
{
	static const struct timespec nap = { .tv_nsec = POLL_NS };
	struct timespec now;

	nanosleep(&nap, NULL);
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > a->deadline.tv_sec;
}

/* The last line that QEMU wrote, or `what`. */
static const char *last_line(struct adopt *a, char *text, size_t bytes,
			     const char *what)
{
	char *end;

	if (!text_read_tail(a->log, text, bytes) || !*text)
		return what;
	end = strrchr(text, '\n');
	return end ? end + 1 : text;
}

static int qemu_error(struct adopt *a, const char *what,
		      struct diag_log *diag)
{
	char text[4096];

	return diag_add(diag, HO_EADOPT, "%.31s: %.100s", a->domain->name,
			last_line(a, text, sizeof(text), what));
}

/* True when this QEMU is older than the guest's was. Between versions that
 * differ in the last number alone, device states are the same. */
static bool is_older(const struct adopt *a, const int version[3])
{
	int major = 0, minor = 0;

	sscanf(a->conf.version, "%d.%d", &major, &minor);
	return version[0] < major ||
	       (version[0] == major && version[1] < minor);
}

/* What the program says of itself, asked as the guest's user. */
static bool program_is_older(struct adopt *a)
{
	char *args[] = { a->conf.args[0], "-version", NULL }, text[4096];
	int version[3] = { 0 };
	const char *at;

	a->child = fork();
	if (!a->child)
		exec_qemu(a, args);
	while (a->child > 0 && waitpid(a->child, NULL, WNOHANG) != a->child)
		if (late(a))
			return false;
	a->child = 0;
	if (!text_read_tail(a->log, text, sizeof(text)))
		return false;
	at = strstr(text, "emulator version ");
	return at && sscanf(at, "emulator version %d.%d", &version[0],
			    &version[1]) == 2 && is_older(a, version);
}

/* It ended before it could be asked anything. */
static int qemu_ended(struct adopt *a, struct diag_log *diag)
{
	char text[4096];
	const char *line = last_line(a, text, sizeof(text), "QEMU ended");

	return diag_add(diag, program_is_older(a) ? HO_EGUESTQEMU : HO_EADOPT,
			"%.31s: %.100s", a->domain->name, line);
}

/* With -daemonize the child ends well, and another process answers. */
static int connect_qemu(struct adopt *a, struct diag_log *diag)
{
	struct diag_log scratch;
	int status;

	do {
		diag_init(&scratch, HO_STAGE_LOADER);
		if (!qmp_open_within(&a->qmp, a->conf.monitor,
				     seconds_left(a), &scratch)) {
			a->qemu = process_id_of(a->qmp.pid);
			adopt_guard_add(&a->guard, a->qemu);
			return 0;
		}
		if (a->child && waitpid(a->child, &status, WNOHANG) ==
		    a->child) {
			a->child = 0;
			if (!WIFEXITED(status) || WEXITSTATUS(status))
				return qemu_ended(a, diag);
		}
	} while (!late(a));
	return qemu_error(a, "no answer from its monitor", diag);
}

static int check_version(struct adopt *a, struct diag_log *diag)
{
	int version[3], rc = qmp_version(&a->qmp, version, diag);

	if (rc || !is_older(a, version))
		return rc;
	return diag_add(diag, HO_EGUESTQEMU, "%.31s: %d.%d.%d, was %s",
			a->domain->name, version[0], version[1], version[2],
			a->conf.version);
}

static int ask_to_load(struct adopt *a, struct diag_log *diag)
{
	static const char on[] =
		"{\"capabilities\":[{\"capability\":\"x-ignore-shared\",\"state\":true}]}";
	int rc = qmp_call(&a->qmp, "migrate-set-capabilities",
			  json_tokener_parse(on), NULL, HO_EADOPT, diag);

	if (!rc)
		rc = qmp_give_fd(&a->qmp, "baton", a->state_fd, diag);
	return rc ? rc : qmp_call(&a->qmp, "migrate-incoming",
				  qmp_argument("uri", "fd:baton"), NULL,
				  HO_EADOPT, diag);
}

/* Until the guest's state is as wanted; QEMU ends when it cannot load. */
static int wait_status(struct adopt *a, bool (*wanted)(const char *),
		       struct diag_log *diag)
{
	struct diag_log scratch;
	struct json_object *o;
	bool good = false;

	do {
		const char *status;

		diag_init(&scratch, HO_STAGE_LOADER);
		if (qmp_call(&a->qmp, "query-status", NULL, &o, HO_EADOPT,
			     &scratch))
			return qemu_error(a, "QEMU ended, or does not answer",
					  diag);
		status = qmp_text(o, "status");
		good = status && wanted(status);
		json_object_put(o);
	} while (!good && !late(a));
	return good ? 0 : qemu_error(a, "not done in time", diag);
}

static bool is_loaded(const char *status)
{
	return strcmp(status, "inmigrate") != 0;
}

static bool is_running(const char *status)
{
	return !strcmp(status, "running");
}

/*
 * From here on the memory is its QEMU's: were the guest to run for a moment,
 * the kept state would be of the past. So it counts as adopted before it is
 * told to run, whoever dies meanwhile; only a QEMU that says no undoes that.
 */
static int hand_over(struct adopt *a, struct diag_log *diag)
{
	int rc;

	if (late(a))
		return qemu_error(a, "not done in time", diag);
	if (a->domain->flags & HO_DOM_RELEASED)
		return diag_add(diag, HO_EADOPT, "%.31s: released meanwhile",
				a->domain->name);
	qmp_set_deadline(&a->qmp, QMP_CALL_SECONDS);
	adopt_guard_loaded(&a->guard);
	a->domain->flags |= HO_DOM_RELEASED;
	a->handed_over = true;
	if (!a->conf.running)
		return 0;
	rc = qmp_call(&a->qmp, "cont", NULL, NULL, HO_EADOPT, diag);
	if (rc == -HO_EADOPT) {
		a->domain->flags &= ~HO_DOM_RELEASED;
		a->handed_over = false;
	}
	a->unanswered = rc && a->handed_over;
	return rc ? rc : wait_status(a, is_running, diag);
}

static int give_state(struct adopt *a, struct diag_log *diag)
{
	int rc = ask_to_load(a, diag);

	if (!rc)
		rc = wait_status(a, is_loaded, diag);
	return rc ? rc : hand_over(a, diag);
}

static void end_qemu(struct adopt *a)
{
	process_signal(a->qemu, SIGKILL);
	if (a->child > 0 && !child_end(a->child, NULL))
		progress("%s: its QEMU, process %d, hangs in the kernel and does not end",
			 a->domain->name, (int)a->child);
}

int adopt_run(const struct handover *h, struct ho_domain *d,
	      const struct guest_adopt *how, struct diag_log *diag)
{
	struct adopt a = { .h = h, .domain = d, .qmp.fd = -1,
			   .state_fd = -1 };
	int rc = read_states(&a, diag);

	clock_gettime(CLOCK_MONOTONIC, &a.deadline);
	a.deadline.tv_sec += how->seconds;
	/* RUN_DIR is there: the lock is in it */
	snprintf(a.log, sizeof(a.log), RUN_DIR "/%.63s.log", d->name);
	if (!rc && how->early)
		rc = adopt_early_places(&a.conf, diag);
	if (!rc)
		rc = check_monitor(&a, diag);
	if (!rc)
		wait_for_net(&a, how->seconds);
	if (!rc)
		rc = guestmem_create(h, d, &a.conf, d->name, diag);
	if (!rc)
		rc = adopt_guard_start(&a.guard, d, a.conf.running
				       ? a.conf.monitor : NULL, diag);
	if (!rc)
		rc = start_qemu(&a, diag);
	if (!rc)
		rc = connect_qemu(&a, diag);
	if (!rc)
		rc = check_version(&a, diag);
	if (!rc && how->early)
		rc = adopt_early_disks(&a.qmp, diag);
	if (!rc)
		rc = give_state(&a, diag);
	if (a.handed_over && !a.unanswered)
		adopt_guard_over(&a.guard);
	else if (rc && !a.handed_over)
		end_qemu(&a);
	qmp_close(&a.qmp);		/* the guard asks there */
	adopt_guard_stop(&a.guard);
	guest_conf_free(&a.conf);
	if (a.state_fd >= 0)
		close(a.state_fd);
	return rc;
}
