// SPDX-License-Identifier: MIT
/*
 * iomem.c - see iomem.h.
 */
#include "iomem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "checked.h"
#include "util.h"

/* "START-LAST : NAME", LAST inclusive */
static bool parse_line(char *line, struct range *place, const char **name)
{
	char *colon = strstr(line, " : ");
	uint64_t start, last;

	if (!colon || sscanf(line, " %" SCNx64 "-%" SCNx64, &start,
			     &last) != 2 ||
	    last < start || last == UINT64_MAX)
		return false;
	*place = (struct range){ start, last + 1 };
	*name = colon + 3;
	colon[strcspn(colon, "\n")] = '\0';
	return true;
}

int iomem_walk(const char *path, iomem_visit *visit, void *context,
	       struct diag_log *diag)
{
	FILE *f = fopen(path, "re");
	bool any = false, shown = false;
	struct range place;
	const char *name;
	char line[512];
	int rc = 0;

	if (!f)
		return io_error(diag, path);
	while (!rc && fgets(line, sizeof(line), f)) {
		if (!parse_line(line, &place, &name))
			continue;
		any = true;
		if (place.end == 1)
			continue;
		shown = true;
		rc = visit(context, place, name, diag);
	}
	fclose(f);
	if (rc || !any || shown)
		return rc;
	return diag_add(diag, HO_EPERM, "%s shows zeroes", path);
}

bool iomem_name_is_ram(const char *name)
{
	return !strncmp(name, "System RAM", strlen("System RAM"));
}

struct crash {
	struct range *out;
	bool *found;
};

static int see_crash(void *context, struct range place, const char *name,
		     struct diag_log *diag)
{
	struct crash *c = context;

	(void)diag;
	if (strcmp(name, "Crash kernel"))
		return 0;
	*c->out = place;
	*c->found = true;
	return 0;
}

int iomem_crash_region(const char *path, struct range *out, bool *found,
		       struct diag_log *diag)
{
	struct crash c = { out, found };

	*found = false;
	return iomem_walk(path, see_crash, &c, diag);
}

struct overlap {
	struct range with;
	bool *out;
};

static int see_overlap(void *context, struct range place, const char *name,
		       struct diag_log *diag)
{
	struct overlap *o = context;

	(void)diag;
	if (iomem_name_is_ram(name) && range_overlaps(o->with, place))
		*o->out = true;
	return 0;
}

int iomem_is_ram(const char *path, struct range r, bool *out,
		 struct diag_log *diag)
{
	struct overlap o = { r, out };

	*out = false;
	return iomem_walk(path, see_overlap, &o, diag);
}
