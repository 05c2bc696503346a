// SPDX-License-Identifier: MIT
/*
 * installfiles.c - see installfiles.h.
 */
#include "installfiles.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "change.h"
#include "digest.h"
#include "grub.h"
#include "installed.h"
#include "running.h"
#include "util.h"

#define COLD "baton.cold"
#define DOOR "baton.bzImage"
#define MODULES "modules"
#define NEW INSTALL_FOLDER "/new.cold"

/* What pack is given. */
struct chosen {
	struct pack pack;
	struct running running;
	const char *door;
};

const char *install_path(char *out, const char *root, const char *path)
{
	snprintf(out, PATH_MAX, "%s%s", root, path);
	return out;
}

/* A file of a target; name "": its folder. */
static const char *image_path(char *out, const char *root, const char *id,
			      const char *name)
{
	snprintf(out, PATH_MAX, "%s" INSTALL_FOLDER "/%s%s%s", root, id,
		 *name ? "/" : "", name);
	return out;
}

int install_lock(const char *root, int *fd, struct diag_log *diag)
{
	char path[PATH_MAX];

	install_path(path, root, INSTALL_FOLDER);
	if (mkdir(path, 0755) && errno != EEXIST)
		return diag_add(diag, HO_EFILE, "%s: %s", path,
				strerror(errno));
	folder_sync(path);
	*fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0)
		return diag_add(diag, HO_EFILE, "%s: %s", path,
				strerror(errno));
	if (!flock(*fd, LOCK_EX | LOCK_NB))
		return 0;
	close(*fd);
	return diag_add(diag, HO_EINSTALLING, "%s", path);
}

static int choose(struct chosen *c, const struct install *in,
		  struct diag_log *diag)
{
	c->pack = in->pack;
	c->door = in->door ? in->door : installed_door_path();
	if (!c->door)
		return diag_add(diag, HO_ESTUB, "no baton.bzImage installed");
	/* what runs here is not what shall run there */
	if (*in->root && (!c->pack.kernel || !c->pack.cmdline ||
			  (!c->pack.module_count && c->pack.target &&
			   !strcmp(c->pack.target, "xen"))))
		return diag_add(diag, HO_EUSAGE,
				"--root: give --kernel, --cmdline and for xen --module, too");
	return running_fill(&c->running, &c->pack, diag);
}

/* A file's name, and of "vmlinuz-6.1.0-50-amd64 root=..." or
 * "xen-4.17-amd64.gz" what GRUB's own menu calls it: "Linux 6.1.0-50-amd64",
 * "Xen 4.17-amd64". Returns its length. */
static int describe_file(char *out, size_t bytes, const char *text)
{
	int length = strcspn(text, " ");
	const char *name = memrchr(text, '/', length);
	char release[NAME_MAX + 1];

	name = name ? name + 1 : text;
	length -= name - text;
	if (running_release_of(release, text))
		return snprintf(out, bytes, "Linux %s", release);
	if (!strncmp(name, "xen-", 4) && length > 7 &&
	    !strncmp(name + length - 3, ".gz", 3))
		return snprintf(out, bytes, "Xen %.*s", length - 7, name + 4);
	return snprintf(out, bytes, "%.*s", length, name);
}

