// SPDX-License-Identifier: MIT
/*
 * fileload.c - see fileload.h. Lines: "door PATH", "image ADDRESS", "crash
 * image" for one of that kind, and "segment START-END" for each, hexadecimal.
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
	if (!strcmp(line, "crash image")) {
		f->crash_image = true;
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

static const char *path_of(bool armed)
{
	return armed ? ARMED_DOOR : LOADED_DOOR;
}

bool fileload_read(bool armed, struct fileload *f)
{
	const char *path = path_of(armed);
	struct diag_log scratch;
	struct mapped m;
	char *text;
	bool good;

	memset(f, 0, sizeof(*f));
	diag_init(&scratch, HO_STAGE_LOADER);
	if (access(path, F_OK) || mapped_open_own(&m, path, HO_EFILE, &scratch))
		return false;
	text = strndup(m.bytes, m.length);
	good = text && take_lines(f, text);
	free(text);
	mapped_close(&m);
	return good;
}

int fileload_write(bool armed, const struct fileload *f, struct diag_log *diag)
{
	struct outfile o;
	int i, rc = outfile_open(&o, path_of(armed), diag);

	if (rc)
		return rc;
	fprintf(o.file, "door %s\nimage %llx\n", f->door,
		(unsigned long long)f->image);
	if (f->crash_image)
		fprintf(o.file, "crash image\n");
	for (i = 0; i < f->count; i++)
		fprintf(o.file, "segment %llx-%llx\n",
			(unsigned long long)f->at[i].start,
			(unsigned long long)f->at[i].end);
	return outfile_commit(&o, diag);
}

void fileload_forget(bool armed)
{
	unlink(path_of(armed));
	leftovers_remove(path_of(armed));
}
