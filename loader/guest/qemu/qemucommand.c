// SPDX-License-Identifier: MIT
/*
 * qemucommand.c - the program and the command line that a QEMU was started as, for
 * the next one: see qemulook.h.
 */
#include "qemulook.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guestnet.h"
#include "util.h"

static char *read_link(pid_t pid, const char *what)
{
	char path[64], target[4096];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
	return link_read(path, target, sizeof(target)) ? strdup(target) : NULL;
}

/*
 * The program's file, by a name that the next QEMU can be started from. One that
 * was replaced while it ran is " (deleted)", and its name is the new one's; a
 * file may be called so, too.
 */
static char *program_of(pid_t pid, struct diag_log *diag)
{
	static const char gone[] = " (deleted)";
	char *name = read_link(pid, "exe"), path[64];
	size_t length = name ? strlen(name) : 0;
	struct stat runs, here;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	if (!name || stat(path, &runs)) {
		diag_add(diag, HO_EPROCESS, "%s", path);
		free(name);
		return NULL;
	}
	if (length > strlen(gone) &&
	    !strcmp(name + length - strlen(gone), gone) &&
	    (stat(name, &here) || here.st_ino != runs.st_ino ||
	     here.st_dev != runs.st_dev))
		name[length - strlen(gone)] = '\0';
	if (!stat(name, &here) && S_ISREG(here.st_mode) &&
	    !access(name, X_OK))
		return name;
	diag_add(diag, HO_EGUESTPROG, "%.90s", name);
	free(name);
	return NULL;
}

int qemu_take_command(struct qemu *q, struct diag_log *diag)
{
	struct guest_conf *c = &q->conf;
	char path[64];
	int rc;

	c->program = program_of(q->qmp.pid, diag);
	if (!c->program)
		return -diag->items[diag->kept - 1].code;
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)q->qmp.pid);
	c->args = strings_read(path, GUEST_ARGS_MAX, &c->arg_count);
	c->directory = read_link(q->qmp.pid, "cwd");
	c->monitor = realpath(q->qmp.path, NULL);
	if (!c->directory || !c->monitor || !c->args || !c->arg_count)
		return diag_add(diag, HO_EPROCESS,
				"command line of process %d",
				(int)q->qmp.pid);
	rc = guest_process_read(&c->process, q->qmp.pid, diag);
	if (rc)
		return rc;
	c->has_process = true;
	guest_net_read(c, q->qmp.pid);
	return guest_args_check(c, diag);
}
