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

static bool is_mounted(const char *dir)
{
	FILE *f = fopen("/proc/self/mounts", "re");
	char line[LINE_BYTES];
	struct mntent m;
	bool is = false;

	while (f && !is && getmntent_r(f, &m, line, sizeof(line)))
		is = !strcmp(m.mnt_dir, dir);
	if (f)
		fclose(f);
	return is;
}

/* `path` is `dir`, or below it. */
static bool is_below(const char *path, const char *dir)
{
	size_t length = strlen(dir);

	return !strncmp(path, dir, length) &&
	       (!path[length] || path[length] == '/');
}

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

/* A place where something is to be mounted, and is not yet. */
struct missing {
	const char *dir;
	struct diag_log *diag;
};

/* Under the name it is given, or under the one it has. */
static int check_path(const struct missing *m, const char *path)
{
	char *real = real_path(path);
	bool below = is_below(path, m->dir) || (real && is_below(real, m->dir));

	free(real);
	return below ? diag_add(m->diag, HO_EADOPT,
				"%.80s: %.80s is not mounted yet", path, m->dir)
		     : 0;
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
	return path && check_path(context, path);
}

static int check_guest(const struct guest_conf *c, struct missing *m)
{
	struct guest_option o;
	int at = 1, rc = check_path(m, c->directory);

	while (!rc && guest_option_next(c->args, &at, &o))
		if (guest_value_each(o.value, check_text, m))
			rc = -HO_EADOPT;
	return rc;
}

int adopt_early_places(const struct guest_conf *c, struct diag_log *diag)
{
	FILE *f = fopen("/etc/fstab", "re");
	char line[LINE_BYTES];
	struct mntent m;
	int rc = 0;

	while (f && !rc && getmntent_r(f, &m, line, sizeof(line))) {
		struct missing missing = { m.mnt_dir, diag };

		/* "none" of swap, and the root, which is there */
		if (*m.mnt_dir == '/' && m.mnt_dir[1] && !is_mounted(m.mnt_dir))
			rc = check_guest(c, &missing);
	}
	if (f)
		fclose(f);
	return rc;
}

/* Drivers that open a file by its name; all others have a device, or no name. */
static bool is_file(const char *driver)
{
	return !strcmp(driver, "file") || !strcmp(driver, "vvfat");
}

int adopt_early_disks(struct qmp *m, struct diag_log *diag)
{
	struct json_object *list;
	size_t i;
	int rc = qmp_call(m, "query-named-block-nodes", qmp_flat(), &list,
			  HO_EQMP, diag);

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
