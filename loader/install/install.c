// SPDX-License-Identifier: MIT
/*
 * install.c - see install.h. Images get names that nothing uses yet; then the
 * small files and GRUB's configuration change together, or not at all; then
 * images that nothing names any more go. Killed at any point, the machine has
 * a configuration whose files are all there.
 */
#include "install.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "change.h"
#include "efisys.h"
#include "grub.h"
#include "installfiles.h"
#include "signals.h"
#include "util.h"

#define SCRIPT_FOLDER	"/etc/grub.d"
#define SCRIPT		SCRIPT_FOLDER "/11_baton"
#define DEFAULTS_FOLDER	"/etc/default/grub.d"
/* read in this order, and Debian's xen.cfg names a default, too */
#define DEFAULTS	DEFAULTS_FOLDER "/zz-baton.cfg"
#define DEFAULTS_0_4_0	DEFAULTS_FOLDER "/baton.cfg"
#define CURRENT		"baton-current"
#define DEFAULT_TEXT	"# by baton install --default\nGRUB_DEFAULT=" CURRENT "\n"

static const char *const small[] = {
	SCRIPT, DEFAULTS, DEFAULTS_0_4_0, INSTALL_TARGETS,
};

extern const char grub_script[], grub_script_end[];

void install_targets_parse(struct install_targets *t, const char *text)
{
	*t = (struct install_targets){ 0 };
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		struct installed i;
		char role[16];

		if (!strncmp(text, "folder\n", 7))
			t->made_folder = true;
		else if (sscanf(text, "%15s %12[0-9a-f] %127[^\n]", role, i.id,
				i.what) != 3 ||
			 strlen(i.id) != INSTALL_ID_CHARS)
			continue;
		else if (!strcmp(role, "current"))
			t->current = i;
		else if (!strcmp(role, "previous"))
			t->previous = i;
	}
}

static int targets_text(const struct install_targets *t, char *out,
			size_t bytes)
{
	int at = snprintf(out, bytes, "%scurrent %s %s\n",
			  t->made_folder ? "folder\n" : "", t->current.id,
			  t->current.what);

	if (*t->previous.id)
		at += snprintf(out + at, bytes - at, "previous %s %s\n",
			       t->previous.id, t->previous.what);
	return at;
}

static void targets_read(const char *root, struct install_targets *t)
{
	char path[PATH_MAX], text[1024] = "";

	text_read(install_path(path, root, INSTALL_TARGETS), text,
		  sizeof(text) - 1);
	strcat(text, "\n");
	install_targets_parse(t, text);
}

/* What was current is the previous one, if it is another. */
static void targets_move(struct install_targets *t,
			 const struct installed *now)
{
	if (*t->current.id && strcmp(t->current.id, now->id))
		t->previous = t->current;
	t->current = *now;
}

static int write_default(const struct install *in, struct changes *c,
			 struct install_targets *t, struct diag_log *diag)
{
	char path[PATH_MAX], folder[PATH_MAX];
	int rc;

	if (in->as_default == INSTALL_DEFAULT_KEEP)
		return 0;
	install_path(path, in->root, DEFAULTS_0_4_0);
	rc = change_remove(c, path, diag);
	install_path(path, in->root, DEFAULTS);
	install_path(folder, in->root, DEFAULTS_FOLDER);
	if (rc || in->as_default == INSTALL_DEFAULT_NO)
		return rc ? rc : change_remove(c, path, diag);
	if (!mkdir(folder, 0755))
		t->made_folder = true;
	return change_write(c, path, DEFAULT_TEXT, strlen(DEFAULT_TEXT), 0644,
			    diag);
}

static int write_small(const struct install *in, struct changes *c,
		       struct install_targets *t, struct diag_log *diag)
{
	char path[PATH_MAX], text[512];
	int length, rc = write_default(in, c, t, diag);

	length = targets_text(t, text, sizeof(text));
	if (!rc)
		rc = change_write(c, install_path(path, in->root,
						  INSTALL_TARGETS),
				  text, length, 0644, diag);
	if (!rc)
		rc = change_write(c, install_path(path, in->root, SCRIPT),
				  grub_script, grub_script_end - grub_script,
				  0755, diag);
	return rc;
}

static int remove_small(const struct install *in, struct changes *c,
			struct diag_log *diag)
{
	char path[PATH_MAX];
	size_t i;
	int rc = 0;

	for (i = 0; i < ARRAY_COUNT(small) && !rc; i++)
		rc = change_remove(c, install_path(path, in->root, small[i]),
				   diag);
	return rc;
}

