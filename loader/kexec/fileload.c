// SPDX-License-Identifier: MIT
/*
 * fileload.c - see fileload.h. Lines: "door PATH", "image ADDRESS", and
 * "segment START-END" for each, hexadecimal.
 */
#include "fileload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "number.h"
#include "rundir.h"
#include "util.h"

static bool take_line(struct fileload *f, const char *line)
{
	struct range r;

	if (!strncmp(line, "door ", 5))
		return snprintf(f->door, sizeof(f->door), "%s", line + 5) <
		       (int)sizeof(f->door);
	if (!strncmp(line, "image ", 6)) {
		f->image = strtoull(line + 6, NULL, 16);
		return true;
	}
	if (strncmp(line, "segment ", 8) || f->count == PLACES_MAX ||
	    !hex_range_parse(line + 8, &r.start, &r.end))
		return false;
	f->at[f->count++] = r;
	return true;
}

static bool take_lines(struct fileload *f, char *text)
{
	char *rest, *line = strtok_r(text, "\n", &rest);
	bool good = line != NULL;

	for (; line && good; line = strtok_r(NULL, "\n", &rest))
		good = take_line(f, line);
	return good && *f->door;
}

bool fileload_read(struct fileload *f)
{
	struct diag_log scratch;
	struct mapped m;
	char *text;
	bool good;

	memset(f, 0, sizeof(*f));
	diag_init(&scratch, HO_STAGE_LOADER);
	if (access(LOADED_DOOR, F_OK) ||
	    mapped_open_own(&m, LOADED_DOOR, HO_EFILE, &scratch))
		return false;
	text = strndup(m.bytes, m.length);
	good = text && take_lines(f, text);
	free(text);
	mapped_close(&m);
	return good;
}

int fileload_write(const struct fileload *f, struct diag_log *diag)
{
	struct outfile o;
	int i, rc = outfile_open(&o, LOADED_DOOR, diag);

	if (rc)
		return rc;
	fprintf(o.file, "door %s\nimage %llx\n", f->door,
		(unsigned long long)f->image);
	for (i = 0; i < f->count; i++)
		fprintf(o.file, "segment %llx-%llx\n",
			(unsigned long long)f->at[i].start,
			(unsigned long long)f->at[i].end);
	return outfile_commit(&o, diag);
}

void fileload_forget(void)
{
	unlink(LOADED_DOOR);
	leftovers_remove(LOADED_DOOR);
}
