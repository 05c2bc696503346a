// SPDX-License-Identifier: MIT
/*
 * fallback.c - see fallback.h.
 */
#include "fallback.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "running.h"
#include "util.h"

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
		running_cmdline(f->cmdline, sizeof(f->cmdline), false);
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
