// SPDX-License-Identifier: MIT
/*
 * newest.c - see newest.h. Names in /boot are Debian's.
 */
#include "newest.h"

#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "bzimage.h"
#include "handover/fdt.h"
#include "unpacked.h"
#include "util.h"
#include "xen.h"
#include "xen_image.h"

#define KERNELS		"/boot/vmlinuz-*"
#define XENS		"/boot/xen-[0-9]*.gz"
#define VERSION_BYTES	512
#define RELEASE_CHARACTERS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.+-_~"

/* "-cloud-amd64" of "6.1.0-50-cloud-amd64": from the first - before a letter. */
static const char *flavour_of(const char *release)
{
	const char *at = release;

	while ((at = strchr(at, '-')) && !isalpha((unsigned char)at[1]))
		at++;
	return at ? at : release + strlen(release);
}

/* The greatest by version of those that `is_good` likes. */
static bool find_newest(char *path, const char *pattern,
			bool (*is_good)(const char *name))
{
	glob_t found;
	size_t i;

	*path = '\0';
	if (glob(pattern, 0, NULL, &found))
		return false;
	for (i = 0; i < found.gl_pathc; i++)
		if (is_good(found.gl_pathv[i]) &&
		    (!*path || strverscmp(found.gl_pathv[i], path) > 0))
			snprintf(path, PATH_MAX, "%s", found.gl_pathv[i]);
	globfree(&found);
	return *path;
}

/* What a package manager leaves behind is no kernel. */
static bool is_any(const char *name)
{
	static const char *const left[] = {
		".bak", ".old", ".dpkg-new", ".dpkg-tmp", ".dpkg-bak", NULL
	};
	size_t length = strlen(name), i;

	for (i = 0; left[i]; i++)
		if (length > strlen(left[i]) &&
		    !strcmp(name + length - strlen(left[i]), left[i]))
			return false;
	return true;
}

static bool is_of_flavour(const char *name)
{
	char release[NAME_MAX + 1];
	struct utsname host;

	uname(&host);
	return is_any(name) && running_release_of(release, name) &&
	       !strcmp(flavour_of(release), flavour_of(host.release));
}

int newest_kernel(char *path, struct diag_log *diag)
{
	return find_newest(path, KERNELS, is_of_flavour) ||
	       find_newest(path, KERNELS, is_any)
	     ? 0 : diag_add(diag, HO_ENOKERNEL, "no " KERNELS);
}

/* xen-4.17.gz is a link to xen-4.17-amd64.gz, or to a debug build's. */
int newest_xen(char *path, struct diag_log *diag)
{
	char link[PATH_MAX];

	if (!find_newest(link, XENS, is_any))
		return diag_add(diag, HO_ENOKERNEL, "no " XENS);
	if (!realpath(link, path))
		return diag_add(diag, HO_EFILE, "%s", link);
	return 0;
}

static int fill_dom0(struct newest *n, struct pack *p, struct diag_log *diag)
{
	char line[RUNNING_CMDLINE_BYTES];
	int rc = newest_kernel(n->kernel, diag);

	if (!rc)
		rc = running_initrd_of(n->running.initrd, n->kernel, diag);
	if (rc)
		return rc;
	running_cmdline(line, sizeof(line), true);
	snprintf(n->running.dom0, sizeof(n->running.dom0), "%s %s", n->kernel,
		 line);
	p->modules[p->module_count++] = n->running.dom0;
	p->modules[p->module_count++] = n->running.initrd;
	return 0;
}

/* A fallback's own command line is without what places memory, and Linux without
 * one finds no root. */
int newest_check_instance(const struct pack *p, struct diag_log *diag)
{
	const bool is_linux = !p->target || !strcmp(p->target, "linux");
	char line[RUNNING_CMDLINE_BYTES] = "";

	text_read("/proc/cmdline", line, sizeof(line));
	if (!strstr(line, HO_CMDLINE_FAILED) ||
	    (p->kernel && ((p->cmdline && *p->cmdline) || !is_linux)))
		return 0;
	return diag_add(diag, HO_ENOKERNEL, "this is the fallback");
}

