// SPDX-License-Identifier: MIT
/*
 * adoptearly.c - see adoptearly.h. Source: fstab(5), proc(5) of mounts.
 */
#include "adoptearly.h"

#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guestopts.h"
#include "qemulook.h"

#define LINE_BYTES	4096

/* The first place of a table of mounts that is `fn`; false: none is. A table that
 * is not there has none. */
static bool mount_find(const char *table, bool (*fn)(const char *dir, void *own),
		       void *own, char out[LINE_BYTES])
{
	FILE *f = fopen(table, "re");
	struct mntent m;
	bool found = false;

	while (f && !found && getmntent_r(f, &m, out, LINE_BYTES)) {
		found = fn(m.mnt_dir, own);
		if (found)
			memmove(out, m.mnt_dir, strlen(m.mnt_dir) + 1);
	}
	if (f)
		fclose(f);
	return found;
}

static bool is_same(const char *dir, void *other)
{
	return !strcmp(dir, other);
}

static bool is_mounted(const char *dir)
{
	char line[LINE_BYTES];

	return mount_find("/proc/self/mounts", is_same, (void *)dir, line);
}

/* `path` is `dir`, or below it. */
static bool is_below(const char *path, const char *dir)
{
	size_t length = strlen(dir);

	return !strncmp(path, dir, length) &&
	       (!path[length] || path[length] == '/');
}

/* One place under the two names it may have. */
struct place {
	const char *given;
	char *real;			/* NULL: of nothing that is there */
};

/* Of the path as it is with links followed as far as there is anything. */
static char *real_path(const char *path)
{
	char *known = strdup(path), *real = NULL, *full = NULL, *slash;

	while (known && !(real = realpath(known, NULL)) &&
	       (slash = strrchr(known, '/')) && slash != known)
		*slash = '\0';
	if (real && asprintf(&full, "%s%s", strcmp(real, "/") ? real : "",
			     path + strlen(known)) < 0)
		full = NULL;
	free(known);
	free(real);
	return full;
}

static bool is_missing(const char *dir, void *own)
{
	const struct place *p = own;

	return *dir == '/' && dir[1] && (is_below(p->given, dir) ||
		(p->real && is_below(p->real, dir))) && !is_mounted(dir);
}

static int place_check(const char *path, struct diag_log *diag)
{
	struct place p = { path, real_path(path) };
	char line[LINE_BYTES];
	bool missing = mount_find("/etc/fstab", is_missing, &p, line);

	free(p.real);
	return missing ? diag_add(diag, HO_EADOPT, "%.80s: %.80s is not mounted yet",
				  path, line) : 0;
}

/* A path, or one behind "file:", "unix:"; NULL: none, a URL for example. */
static const char *path_in(const char *text)
{
	const char *at = strchr(text, '/');

	if (!at || (at != text && at[-1] != ':') || (at != text && at[1] == '/'))
		return NULL;
	return at;
}

static bool check_text(void *context, const char *key, const char *text)
{
	const char *path = path_in(text);

	(void)key;
	return path && place_check(path, context);
}

int adopt_early_places(const struct guest_conf *c, struct diag_log *diag)
{
	struct guest_option o;
	int at = 1, rc = place_check(c->directory, diag);

	while (!rc && guest_option_next(c->args, &at, &o))
		if (guest_value_each(o.value, check_text, diag))
			rc = -HO_EADOPT;
	return rc;
}

/* Drivers that open a file by its name; all others have a device, or no name. */
static bool is_file(const char *driver)
{
	return !strcmp(driver, "file") || !strcmp(driver, "vvfat");
}

int adopt_early_disks(struct qmp *m, struct diag_log *diag)
{
	struct json_object *flat = json_object_new_object(), *list;
	size_t i;
	int rc;

	json_object_object_add(flat, "flat", json_object_new_boolean(true));
	rc = qmp_call(m, "query-named-block-nodes", flat, &list, HO_EQMP, diag);
	if (rc)
		return rc;
	if (!json_object_is_type(list, json_type_array))
		rc = diag_add(diag, HO_EQMP, "query-named-block-nodes: no list");
	for (i = 0; !rc && i < qemu_list_length(list); i++) {
		struct json_object *node = qmp_item(list, i);
		const char *driver = qmp_text(node, "drv");
		const char *file = qmp_text(node, "file");

		if (!driver || is_file(driver))
			rc = diag_add(diag, HO_EADOPT,
				      "its disk %.80s is a file, not a device",
				      file ? file : "");
	}
	json_object_put(list);
	return rc;
}
