// SPDX-License-Identifier: MIT
/*
 * qemufind.c - see qemufind.h. Source: qemu-options.hx (-qmp, -mon, -chardev,
 * -name).
 */
#include "qemufind.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guestconf.h"
#include "guestopts.h"
#include "number.h"
#include "rehearse.h"
#include "util.h"

#define PROCESSES	"/proc/[0-9]*/cmdline"
/* libvirt's system daemon has a file for each of its guests, with QEMU's number */
#define LIBVIRT_RUN	"/run/libvirt/qemu/"

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool qemu_is_one(char *const *args)
{
	static const char prefix[] = "qemu-system-";
	const char *name = args[0] ? last_part(args[0]) : "";

	return !strncmp(name, prefix, sizeof(prefix) - 1) ||
	       !strcmp(name, "qemu-kvm") || !strcmp(name, "kvm");
}

/* "unix:/run/a.qmp,server=on": the file. */
static char *unix_path(const char *value)
{
	char *whole, *path;

	if (strncmp(value, "unix:", 5) ||
	    asprintf(&whole, "path=%s", value + 5) < 0)
		return NULL;
	path = guest_value_get(whole, "path");
	free(whole);
	return path;
}

/* Of the -chardev that has this id, if it is a socket with a file. */
static char *chardev_path(char *const *args, const char *id)
{
	struct guest_option o;
	char *path = NULL;
	int at = 1;

	while (!path && guest_option_next(args, &at, &o))
		if (guest_option_is(&o, "chardev") && o.value &&
		    guest_value_is(o.value, "id", id) &&
		    (guest_value_is(o.value, "", "socket") ||
		     guest_value_is(o.value, "backend", "socket")))
			path = guest_value_get(o.value, "path");
	return path;
}

/* The monitor of an option, if it is one of QMP by a file. */
static char *monitor_path(char *const *args, const struct guest_option *o)
{
	char *id, *path = NULL;

	if (!o->value)
		return NULL;
	if (guest_option_is(o, "qmp") || guest_option_is(o, "qmp-pretty"))
		return strncmp(o->value, "chardev:", 8) ? unix_path(o->value)
			: chardev_path(args, o->value + 8);
	if (!guest_option_is(o, "mon") ||
	    !guest_value_is(o->value, "mode", "control"))
		return NULL;
	id = guest_value_get(o->value, "chardev");
	if (!id)
		id = guest_value_get(o->value, "");
	if (id)
		path = chardev_path(args, id);
	free(id);
	return path;
}

static char *name_of(const char *value)
{
	char *name = guest_value_get(value, "guest");

	return name ? name : guest_value_get(value, "");
}

static void read_options(struct qemu_found *f, char *const *args)
{
	struct guest_option o;
	int at = 1;

	while (guest_option_next(args, &at, &o)) {
		if (!f->socket)
			f->socket = monitor_path(args, &o);
		if (guest_option_is(&o, "name") && o.value && !f->name)
			f->name = name_of(o.value);
		if (guest_option_is(&o, "chardev") && o.value &&
		    guest_value_is(o.value, "id", "charmonitor"))
			f->by_libvirt = true;
	}
	f->by_libvirt &= !f->socket;
}

/* Another command of ours tries a guest in it. */
static bool is_rehearsal(char *const *args)
{
	struct guest_option o;
	int at = 1;

	while (guest_option_next(args, &at, &o))
		if (guest_option_is(&o, "mon") && o.value &&
		    guest_value_is(o.value, "chardev", REHEARSAL_MONITOR))
			return true;
	return false;
}

bool qemu_found_by(struct qemu_found *f, pid_t pid, char *const *args)
{
	const char *file, *dot;
	char *relative;

	*f = (struct qemu_found){ .pid = pid };
	read_options(f, args);
	relative = f->socket;
	if (relative && *relative != '/') {
		if (asprintf(&f->socket, "/proc/%d/cwd/%s", (int)pid,
			     relative) < 0)
			f->socket = NULL;
		free(relative);
		if (!f->socket)
			return false;
	}
	file = f->socket ? last_part(f->socket) : "";
	dot = strrchr(file, '.');
	if (!f->name && *file && dot != file)
		f->name = strndup(file, dot ? (size_t)(dot - file)
					    : strlen(file));
	if (!f->name && asprintf(&f->name, "qemu-%d", (int)pid) < 0)
		f->name = NULL;
	return f->name;
}

void qemu_found_free(struct qemu_found *f)
{
	free(f->name);
	free(f->socket);
	f->name = f->socket = NULL;
}

/* One that has ended meanwhile is none. */
static int look_at(const char *path, qemu_found_fn fn, void *context,
		   struct diag_log *diag)
{
	int count, rc = 0;
	char **args = strings_read(path, GUEST_ARGS_MAX, &count);
	struct qemu_found f;

	if (args && count && qemu_is_one(args) && !is_rehearsal(args)) {
		rc = qemu_found_by(&f, atoi(path + strlen("/proc/")), args)
			? fn(context, &f, diag)
			: diag_add(diag, HO_ENOMEM, "guests");
		qemu_found_free(&f);
	}
	strings_free(args);
	return rc;
}

