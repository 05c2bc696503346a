// SPDX-License-Identifier: MIT
/*
 * left.c - see left.h.
 */
#include "left.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guestmem.h"
#include "memdevice.h"

/* Who is looked for, and what was found. */
struct search {
	const pid_t *pids;		/* who is part of this update */
	size_t count;
	size_t device_count;
	char **devices;			/* glob's */
	bool *ours;			/* [device_count]: one of these maps it */
};

static bool is_one(const struct search *s, pid_t pid)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (s->pids[i] == pid)
			return true;
	return false;
}

/* A private view, as a rehearsal has one, writes nothing there, and may be lost. */
static bool is_view(const char *line)
{
	const char *flags = strchr(line, ' ');

	return flags && strlen(flags) > 4 && flags[4] == 'p';
}

/* A process that is no part of the update and has a device mapped would write
 * into it, or lose it. */
static int take_line(struct search *s, pid_t pid, bool ours, char *line,
		     struct diag_log *diag)
{
	char *path = strstr(line, BATON_MEM_FOLDER "/");
	size_t i;

	if (!path || is_view(line))
		return 0;
	path[strcspn(path, " \n")] = '\0';
	for (i = 0; i < s->device_count; i++) {
		if (strcmp(path, s->devices[i]))
			continue;
		if (!ours)
			return diag_add(diag, HO_EGUESTLEFT,
					"%.70s: process %d", path, (int)pid);
		s->ours[i] = true;
	}
	return 0;
}

static int look_at_process(struct search *s, const char *maps_path,
			   struct diag_log *diag)
{
	pid_t pid = strtol(maps_path + strlen("/proc/"), NULL, 10);
	bool ours = is_one(s, pid);
	FILE *maps = fopen(maps_path, "re");
	char line[4096 + 128];
	int rc = 0;

	if (!maps)
		return 0;		/* it has ended */
	while (!rc && fgets(line, sizeof(line), maps))
		rc = take_line(s, pid, ours, line, diag);
	fclose(maps);
	return rc;
}

static int look_at_processes(struct search *s, struct diag_log *diag)
{
	glob_t found;
	size_t i;
	int rc = 0;

	if (glob("/proc/[0-9]*/maps", 0, NULL, &found))
		return diag_add(diag, HO_EGUESTLEFT, "cannot read /proc");
	for (i = 0; i < found.gl_pathc && !rc; i++)
		rc = look_at_process(s, found.gl_pathv[i], diag);
	globfree(&found);
	return rc;
}

int left_check(const pid_t *pids, size_t count, struct diag_log *diag)
{
	glob_t found;
	struct search s = { .pids = pids, .count = count };
	size_t i;
	int rc;

	/* where somebody took the mount away, guests still run on it */
	if (!access(BATON_MEM_CONTROL, F_OK) && memdevice_mount(diag))
		return -HO_EGUESTMEM;
	rc = glob(BATON_MEM_FOLDER "/*", 0, NULL, &found);
	if (rc)
		return rc == GLOB_NOMATCH ? 0 : diag_add(diag, HO_EGUESTLEFT,
				"cannot read " BATON_MEM_FOLDER);
	s.devices = found.gl_pathv;
	s.device_count = found.gl_pathc;
	s.ours = calloc(found.gl_pathc, sizeof(*s.ours));
	rc = s.ours ? look_at_processes(&s, diag)
		    : diag_add(diag, HO_ENOMEM, "guests");
	/* open, or pinned, and mapped by nobody who is known */
	for (i = 0; i < s.device_count && !rc; i++)
		if (!s.ours[i] && guestmem_in_use(s.devices[i]))
			rc = diag_add(diag, HO_EGUESTLEFT, "%.90s",
				      s.devices[i]);
	free(s.ours);
	globfree(&found);
	return rc;
}
