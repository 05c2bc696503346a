/* SPDX-License-Identifier: MIT */
/*
 * fallback.h - which kernel an update falls back to: by default the one that
 * runs now, as it was started.
 */
#ifndef LOADER_FALLBACK_H
#define LOADER_FALLBACK_H

#include <limits.h>

#include "pack.h"

struct fallback_files {
	char kernel[PATH_MAX];
	char initrd_path[PATH_MAX];
	const char *initrd;		/* "none": without */
	char cmdline[4096];
	const char *policy;		/* words with a comma */
};

/* True when these words of a policy ask for a fallback; false for NULL. */
bool fallback_policy(const char *policy);

/*
 * From the options, else /boot/vmlinuz-RELEASE, the initrd beside the kernel and
 * /proc/cmdline without what belongs to this boot. *wanted is false, with a
 * note on stderr, when no policy was asked for and there are no such files.
 * HO_EFILE, HO_EINITRD when a fallback was asked for and has none.
 */
int fallback_choose(struct fallback_files *f, const struct pack *p,
		    bool *wanted, struct diag_log *diag);

#endif /* LOADER_FALLBACK_H */
