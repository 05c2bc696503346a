// SPDX-License-Identifier: MIT
/*
 * installfiles.c - see installfiles.h.
 */
#include "installfiles.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "change.h"
#include "digest.h"
#include "fallback.h"
#include "grub.h"
#include "staging.h"
#include "util.h"
#include "xen.h"

#define COLD "baton.cold"
#define DOOR "baton.bzImage"
#define MODULES "modules"
#define KERNEL_PREFIX "vmlinuz-"
#define INITRD_PREFIX "initrd.img-"
#define NEW INSTALL_FOLDER "/new.cold"

/* What pack is given when nothing was said. */
struct chosen {
	struct pack pack;
	char kernel[PATH_MAX], initrd[PATH_MAX], cmdline[4096];
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

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "6.1.0-50-cloud-amd64" of Debian's name for it; NULL: another name. */
static const char *release_of(const char *kernel)
{
	const char *name = name_of(kernel);
	size_t prefix = strlen(KERNEL_PREFIX);

	return strncmp(name, KERNEL_PREFIX, prefix) ? NULL : name + prefix;
}

/* The kernel that runs. */
static void choose_kernel(struct chosen *c)
{
	struct utsname host;

	uname(&host);
	snprintf(c->kernel, sizeof(c->kernel), "/boot/" KERNEL_PREFIX "%s",
		 host.release);
	c->pack.kernel = c->kernel;
}

/* Debian's initrd of the kernel lies beside it. A root=UUID=... without one
 * is a panic at power-on. */
static int choose_initrd(struct chosen *c, struct diag_log *diag)
{
	char kernel[PATH_MAX];
	const char *release;

	if (!realpath(c->pack.kernel, kernel))
		return 0;		/* pack says so */
	release = release_of(kernel);
	if (!release)
		return diag_add(diag, HO_EINITRD, "%s: not named " KERNEL_PREFIX
				"..., so it is not known which is its initrd",
				kernel);
	snprintf(c->initrd, sizeof(c->initrd), "%.*s" INITRD_PREFIX "%s",
		 (int)(name_of(kernel) - kernel), kernel, release);
	c->pack.initrd = c->initrd;
	return access(c->initrd, R_OK)
	     ? diag_add(diag, HO_EINITRD, "%s: %s", c->initrd, strerror(errno))
	     : 0;
}

/* As it was started. */
static void choose_cmdline(struct chosen *c)
{
	char line[4096] = "";

	fallback_own_cmdline(c->cmdline, sizeof(c->cmdline));
	c->pack.cmdline = c->cmdline;
	text_read("/proc/cmdline", line, sizeof(line));
	if (strstr(line, "crashkernel="))
		progress("crashkernel= is left out: the stub reserves the region; --cmdline keeps it");
}

static int choose(struct chosen *c, const struct install *in,
		  struct diag_log *diag)
{
	const bool is_linux = !strcmp(in->pack.target, "linux");

	c->pack = in->pack;
	c->door = in->door ? in->door : staging_door_path();
	if (!c->door)
		return diag_add(diag, HO_ESTUB, "no baton.bzImage installed");
	if (!c->pack.kernel && is_linux && xen_is_dom0())
		return diag_add(diag, HO_EUSAGE,
				"this is a dom0: give --target xen, --kernel, --module");
	if (*in->root && (!c->pack.kernel || !c->pack.cmdline))
		return diag_add(diag, HO_EUSAGE,
				"--root: give --kernel and --cmdline, too");
	if (!c->pack.kernel && is_linux)
		choose_kernel(c);
	if (!c->pack.cmdline && is_linux)
		choose_cmdline(c);
	if (!c->pack.cmdline)
		c->pack.cmdline = "";
	return is_linux && !c->pack.initrd ? choose_initrd(c, diag) : 0;
}

static void describe(struct installed *now, const struct pack *p)
{
	const char *release = release_of(p->kernel);
	char *c;

	if (release)
		snprintf(now->what, sizeof(now->what), "Linux %s", release);
	else
		snprintf(now->what, sizeof(now->what), "%s",
			 name_of(p->kernel));
	for (c = now->what; *c; c++)
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
static int put_modules(const char *root, const char *id, const char *kernel,
		       struct diag_log *diag)
{
	const char *release = release_of(kernel);
	char path[PATH_MAX], text[NAME_MAX + 2];
	struct changes c = { 0 };
	int rc;

	snprintf(path, sizeof(path), "%s/lib/modules/%s", root,
		 release ? release : "");
	if (release && !access(path, F_OK))
		snprintf(text, sizeof(text), "%s\n", release);
	else
		*text = '\0';
	image_path(path, root, id, MODULES);
	rc = *text ? change_write(&c, path, text, strlen(text), 0644, diag)
		   : change_remove(&c, path, diag);
	changes_keep(&c);
	return rc;
}

int install_images(const struct install *in, struct installed *now,
		   struct diag_log *diag)
{
	struct mapped door = { 0 }, cold = { 0 };
	struct chosen c;
	char path[PATH_MAX];
	int rc = choose(&c, in, diag);

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
			rc = put_modules(in->root, now->id, c.pack.kernel,
					 diag);
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