/* "Xen 4.17-amd64 and Linux 6.1.0-50-amd64" */
static void describe(struct installed *now, const struct pack *p)
{
	char *c = now->what;
	size_t bytes = sizeof(now->what);
	int length = describe_file(c, bytes, p->kernel);

	if (!strcmp(p->target, "xen") && length + 5 < (int)bytes) {
		length += sprintf(c + length, " and ");
		describe_file(c + length, bytes - length, running_linux_of(p));
	}
	for (; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
}

static int make_id(struct installed *now, const struct mapped *door,
		   const struct mapped *cold)
{
	uint8_t both[2 * HO_DIGEST_BYTES], id[HO_DIGEST_BYTES];
	int i, rc = digest_of(HO_DIGEST_SHA256, door->bytes, door->length,
			      both);

	if (!rc)
		rc = digest_of(HO_DIGEST_SHA256, cold->bytes, cold->length,
			       both + HO_DIGEST_BYTES);
	if (!rc)
		rc = digest_of(HO_DIGEST_SHA256, both, sizeof(both), id);
	for (i = 0; i < INSTALL_ID_CHARS / 2; i++)
		sprintf(now->id + 2 * i, "%02x", id[i]);
	return rc;
}

static int put_door(const char *path, const struct mapped *door,
		    struct diag_log *diag)
{
	struct changes c = { 0 };
	int rc;

	leftovers_remove(path);
	rc = change_write(&c, path, door->bytes, door->length, 0644, diag);
	changes_keep(&c);
	return rc;
}

/* Packed, it takes its name: 0600, for an initrd may hold keys. */
static int put_cold(const char *packed, const char *path,
		    struct diag_log *diag)
{
	if (!files_same(packed, path) && rename(packed, path))
		return diag_add(diag, HO_EFILE, "%s: %s", path,
				strerror(errno));
	folder_sync(path);
	return 0;
}

static int put_both(const char *root, const struct installed *now,
		    const struct mapped *door, const char *packed,
		    struct diag_log *diag)
{
	char path[PATH_MAX];
	int rc;

	image_path(path, root, now->id, "");
	if (mkdir(path, 0755) && errno != EEXIST)
		return diag_add(diag, HO_EFILE, "%s: %s", path,
				strerror(errno));
	folder_sync(path);
	rc = put_door(image_path(path, root, now->id, DOOR), door, diag);
	return rc ? rc : put_cold(packed,
				  image_path(path, root, now->id, COLD), diag);
}

/* A target that has modules is no good without them: its folder names them,
 * and 11_baton looks. */
static int put_modules(const char *root, const char *id,
		       const struct pack *p, struct diag_log *diag)
{
	char path[PATH_MAX], release[NAME_MAX + 1], text[NAME_MAX + 2];
	struct changes c = { 0 };
	bool known = running_release_of(release, running_linux_of(p));
	int rc;

	snprintf(path, sizeof(path), "%s/lib/modules/%s", root, release);
	if (known && !access(path, F_OK))
		snprintf(text, sizeof(text), "%s\n", release);
	else
		*text = '\0';
	image_path(path, root, id, MODULES);
	rc = *text ? change_write(&c, path, text, strlen(text), 0644, diag)
		   : change_remove(&c, path, diag);
	changes_keep(&c);
	return rc;
}

static uint64_t bytes_of(const char *path)
{
	struct stat st;

	return path && !stat(path, &st) ? st.st_size : 0;
}

/* The target lies beside the current and the previous one until all is done.
 * Said before minutes of work; what this does not see, the writes do. */
static int check_room(const struct chosen *c, const char *root,
		      struct diag_log *diag)
{
	uint64_t need = bytes_of(c->pack.kernel) + bytes_of(c->pack.initrd) +
			bytes_of(c->door), room;
	char path[PATH_MAX];
	struct statvfs fs;
	int i;

	for (i = 0; i < c->pack.module_count; i++) {
		snprintf(path, sizeof(path), "%.*s",
			 (int)strcspn(c->pack.modules[i], " "),
			 c->pack.modules[i]);
		need += bytes_of(path);
	}
	if (statvfs(install_path(path, root, INSTALL_FOLDER), &fs))
		return diag_add(diag, HO_EFILE, "%s: %s", path,
				strerror(errno));
	room = (uint64_t)fs.f_bfree * fs.f_frsize;
	return need < room ? 0 : diag_add(diag, HO_EFILE,
					  "%s: %s needed, %s free", path,
					  human_bytes(need),
					  human_bytes(room));
}

int install_images(const struct install *in, struct installed *now,
		   struct diag_log *diag)
{
	struct mapped door = { 0 }, cold = { 0 };
	struct chosen c;
	char path[PATH_MAX];
	int rc = choose(&c, in, diag);

	if (!rc)
		rc = check_room(&c, in->root, diag);
	if (rc)
		return rc;
	install_path(path, in->root, NEW);
	leftovers_remove(path);
	progress("packing %s", c.pack.kernel ? c.pack.kernel : "");
	rc = pack_cold(&c.pack, path, diag);
	if (!rc)
		rc = mapped_open(&cold, path, HO_EFILE, diag);
	if (!rc)
		rc = mapped_open(&door, c.door, HO_ESTUB, diag);
	if (!rc)
		rc = make_id(now, &door, &cold);
	if (!rc) {
		describe(now, &c.pack);
		rc = put_both(in->root, now, &door, path, diag);
		if (!rc)
			rc = put_modules(in->root, now->id, &c.pack, diag);
	}
	unlink(path);
	mapped_close(&door);
	mapped_close(&cold);
	return rc;
}

static void remove_images(const char *root, const char *id)
{
	static const char *const names[] = { COLD, DOOR, MODULES };
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < ARRAY_COUNT(names); i++) {
		image_path(path, root, id, names[i]);
		leftovers_remove(path);
		unlink(path);
	}
	rmdir(image_path(path, root, id, ""));
}

static bool is_id(const char *name)
{
	return strlen(name) == INSTALL_ID_CHARS &&
	       strspn(name, "0123456789abcdef") == INSTALL_ID_CHARS;
}

void install_collect(const char *root, const struct install_targets *t)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	leftovers_remove(install_path(path, root, INSTALL_TARGETS));
	leftovers_remove(install_path(path, root, NEW));
	unlink(path);
	dir = opendir(install_path(path, root, INSTALL_FOLDER));
	while (dir && (entry = readdir(dir)))
		if (is_id(entry->d_name) &&
		    strcmp(entry->d_name, t->current.id) &&
		    strcmp(entry->d_name, t->previous.id) &&
		    !grub_may_name(root, entry->d_name))
			remove_images(root, entry->d_name);
	if (dir)
		closedir(dir);
}
