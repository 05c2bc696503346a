// SPDX-License-Identifier: MIT
/*
 * fallback.c - see fallback.h.
 */
#include "fallback.h"

#include <string.h>
#include <unistd.h>

#include "running.h"
#include "util.h"

bool fallback_policy(const char *policy)
{
	return policy && !strncmp(policy, "fallback", 8);
}

static void choose_kernel(struct fallback_files *f, const struct pack *p)
{
	if (p->fallback_kernel)
		snprintf(f->kernel, sizeof(f->kernel), "%s",
			 p->fallback_kernel);
	else
		running_kernel(f->kernel);
}

static int choose_initrd(struct fallback_files *f, const struct pack *p,
			 struct diag_log *diag)
{
	f->initrd = p->fallback_initrd;
	if (f->initrd)
		return 0;
	f->initrd = f->initrd_path;
	return running_initrd_of(f->initrd_path, f->kernel, diag);
}

int fallback_choose(struct fallback_files *f, const struct pack *p,
		    bool *wanted, struct diag_log *diag)
{
	struct diag_log why;
	int rc;

	*f = (struct fallback_files){ .policy = p->policy };
	*wanted = p->failed.region || fallback_policy(p->policy) ||
		  (!p->policy && p->fallback_kernel);
	if (p->policy && !*wanted)
		return 0;
	choose_kernel(f, p);
	if (p->fallback_cmdline)
		snprintf(f->cmdline, sizeof(f->cmdline), "%s",
			 p->fallback_cmdline);
	else
		running_cmdline(f->cmdline, sizeof(f->cmdline), false);
	diag_init(&why, diag->stage);
	rc = access(f->kernel, R_OK)
	   ? diag_add(&why, HO_EFILE,
		      "fallback kernel %s: give --fallback-kernel, or --policy halt",
		      f->kernel)
	   : choose_initrd(f, p, &why);
	if (rc && *wanted) {
		diag_merge(diag, &why);
		return rc;
	}
	*wanted = !rc;
	if (!f->policy)
		f->policy = rc ? "halt" : "fallback";
	if (rc)
		progress("no fallback: %s; after a failure the stub halts",
			 why.items[0].where);
	return 0;
}
