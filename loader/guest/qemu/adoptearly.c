// SPDX-License-Identifier: MIT
/*
 * adoptearly.c - see adoptearly.h. Source: fstab(5), proc(5) of mounts.
 */
#include "adoptearly.h"

#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guestnet.h"
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

/* What is there when init begins is removed, or lies under what is mounted. */
static const char *const emptied[] = { "/tmp", "/var/tmp" };

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

/* A place where something is to be mounted or emptied, and is not yet. */
struct missing {
	const char *dir, *real;		/* as it is called, and with links followed */
	const struct guest_conf *conf;
	struct diag_log *diag;
};

static bool is_there(const struct missing *m, const char *path)
{
	return is_below(path, m->dir) || is_below(path, m->real);
}

/* Under the name it is given, or under the one it has. */
static int check_path(const struct missing *m, const char *path)
{
	char *real = real_path(path);
	bool below = is_there(m, path) || (real && is_there(m, real));

	free(real);
	return below ? diag_add(m->diag, HO_EADOPT,
				"what comes to %.60s is not there yet (%.60s)",
				m->dir, path) : 0;
}

/* A path, or one behind "file:", "unix:", whole; NULL: none, a URL for example. To
 * be freed. */
static char *path_in(const char *text, const char *directory)
{
	const char *slash = strchr(text, '/'), *colon = strchr(text, ':');
	const char *at = colon && colon < slash ? colon + 1 : text;
	char *path;

	if (!slash || (at != text && at[0] == '/' && at[1] == '/'))
		return NULL;
	return asprintf(&path, "%s%s%s", *at == '/' ? "" : directory,
			*at == '/' ? "" : "/", at) < 0 ? NULL : path;
}

static bool check_text(void *context, const char *key, const char *text)
{
	const struct missing *m = context;
	char *path = path_in(text, m->conf->directory);
	bool is = path && check_path(m, path);

	(void)key;
	free(path);
	return is;
}

static int check_guest(const struct guest_conf *c, struct missing *m)
{
	struct guest_option o;
	int at = 1, rc = check_path(m, c->directory);

	if (!rc)
		rc = check_path(m, c->monitor);
	while (!rc && guest_option_next(c->args, &at, &o))
		if (guest_value_each(o.value, check_text, m))
			rc = -HO_EADOPT;
	return rc;
}

static int check_place(const struct guest_conf *c, const char *dir,
		       struct diag_log *diag)
{
	char *real = real_path(dir);
	struct missing m = { dir, real ? real : dir, c, diag };
	int rc = check_guest(c, &m);

	free(real);
	return rc;
}

static void cut_slashes(char *dir)
{
	size_t length = strlen(dir);

	while (length > 1 && dir[length - 1] == '/')
		dir[--length] = '\0';
}

/* A QEMU of root's would make a tap that is not there, and that is in no bridge. */
static int check_taps(const struct guest_conf *c, struct diag_log *diag)
{
	const char *name = guest_net_missing(c);

	if (name)
		return diag_add(diag, HO_EADOPT, "its interface %.30s is not there yet",
				name);
	return guest_net_has_script(c)
		? diag_add(diag, HO_EADOPT, "a script makes its tap") : 0;
}

int adopt_early_places(const struct guest_conf *c, struct diag_log *diag)
{
	FILE *f = fopen("/etc/fstab", "re");
	char line[LINE_BYTES];
	struct mntent m;
	size_t i;
	int rc = check_taps(c, diag);

	for (i = 0; !rc && i < ARRAY_COUNT(emptied); i++)
		rc = check_place(c, emptied[i], diag);
	while (f && !rc && getmntent_r(f, &m, line, sizeof(line))) {
		cut_slashes(m.mnt_dir);
		/* "none" of swap, and the root, which is there */
		if (*m.mnt_dir == '/' && m.mnt_dir[1] && !is_mounted(m.mnt_dir))
			rc = check_place(c, m.mnt_dir, diag);
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
