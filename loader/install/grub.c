// SPDX-License-Identifier: MIT
/*
 * grub.c - see grub.h. update-grub is grub-mkconfig -o /boot/grub/grub.cfg,
 * which fills the file in place: a full disk then leaves half of it.
 */
#include "grub.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "change.h"
#include "child.h"
#include "util.h"

#define MKCONFIG	"/usr/sbin/grub-mkconfig"
#define CONFIG		"/boot/grub/grub.cfg"
#define CUSTOM		"/boot/grub/custom.cfg"	/* read by 41_custom */
#define BESIDE		CONFIG ".baton"
#define NEW		BESIDE ".new"	/* grub-mkconfig's own */
#define GENERATED	"### BEGIN /etc/grub.d/"

static const char *at(char *out, const char *root, const char *path)
{
	snprintf(out, PATH_MAX, "%s%s", root, path);
	return out;
}

/* True when the text is in the file. A missing or empty file has none.
 * Returns `unread` when the file cannot be read. */
static bool has(const char *path, const char *text, bool unread)
{
	struct diag_log ignored = { 0 };
	struct mapped m;
	struct stat st;
	bool found;

	if (stat(path, &st) ? errno == ENOENT
			    : S_ISREG(st.st_mode) && !st.st_size)
		return false;
	if (mapped_open(&m, path, HO_EFILE, &ignored))
		return unread;
	found = memmem(m.bytes, m.length, text, strlen(text)) != NULL;
	mapped_close(&m);
	return found;
}

bool grub_may_name(const char *root, const char *word)
{
	char config[PATH_MAX], custom[PATH_MAX];

	return has(at(config, root, CONFIG), word, true) ||
	       has(at(custom, root, CUSTOM), word, true);
}

bool grub_default_is(const char *root, const char *entry)
{
	char path[PATH_MAX], text[128];

	snprintf(text, sizeof(text), "set default=\"%s\"", entry);
	return has(at(path, root, CONFIG), text, false);
}

int grub_check(const char *root, struct diag_log *diag)
{
	char path[PATH_MAX];

	if (access(at(path, root, MKCONFIG), X_OK) ||
	    access(at(path, root, CONFIG), R_OK))
		return diag_add(diag, HO_ENOGRUB, "%s: %s", path,
				strerror(errno));
	if (!has(path, GENERATED, false))
		return diag_add(diag, HO_EGRUBOWN, "%s", path);
	return 0;
}

static bool run(const char *root, const sigset_t *held)
{
	const char *here[] = { MKCONFIG, "-o", BESIDE, NULL };
	const char *there[] = { "chroot", root, MKCONFIG, "-o", BESIDE,
				NULL };

	return child_run_held(*root ? there : here, held);
}

/* The new one in the old one's place, with its owner and mode. GRUB does not
 * read a journal: by syncfs ext4 puts what it names, and then the name, where
 * they are looked for. */
static int replace(const char *from, const char *to, struct diag_log *diag)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool good = fd >= 0 && !stat(to, &st) &&
		    !fchown(fd, st.st_uid, st.st_gid) &&
		    !fchmod(fd, st.st_mode & 07777) && !syncfs(fd) &&
		    !rename(from, to);
	int rc = good ? 0 : diag_add(diag, HO_EGRUB, "%s: %s", to,
				     strerror(errno));

	if (good)
		syncfs(fd);
	if (fd >= 0)
		close(fd);
	return rc;
}

int grub_update(const char *root, const char *word, bool wanted,
		const sigset_t *held, struct diag_log *diag)
{
	char config[PATH_MAX], beside[PATH_MAX], new[PATH_MAX];
	int rc = 0;

	at(config, root, CONFIG);
	at(beside, root, BESIDE);
	at(new, root, NEW);
	progress("making GRUB's configuration (grub-mkconfig)");
	if (!run(root, held))
		rc = diag_add(diag, HO_EGRUB, "%s failed", MKCONFIG);
	else if (has(beside, word, !wanted) != wanted)
		rc = diag_add(diag, HO_EGRUB, wanted
			      ? "it has no entry for %s: can GRUB read the file system?"
			      : "it still names %s", word);
	else if (!files_same(config, beside))
		rc = replace(beside, config, diag);
	unlink(beside);
	unlink(new);
	return rc;
}
