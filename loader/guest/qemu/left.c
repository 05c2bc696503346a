// SPDX-License-Identifier: MIT
/*
 * left.c - see left.h.
 */
#include "left.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "baton_mem.h"
#include "guestmem.h"
#include "process.h"

static bool has_mapped(const pid_t *pids, size_t count, const char *device)
{
	struct vrange *found;
	char path[64];
	FILE *maps;
	size_t i;
	int hits = 0;

	for (i = 0; i < count && hits <= 0; i++) {
		snprintf(path, sizeof(path), "/proc/%d/maps", (int)pids[i]);
		maps = fopen(path, "re");
		if (!maps)
			continue;
		hits = maps_find(maps, device, &found);
		fclose(maps);
		free(found);
	}
	return hits > 0;
}

int left_check(const pid_t *pids, size_t count, struct diag_log *diag)
{
	glob_t found;
	size_t i;
	int rc = glob(BATON_MEM_FOLDER "/*", 0, NULL, &found);

	if (rc)
		return rc == GLOB_NOMATCH ? 0 : diag_add(diag, HO_EGUESTLEFT,
				"cannot read " BATON_MEM_FOLDER);
	for (i = 0; i < found.gl_pathc && !rc; i++)
		if (!has_mapped(pids, count, found.gl_pathv[i]) &&
		    guestmem_in_use(found.gl_pathv[i]))
			rc = diag_add(diag, HO_EGUESTLEFT, "%.90s",
				      found.gl_pathv[i]);
	globfree(&found);
	return rc;
}