int newest_fill(struct newest *n, struct pack *p, struct diag_log *diag)
{
	bool dom0 = xen_is_dom0();
	int rc = newest_check_instance(p, diag);

	if (rc)
		return rc;
	if (!p->target)
		p->target = dom0 && !p->kernel ? "xen" : "linux";
	if (!strcmp(p->target, "xen") && dom0) {
		if (!p->kernel) {
			rc = newest_xen(n->xen, diag);
			p->kernel = rc ? NULL : n->xen;
		}
		if (!rc && !p->module_count)
			rc = fill_dom0(n, p, diag);
	} else if (!strcmp(p->target, "linux") && !dom0 && !p->kernel) {
		rc = newest_kernel(n->kernel, diag);
		p->kernel = rc ? NULL : n->kernel;
	}
	return rc ? rc : running_fill(&n->running, p, diag);
}

/* "6.1.0-50-amd64 (who@where) #1 SMP ... (2026-01-01)": uname -r and -v. "": the
 * image has none. */
static void version_of(char text[VERSION_BYTES], const void *image,
		       uint64_t bytes)
{
	struct diag_log scratch;
	struct bzimage bz;
	uint64_t from;

	*text = '\0';
	diag_init(&scratch, HO_STAGE_LOADER);
	if (bzimage_parse(&bz, image, bytes, &scratch))
		return;
	from = kernel_version_at(image);
	if (from < bytes)
		snprintf(text, VERSION_BYTES, "%.*s",
			 (int)(bytes - from < VERSION_BYTES ? bytes - from
							    : VERSION_BYTES),
			 (const char *)image + from);
}

/* It becomes part of a path. */
void newest_release_of(char *out, const char *kernel)
{
	char text[VERSION_BYTES];
	struct diag_log scratch;
	struct mapped m;
	size_t length;

	*out = '\0';
	diag_init(&scratch, HO_STAGE_LOADER);
	if (mapped_open(&m, kernel, HO_EFILE, &scratch))
		return;
	version_of(text, m.bytes, m.length);
	mapped_close(&m);
	length = strspn(text, RELEASE_CHARACTERS);
	if (*text != '.' && length <= NAME_MAX && text[length] == ' ')
		snprintf(out, NAME_MAX + 1, "%.*s", (int)length, text);
}

bool newest_is_build(const void *image, uint64_t bytes, const char *release,
		     const char *version)
{
	char text[VERSION_BYTES];
	size_t length = strlen(release), tail = strlen(version);

	if (!length || !tail)
		return false;
	version_of(text, image, bytes);
	return strlen(text) > length + tail &&
	       !strncmp(text, release, length) && text[length] == ' ' &&
	       !strcmp(text + strlen(text) - tail, version);
}

static bool linux_runs(const char *file)
{
	char path[PATH_MAX];
	struct diag_log scratch;
	struct utsname host;
	struct mapped m;
	bool is;

	diag_init(&scratch, HO_STAGE_LOADER);
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(file, " "), file);
	if (mapped_open(&m, path, HO_EFILE, &scratch))
		return false;
	uname(&host);
	is = newest_is_build(m.bytes, m.length, host.release, host.version);
	mapped_close(&m);
	return is;
}

static bool xen_runs(const char *path)
{
	static const uint8_t none[XEN_BUILD_ID_BYTES];
	struct xen_facts facts;
	struct diag_log scratch;

	diag_init(&scratch, HO_STAGE_LOADER);
	return !xen_facts_read(&facts, &scratch) &&
	       memcmp(facts.build_id, none, sizeof(none)) &&
	       xen_image_is(path, &facts);
}

bool newest_runs(const struct pack *p)
{
	const bool xen = !strcmp(p->target, "xen");

	if (xen != xen_is_dom0() || (!xen && strcmp(p->target, "linux")) ||
	    (xen && !p->module_count))
		return false;
	return (!xen || xen_runs(p->kernel)) && linux_runs(running_linux_of(p));
}
