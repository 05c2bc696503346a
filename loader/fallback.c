// SPDX-License-Identifier: MIT
/*
 * fallback.c - see fallback.h.
 */
#include "fallback.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "util.h"

/* Options of /proc/cmdline that are of that boot, not of the system: what a
 * boot loader adds, and ours. */
static const char *const of_one_boot[] = {
	"BOOT_IMAGE=", "initrd=", "crashkernel=", "baton=", "baton.failed=",
	"kexec_jump_back_entry=", NULL
};
/* Memory that is not there in a fallback. */
static const char *const of_memory[] = {
	"mem=", "memmap=", "hugepages=", "default_hugepagesz=", "hugepagesz=",
	NULL
};

static bool begins_with_one(const char *word, const char *const prefixes[])
{
	for (; *prefixes; prefixes++)
		if (!strncmp(word, *prefixes, strlen(*prefixes)))
			return true;
	return false;
}

static void own_cmdline(char *out, size_t bytes, bool memory)
{
	char line[4096], *word, *save = NULL;
	size_t at = 0;

	*out = '\0';
	if (!text_read("/proc/cmdline", line, sizeof(line)))
		return;
	for (word = strtok_r(line, " \n", &save); word;
	     word = strtok_r(NULL, " \n", &save))
		if (!begins_with_one(word, of_one_boot) &&
		    (memory || !begins_with_one(word, of_memory)) &&
		    at < bytes)
			at += snprintf(out + at, bytes - at, "%s%s",
				       at ? " " : "", word);
}

void fallback_own_cmdline(char *out, size_t bytes)
{
	own_cmdline(out, bytes, true);
}

static bool policy_wants_one(const struct pack *p)
{
	return p->policy && !strncmp(p->policy, "fallback", 8);
}

int fallback_choose(struct fallback_files *f, const struct pack *p,
		    bool *wanted, struct diag_log *diag)
{
	struct utsname host;

	*f = (struct fallback_files){ .policy = p->policy };
	*wanted = p->failed.region || policy_wants_one(p) ||
		  (!p->policy && p->fallback_kernel);
	if (p->policy && !*wanted)
		return 0;
	uname(&host);
	if (p->fallback_kernel)
		snprintf(f->kernel, sizeof(f->kernel), "%s",
			 p->fallback_kernel);
	else
		snprintf(f->kernel, sizeof(f->kernel), "/boot/vmlinuz-%s",
			 host.release);
	snprintf(f->initrd_path, sizeof(f->initrd_path),
		 "/boot/initrd.img-%s", host.release);
	if (p->fallback_initrd)
		f->initrd = p->fallback_initrd;
	else if (!p->fallback_kernel && !access(f->initrd_path, R_OK))
		f->initrd = f->initrd_path;
	if (p->fallback_cmdline)
		snprintf(f->cmdline, sizeof(f->cmdline), "%s",
			 p->fallback_cmdline);
	else
		own_cmdline(f->cmdline, sizeof(f->cmdline), false);
	if (!access(f->kernel, R_OK)) {
		*wanted = true;
		f->policy = f->policy ? f->policy : "fallback";
		return 0;
	}
	if (*wanted)
		return diag_add(diag, HO_EFILE,
				"fallback kernel %s: give --fallback-kernel, or --policy halt",
				f->kernel);
	f->policy = "halt";
	progress("no fallback: there is no %s; after a failure the stub halts",
		 f->kernel);
	return 0;
}
