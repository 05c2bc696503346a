// SPDX-License-Identifier: MIT
/*
 * targetmodule.c - see targetmodule.h. A kernel names its release in its header,
 * depmod lists the modules of each.
 */
#include "targetmodule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmdline.h"
#include "newest.h"
#include "running.h"
#include "util.h"

#define MODULES		"/lib/modules/"
#define OURS		"baton_mem.ko"	/* and .xz, .zst, .gz */

/* In an archive that is not packed its names can be seen, wherever it lies. */
static bool is_in_initrd(const char *path)
{
	struct diag_log scratch;
	struct mapped m;
	bool is;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (mapped_open(&m, path, HO_EINITRD, &scratch))
		return false;
	is = memmem(m.bytes, m.length, OURS, strlen(OURS));
	mapped_close(&m);
	return is;
}

/* "updates/dkms/baton_mem.ko.xz: what it needs"; of those that are built in the
 * name alone. */
static bool is_listed(const char *list)
{
	FILE *file = fopen(list, "re");
	char *line = NULL, *name;
	size_t bytes = 0;
	bool is = false;

	while (file && !is && getline(&line, &bytes, file) >= 0) {
		line[strcspn(line, ":\n")] = '\0';
		name = strrchr(line, '/');
		is = !strncmp(name ? name + 1 : line, OURS, strlen(OURS));
	}
	free(line);
	if (file)
		fclose(file);
	return is;
}

static bool is_in_root(struct target_module *m)
{
	char built_in[PATH_MAX];

	snprintf(built_in, sizeof(built_in), MODULES "%s/modules.builtin",
		 m->release);
	return is_listed(m->list) || is_listed(built_in);
}

/* Said in the same words. */
static bool is_this_root(const struct pack *p)
{
	char line[RUNNING_CMDLINE_BYTES] = "";
	size_t here_bytes, there_bytes;
	const char *here, *there;

	text_read("/proc/cmdline", line, sizeof(line));
	here = cmdline_value(line, "root=", &here_bytes);
	there = cmdline_value(p->cmdline ? p->cmdline : "", "root=",
			      &there_bytes);
	return here_bytes && here_bytes == there_bytes &&
	       !memcmp(here, there, here_bytes);
}

/* None, or the host's own for this kernel, which is made of /lib/modules. */
static bool is_own_initrd(const char *initrd, const char *release)
{
	const char *name = strrchr(initrd, '/');

	return !*initrd || (name && !strncmp(name, "/initrd.img-", 12) &&
			    !strcmp(name + 12, release));
}

void target_module_look(struct target_module *m, const struct pack *p)
{
	const char *initrd = p->initrd && strcmp(p->initrd, "none") ? p->initrd
								     : "";

	*m = (struct target_module){ .found = TARGET_MODULE_UNKNOWN };
	if ((p->target && strcmp(p->target, "linux")) || !p->kernel)
		return;
	newest_release_of(m->release, p->kernel);
	if (*m->release)
		snprintf(m->list, sizeof(m->list), MODULES "%s/modules.dep",
			 m->release);
	if ((*initrd && is_in_initrd(initrd)) ||
	    (*m->release && is_in_root(m)))
		m->found = TARGET_MODULE_THERE;
	else if (*m->release && !access(m->list, R_OK) && is_this_root(p) &&
		 is_own_initrd(initrd, m->release))
		m->found = TARGET_MODULE_MISSING;
}
