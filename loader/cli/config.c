// SPDX-License-Identifier: MIT
/*
 * config.c - see config.h. A file is lines OPTION = VALUE; root's alone, for it
 * decides over the host.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

bool config_takes(const struct option_row *row)
{
	static const char *const guests[] = {
		"leave", "no-kept", "rehearse", "new-qemu", NULL
	};
	static const char *const calls[] = {
		"yes", "again", "dry-run", "no-exec", NULL
	};
	const bool of_guests = row->group == GROUP_GUESTS;
	const char *const *names = of_guests ? guests : calls;

	if (!option_is_of(row, COMMAND_UPGRADE) ||
	    !option_is_of(row, COMMAND_PRECHECK) ||
	    row->group == GROUP_OUTPUT)
		return false;
	for (; *names; names++)
		if (!strcmp(*names, row->name))
			return of_guests;
	return !of_guests;
}

static int refuse(const struct config *c, int file, int line,
		  const char *why, const char *text, struct diag_log *diag)
{
	return diag_add(diag, HO_ECONFIG, "%.80s:%d: %s%s%.60s",
			c->files[file], line, why, *text ? ": " : "", text);
}

/* Cut at both ends; `end` is behind it. */
static char *trim(char *from, char *end)
{
	while (from < end && isspace((unsigned char)*from))
		from++;
	while (end > from && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return from;
}

/* What an earlier file says of it is gone. Twice in one file is a mistake. */
static bool replace(struct config *c, const struct option_row *row, int file)
{
	int i, to = 0;

	for (i = 0; i < c->count; i++) {
		if (c->lines[i].row == row && c->lines[i].file == file &&
		    !row->again)
			return false;
		if (c->lines[i].row == row && c->lines[i].file != file)
			free(c->lines[i].value);
		else
			c->lines[to++] = c->lines[i];
	}
	c->count = to;
	return true;
}

static int take_line(struct config *c, int file, int line, char *text,
		     struct diag_log *diag)
{
	char *equals = strchr(text, '='), *name, *value;
	const struct option_row *row;

	if (!equals)
		return refuse(c, file, line, "want OPTION = VALUE", text, diag);
	name = trim(text, equals);
	value = trim(equals + 1, equals + 1 + strlen(equals + 1));
	row = option_find(name, COMMAND_UPGRADE);
	if (!row || !config_takes(row))
		return refuse(c, file, line, row
			      ? "is for the call alone" : "no such option",
			      name, diag);
	if (!*value)
		return refuse(c, file, line, "no value", name, diag);
	if (!row->value && strcmp(value, "yes") && strcmp(value, "no"))
		return refuse(c, file, line, "want yes or no", value, diag);
	if (!replace(c, row, file))
		return refuse(c, file, line, "twice in this file", name, diag);
	if (c->count == CONFIG_MAX)
		return refuse(c, file, line, "too many lines", "", diag);
	value = strdup(value);
	if (!value)
		return diag_add(diag, HO_ENOMEM, "%s", c->files[file]);
	c->lines[c->count++] = (struct config_line){ row, value, file, line };
	return 0;
}

int config_parse(struct config *c, int file, const char *text, size_t bytes,
		 struct diag_log *diag)
{
	char *copy, *at, *next;
	int line = 0, rc = 0;

	if (bytes > CONFIG_BYTES_MAX || memchr(text, '\0', bytes))
		return refuse(c, file, 1, "no text, or more than 64 KiB", "",
			      diag);
	copy = strndup(text, bytes);
	if (!copy)
		return diag_add(diag, HO_ENOMEM, "%s", c->files[file]);
	for (at = copy; at && !rc; at = next) {
		next = strchr(at, '\n');
		line++;
		at = trim(at, next ? next : at + strlen(at));
		if (next)
			next++;
		if (*at && *at != '#')
			rc = take_line(c, file, line, at, diag);
	}
	free(copy);
	return rc;
}

/* One that is empty says nothing. */
static int read_file(struct config *c, const char *path,
		     struct diag_log *diag)
{
	struct mapped m;
	struct stat st;
	int rc;

	if (c->file_count == CONFIG_FILES_MAX)
		return diag_add(diag, HO_ECONFIG, "%.80s: more than %d files",
				path, CONFIG_FILES_MAX);
	if (stat(path, &st))
		return diag_add(diag, HO_EFILE, "%.80s: %s", path,
				strerror(errno));
	if (!st.st_size)
		return 0;
	rc = mapped_open_own(&m, path, HO_EFILE, diag);
	if (rc)
		return rc;
	c->files[c->file_count] = strdup(path);
	rc = c->files[c->file_count]
	   ? config_parse(c, c->file_count++, m.bytes, m.length, diag)
	   : diag_add(diag, HO_ENOMEM, "%s", path);
	mapped_close(&m);
	return rc;
}

int config_read(struct config *c, struct diag_log *diag)
{
	static const char *const patterns[] = { CONFIG_FILE, CONFIG_MORE };
	glob_t found;
	size_t i, j;
	int rc = 0, none;

	*c = (struct config){ 0 };
	for (i = 0; i < ARRAY_COUNT(patterns) && !rc; i++) {
		none = glob(patterns[i], 0, NULL, &found);
		if (none == GLOB_NOMATCH)
			continue;
		if (none)
			return diag_add(diag, HO_EFILE, "%s", patterns[i]);
		for (j = 0; j < found.gl_pathc && !rc; j++)
			rc = read_file(c, found.gl_pathv[j], diag);
		globfree(&found);
	}
	return rc;
}

/* What is left to end does not go with guests that the call names: these are all. */
static bool is_moot(const struct config_line *l, const struct arguments *a)
{
	return !strcmp(l->row->name, "leave") && options_name_guests(a);
}

int config_apply(const struct config *c, struct arguments *a,
		 enum command_id command, struct diag_log *diag)
{
	bool of_call[OPTIONS_MAX];
	struct diag_log own;
	int i;

	memcpy(of_call, a->given, sizeof(of_call));
	for (i = 0; i < c->count; i++) {
		const struct config_line *l = &c->lines[i];
		size_t row = l->row - option_rows;

		if (!option_is_of(l->row, command) || of_call[row] ||
		    is_moot(l, a) ||
		    (!l->row->value && !strcmp(l->value, "no")))
			continue;
		diag_init(&own, diag->stage);
		if (l->row->set(a, l->row, l->value, &own))
			return refuse(c, l->file, l->line, own.items[0].where,
				      "", diag);
		a->given[row] = true;
	}
	return 0;
}

void config_free(struct config *c)
{
	while (c->count)
		free(c->lines[--c->count].value);
	while (c->file_count)
		free(c->files[--c->file_count]);
}
