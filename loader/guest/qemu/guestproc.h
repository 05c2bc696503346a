/* SPDX-License-Identifier: MIT */
/*
 * guestproc.h - the circumstances a QEMU process runs in: whose it is, its
 * limits, its environment. Read in the old instance, part of the guest's
 * configuration (guestconf.h), and what the QEMU of the new instance is
 * started with. Not recorded: cgroup, CPU affinity and scheduling, capabilities,
 * security labels: those are of the unit that adopts.
 * Source: proc(5), systemd.exec(5) for what a service manager adds.
 */
#ifndef LOADER_GUESTPROC_H
#define LOADER_GUESTPROC_H

#include <json-c/json.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "diag.h"

#define GUEST_ENV_MAX		4096	/* variables */
#define GUEST_GROUPS_MAX	65536	/* as the kernel's NGROUPS_MAX */

struct guest_process {
	uint32_t uid, gid;		/* by the kernel, not by its arguments */
	gid_t *groups;			/* supplementary */
	int group_count;
	uint32_t umask;
	int oom_score_adj;		/* -1000..1000 */
	struct rlimit limits[RLIM_NLIMITS];
	char **environment;		/* "NAME=value", NULL-terminated */
	int env_count;
};

/* Of a live process. HO_EGUESTPROC, HO_EPROCESS, HO_ENOMEM. */
int guest_process_read(struct guest_process *p, pid_t pid,
		       struct diag_log *diag);
/* Its ids and umask, from an open /proc/PID/status. False: not all are there,
 * or real and effective ids differ. */
bool guest_process_status(struct guest_process *p, FILE *status);

/* To and from JSON. False: out of memory, or nothing that can be believed;
 * what was read so far is to be freed all the same. */
struct json_object *guest_process_json(const struct guest_process *p);
/* Fill *p from such an object. False as above. */
bool guest_process_take(struct guest_process *p, struct json_object *o);
/* Free what it holds, also after a function above failed. */
void guest_process_free(struct guest_process *p);

/*
 * In a child that is root: become such a process in that folder, but for the
 * environment. What a limit could not be set to is told on stderr and left as it
 * is; false (told, too) when user, groups or folder could not be had.
 */
bool guest_process_become(const struct guest_process *p, const char *folder);

#endif /* LOADER_GUESTPROC_H */