/* All the small files, then GRUB; `t` is NULL when all of it goes. */
static int switch_over(const struct install *in, struct install_targets *t,
		       struct diag_log *diag)
{
	struct changes changes = { 0 };
	sigset_t held, before;
	int rc;

	/* until the small files fit together again */
	signals_hold(&held, &before);
	rc = t ? write_small(in, &changes, t, diag)
	       : remove_small(in, &changes, diag);
	if (!rc && !in->no_grub)
		rc = grub_update(in->root, t ? t->current.id : SCRIPT,
				 t != NULL, &held, diag);
	if (rc)
		changes_undo(&changes, diag);
	else
		changes_keep(&changes);
	signals_let(&before);
	return rc;
}

/* Returns 0 when it can work, and is then alone until *lock is closed. */
static int begin(const struct install *in, int *lock, struct diag_log *diag)
{
	char path[PATH_MAX];
	int rc = 0;

	if (access(install_path(path, in->root, SCRIPT_FOLDER), W_OK))
		return diag_add(diag, errno == ENOENT ? HO_ENOGRUB : HO_EFILE,
				"%s: %s", path, strerror(errno));
	if (!in->no_grub)
		rc = grub_check(in->root, diag);
	if (!rc)
		rc = install_lock(in->root, lock, diag);
	if (rc)
		return rc;
	leftovers_remove(install_path(path, in->root, SCRIPT));
	leftovers_remove(install_path(path, in->root, DEFAULTS));
	return 0;
}

/* An entry that cannot boot must not be the default. */
static int check_secure_boot(const struct install *in, struct diag_log *diag)
{
	if (!efisys_secure_boot(in->root))
		return 0;
	if (in->as_default == INSTALL_DEFAULT_YES)
		return diag_add(diag, HO_ESECUREBOOT, "--default");
	progress("Secure Boot is on: GRUB will refuse the door until it is off");
	return 0;
}

static void tell(const struct install *in, const struct install_targets *t)
{
	const bool is_default = grub_default_is(in->root, CURRENT);

	printf("current   %s  %s%s\n", t->current.id, t->current.what,
	       is_default ? "  (GRUB's default)" : "");
	if (*t->previous.id)
		printf("previous  %s  %s\n", t->previous.id,
		       t->previous.what);
	if (in->as_default == INSTALL_DEFAULT_YES && !in->no_grub &&
	    !is_default)
		progress("GRUB's default is another: something in " DEFAULTS_FOLDER
			 " behind " DEFAULTS " sets GRUB_DEFAULT");
	if (in->no_grub)
		printf("not in GRUB's menu until update-grub has run\n");
}

int install_run(const struct install *in, struct diag_log *diag)
{
	struct install_targets before, t;
	struct installed now = { 0 };
	char path[PATH_MAX];
	int lock, rc = check_secure_boot(in, diag);

	if (!rc)
		rc = begin(in, &lock, diag);
	if (rc)
		return rc;
	targets_read(in->root, &before);
	t = before;
	rc = install_images(in, &now, diag);
	if (!rc) {
		targets_move(&t, &now);
		rc = switch_over(in, &t, diag);
	}
	if (!rc)
		tell(in, &t);
	else if (t.made_folder && !before.made_folder)
		rmdir(install_path(path, in->root, DEFAULTS_FOLDER));
	install_collect(in->root, rc ? &before : &t);
	if (rc)		/* it is empty where nothing was installed before */
		rmdir(install_path(path, in->root, INSTALL_FOLDER));
	close(lock);
	return rc;
}

static bool is_installed(const char *root)
{
	char path[PATH_MAX];
	bool found = !access(install_path(path, root, INSTALL_FOLDER), F_OK);
	size_t i;

	for (i = 0; i < ARRAY_COUNT(small); i++)
		found |= !access(install_path(path, root, small[i]), F_OK);
	return found;
}

int install_remove(const struct install *in, struct diag_log *diag)
{
	static const struct install_targets none;
	struct install_targets t;
	char path[PATH_MAX];
	int lock, rc;

	if (!is_installed(in->root)) {
		printf("nothing is installed\n");
		return 0;
	}
	rc = begin(in, &lock, diag);
	if (rc)
		return rc;
	targets_read(in->root, &t);
	rc = switch_over(in, NULL, diag);
	if (!rc) {
		if (t.made_folder)
			rmdir(install_path(path, in->root, DEFAULTS_FOLDER));
		install_collect(in->root, &none);
		if (rmdir(install_path(path, in->root, INSTALL_FOLDER)))
			printf("GRUB's menu still names files in %s: run update-grub, then this again\n",
			       path);
	}
	if (rc)		/* it is empty where nothing was installed before */
		rmdir(install_path(path, in->root, INSTALL_FOLDER));
	close(lock);
	return rc;
}
