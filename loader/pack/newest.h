/* SPDX-License-Identifier: MIT */
/*
 * newest.h - the target that an update takes when nobody names one: the newest
 * kernel in /boot, its initrd, and the command line that runs. In a dom0 the
 * newest Xen, with that kernel as its dom0.
 */
#ifndef LOADER_NEWEST_H
#define LOADER_NEWEST_H

#include "running.h"

struct newest {
	struct running running;
	char kernel[PATH_MAX];		/* Linux */
	char xen[PATH_MAX];
};

/* path[PATH_MAX]: of vmlinuz-RELEASE in /boot the newest of the flavour that runs
 * (what stands behind the version: -amd64, -cloud-amd64); without one, the newest of
 * all. HO_ENOKERNEL: there is none. */
int newest_kernel(char *path, struct diag_log *diag);
/* path[PATH_MAX]: of xen-VERSION.gz in /boot the newest. HO_ENOKERNEL. */
int newest_xen(char *path, struct diag_log *diag);

/*
 * Fill in what is NULL in `p`, as running_fill() does, but of the newest kernel; `n`
 * holds the texts, and must live. HO_ENOKERNEL: there is none; or this is the
 * fallback, whose command line is not that of the host; codes of
 * running_fill().
 */
int newest_fill(struct newest *n, struct pack *p, struct diag_log *diag);

/* In a fallback, is what belongs to the target named, with Linux its command line?
 * HO_ENOKERNEL: it is not. */
int newest_check_instance(const struct pack *p, struct diag_log *diag);

/* True when kernel and hypervisor of `p` are the builds that run: a bzImage says
 * release and version of its build, Xen has its build ID. */
bool newest_runs(const struct pack *p);
/* The release of a kernel, out[NAME_MAX + 1]; "": the file does not say. */
void newest_release_of(char *out, const char *kernel);
/* The first of it, for an image of so many bytes. */
bool newest_is_build(const void *image, uint64_t bytes, const char *release,
		     const char *version);

#endif /* LOADER_NEWEST_H */
