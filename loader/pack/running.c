// SPDX-License-Identifier: MIT
/*
 * running.c - see running.h. Linux's files are found by the release in their
 * names, as Debian has them; Xen's by its build ID.
 */
#include "running.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "told.h"
#include "util.h"
#include "xen.h"
#include "xen_image.h"

#define KERNEL_PREFIX	"vmlinuz-"
#define PREFIX_BYTES	(sizeof(KERNEL_PREFIX) - 1)

/* Words of /proc/cmdline that are of that boot, not of the system: what a boot
 * loader adds, and ours. With = at the end whatever its value, as in all of
 * these lists; else that very word. */
static const char *const of_one_boot[] = {
	"BOOT_IMAGE=", "initrd=", "crashkernel=", "baton=", "baton.failed=",
	"kexec_jump_back_entry=", "acpi_rsdp=", "placeholder", NULL
};
/* Memory that is not there in a fallback. */
static const char *const of_memory[] = {
	"mem=", "memmap=", "hugepages=", "default_hugepagesz=", "hugepagesz=",
	NULL
};
/* The same of Xen's: GRUB's script begins with a word that GRUB 1 would have
 * taken for itself, and the stub adds the last three. A mmio-relax= with a value
 * is the user's. */
static const char *const of_one_xen[] = {
	"placeholder", "crashkernel=", "no-real-mode", "mmio-relax", "baton=",
	NULL
};
static const char *const none[] = { NULL };

static bool is_one(const char *word, const char *const names[])
{
	for (; *names; names++) {
		size_t length = strlen(*names);

		if (!strncmp(word, *names, length) &&
		    ((*names)[length - 1] == '=' || !word[length]))
			return true;
	}
	return false;
}

/* The one that the stub adds stands right before baton=: one that the user
 * gave stays. */
static bool is_stubs(const char *word, const char *rest)
{
	return rest && !strcmp(word, HO_CMDLINE_NO_HOTPLUG) &&
	       !strncmp(rest + strspn(rest, " \n"), HO_CMDLINE_OPTION,
			strlen(HO_CMDLINE_OPTION));
}

/* The words of `line`, which is cut up, but for those of two lists. */
static void take_words(char *out, size_t bytes, char *line,
		       const char *const without[],
		       const char *const nor[])
{
	char *word, *save = NULL;
	size_t at = 0;

	*out = '\0';
	for (word = strtok_r(line, " \n", &save); word;
	     word = strtok_r(NULL, " \n", &save))
		if (!is_one(word, without) && !is_one(word, nor) &&
		    !is_stubs(word, save) &&
		    at < bytes)
			at += snprintf(out + at, bytes - at, "%s%s",
				       at ? " " : "", word);
}

static void say_crashkernel(const char *line)
{
	if (strstr(line, "crashkernel="))
		progress("crashkernel= is left out: the stub reserves the region; --cmdline keeps it");
}

void running_linux_words(char *out, size_t bytes, char *line, bool memory)
{
	take_words(out, bytes, line, of_one_boot, memory ? none : of_memory);
}

void running_cmdline(char *out, size_t bytes, bool memory)
{
	char line[RUNNING_CMDLINE_BYTES];

	if (!text_read("/proc/cmdline", line, sizeof(line)))
		*line = '\0';
	running_linux_words(out, bytes, line, memory);
}

void running_xen_words(char *out, size_t bytes, char *line)
{
	take_words(out, bytes, line, of_one_xen, none);
}

int running_words_ok(const char *cmdline, struct diag_log *diag)
{
	const char *item = cmdline ? told_adds(cmdline) : NULL;

	return item ? diag_add(diag, HO_EADDSRAM, "memmap=%.*s",
			       (int)strcspn(item, " ,\n"), item) : 0;
}

bool running_release_of(char *out, const char *kernel)
{
	size_t length = strcspn(kernel, " ");
	const char *name = memrchr(kernel, '/', length);

	name = name ? name + 1 : kernel;
	length -= name - kernel;
	*out = '\0';
	if (length > NAME_MAX || strncmp(name, KERNEL_PREFIX, PREFIX_BYTES))
		return false;
	snprintf(out, NAME_MAX + 1, "%.*s", (int)(length - PREFIX_BYTES),
		 name + PREFIX_BYTES);
	return true;
}