int qemu_find_each(qemu_found_fn fn, void *context, struct diag_log *diag)
{
	glob_t found;
	size_t i;
	int rc;

	rc = glob(PROCESSES, 0, NULL, &found);
	if (rc == GLOB_NOMATCH)
		return 0;
	if (rc)
		return diag_add(diag, HO_EIO, "processes: " PROCESSES);
	for (i = 0; i < found.gl_pathc && !rc; i++)
		rc = look_at(found.gl_pathv[i], fn, context, diag);
	globfree(&found);
	return rc;
}

static pid_t pid_in(const char *path)
{
	return number_in(path, 2, INT32_MAX);
}

/* Its own kind has it. The name, too: the file may be of a daemon that crashed. */
static bool is_libvirts(const struct qemu_found *f)
{
	char *path;
	bool is;

	if (f->socket || asprintf(&path, LIBVIRT_RUN "%s.pid", f->name) < 0)
		return false;
	is = pid_in(path) == f->pid;
	free(path);
	return is;
}

/* One of its files; that of a guest which has ended is nobody's. */
static int look_at_file(const char *path, qemu_found_fn fn, void *context,
			struct diag_log *diag)
{
	const char *name = last_part(path);
	struct qemu_found f = { .pid = pid_in(path) };
	char process[64];
	int rc = 0;

	snprintf(process, sizeof(process), "/proc/%d/cmdline", (int)f.pid);
	if (access(process, F_OK))
		return 0;
	f.name = strndup(name, strlen(name) - strlen(".pid"));
	rc = f.name ? fn(context, &f, diag)
		    : diag_add(diag, HO_ENOMEM, "guests");
	qemu_found_free(&f);
	return rc;
}

static int libvirt_each(qemu_found_fn fn, void *context, struct diag_log *diag)
{
	glob_t found;
	size_t i;
	int rc = glob(LIBVIRT_RUN "*.pid", 0, NULL, &found);

	if (rc)
		return rc == GLOB_NOMATCH ? 0
			: diag_add(diag, HO_EIO, LIBVIRT_RUN "*.pid");
	for (i = 0; i < found.gl_pathc && !rc; i++)
		rc = look_at_file(found.gl_pathv[i], fn, context, diag);
	globfree(&found);
	return rc;
}

static int is_there(void *context, struct qemu_found *f, struct diag_log *diag)
{
	(void)f, (void)diag;
	*(bool *)context = true;
	return 0;
}

bool qemu_libvirt_runs(void)
{
	struct diag_log scratch;
	bool runs = false;

	diag_init(&scratch, HO_STAGE_LOADER);
	libvirt_each(is_there, &runs, &scratch);
	return runs;
}

/* What is done with each. */
struct finding {
	const struct guest_kind *kind;
	const struct guest_wanted *wanted;
	guest_new_fn add;
	void *context;
};

/* One without a socket is there, too, and refused. */
static int add_found(void *context, struct qemu_found *q,
		     struct diag_log *diag)
{
	const struct finding *f = context;
	struct diag_log own;
	struct guest *g;
	int rc;

	if (guest_is_left(f->wanted, q->name) || is_libvirts(q))
		return 0;
	g = f->add(f->context, f->kind, diag);
	if (!g)
		return -diag->items[0].code;
	g->name = g->found[0] = q->name;
	g->given = g->found[1] = q->socket;
	diag_init(&own, diag->stage);
	if (!q->socket) {
		rc = diag_add(&own, q->by_libvirt ? HO_ELIBVIRTSESSION
						  : HO_EGUESTSOCKET,
			      "%.60s, process %d", q->name, (int)q->pid);
		guest_said(g, rc, &own, diag);
	}
	q->name = q->socket = NULL;
	return 0;
}

int qemu_find(const struct guest_kind *kind, const struct guest_wanted *wanted,
	      guest_new_fn add, void *context, struct diag_log *diag)
{
	struct finding f = { kind, wanted, add, context };

	return qemu_find_each(add_found, &f, diag);
}

/* Who is known of a kind. */
struct known {
	const struct guest_wanted *wanted;
	struct guest *const *list;
	int count;
	bool libvirts;
};

static int refuse_new(void *context, struct qemu_found *q,
		      struct diag_log *diag)
{
	const struct known *k = context;
	int i;

	for (i = 0; i < k->count; i++)
		if (k->list[i]->runner == q->pid)
			return 0;
	if (guest_is_left(k->wanted, q->name) || is_libvirts(q) != k->libvirts)
		return 0;
	return diag_add(diag, HO_EPLAN, "%.60s, process %d, has come since",
			q->name, (int)q->pid);
}

int qemu_joined(bool libvirts, const struct guest_wanted *wanted,
		struct guest *const *list, int count, struct diag_log *diag)
{
	struct known k = { wanted, list, count, libvirts };

	return libvirts ? libvirt_each(refuse_new, &k, diag)
			: qemu_find_each(refuse_new, &k, diag);
}