const char *running_linux_of(const struct pack *p)
{
	return strcmp(p->target, "xen") ? p->kernel : p->modules[0];
}

void running_kernel(char *kernel)
{
	struct utsname host;

	uname(&host);
	snprintf(kernel, PATH_MAX, "/boot/" KERNEL_PREFIX "%s", host.release);
}

int running_initrd_of(char *initrd, const char *kernel, struct diag_log *diag)
{
	char path[PATH_MAX], release[NAME_MAX + 1];

	*initrd = '\0';
	if (!realpath(kernel, path))
		return 0;		/* pack says so */
	if (!running_release_of(release, path))
		return diag_add(diag, HO_EINITRD, "%s: not named " KERNEL_PREFIX
				"..., so it is not known which is its initrd",
				path);
	snprintf(initrd, PATH_MAX, "%.*s/initrd.img-%s",
		 (int)(strrchr(path, '/') - path), path, release);
	return access(initrd, R_OK)
	     ? diag_add(diag, HO_EINITRD, "%s: %s", initrd, strerror(errno))
	     : 0;
}

static int fill_linux(struct running *r, struct pack *p,
		      struct diag_log *diag)
{
	char line[RUNNING_CMDLINE_BYTES] = "";

	if (!p->kernel)
		running_kernel(r->kernel);
	/* /vmlinuz is a link to the name that says which */
	if (!p->kernel || realpath(p->kernel, r->kernel))
		p->kernel = r->kernel;
	if (!p->cmdline) {
		running_cmdline(r->cmdline, sizeof(r->cmdline), true);
		p->cmdline = r->cmdline;
		text_read("/proc/cmdline", line, sizeof(line));
		say_crashkernel(line);
	}
	if (p->initrd)
		return 0;
	p->initrd = r->initrd;
	return running_initrd_of(r->initrd, p->kernel, diag);
}

/* Xen's modules: the Linux that runs, and its initrd. */
static int fill_dom0(struct running *r, struct pack *p, struct diag_log *diag)
{
	char kernel[PATH_MAX], line[RUNNING_CMDLINE_BYTES];

	running_kernel(kernel);
	running_cmdline(line, sizeof(line), true);
	snprintf(r->dom0, sizeof(r->dom0), "%s %s", kernel, line);
	p->modules[p->module_count++] = r->dom0;
	p->modules[p->module_count++] = r->initrd;
	return running_initrd_of(r->initrd, kernel, diag);
}

static int fill_xen(struct running *r, struct pack *p, struct diag_log *diag)
{
	struct xen_facts facts;
	int rc = 0;

	if (!p->module_count)
		rc = fill_dom0(r, p, diag);
	if (rc || (p->kernel && p->cmdline))
		return rc;
	rc = xen_facts_read(&facts, diag);
	if (!rc && !p->kernel) {
		rc = xen_image_find(r->kernel, &facts, diag);
		p->kernel = r->kernel;
	}
	if (!rc && !p->cmdline) {
		say_crashkernel(facts.cmdline);
		running_xen_words(r->cmdline, sizeof(r->cmdline),
				  facts.cmdline);
		p->cmdline = r->cmdline;
	}
	return rc;
}

int running_fill(struct running *r, struct pack *p, struct diag_log *diag)
{
	bool dom0 = xen_is_dom0();

	if (!p->target)
		p->target = dom0 && !p->kernel ? "xen" : "linux";
	if (!strcmp(p->target, "xen") && dom0)
		return fill_xen(r, p, diag);
	if (!strcmp(p->target, "linux")) {
		if (dom0 && !p->kernel)
			return diag_add(diag, HO_EUSAGE,
					"--target linux in a dom0: give --kernel and --cmdline, too");
		return fill_linux(r, p, diag);
	}
	if (!p->cmdline)
		p->cmdline = "";
	return 0;
}
