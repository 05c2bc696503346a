/* SPDX-License-Identifier: MIT */
/*
 * crashkernel.h - the region that a Linux, or the Xen under a dom0, reserved
 * by crashkernel=, and if there is none, why: it was not asked for, or it could
 * not be reserved. Under KASLR the place of SIZE@PLACE is taken by chance: the
 * kernel may have put itself there before it read its command line.
 */
#ifndef LOADER_CRASHKERNEL_H
#define LOADER_CRASHKERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "diag.h"

/* From /proc/iomem; /proc/cmdline and the kernel's log say why there is none.
 * In a dom0 Xen's, in whole 2 MiB. HO_ENOREGION, and of iomem_walk() or
 * xen_open(). */
int crashkernel_region(struct range *out, struct diag_log *diag);

/* The same of any iomem file; `cmdline` and `log` are texts, "" if not
 * known. The same codes. */
int crashkernel_region_of(struct range *out, const char *iomem,
			  const char *cmdline, const char *log,
			  struct diag_log *diag);

/* The last crashkernel= of a command line, which is the one that counts to a
 * kernel, without the name; false: none. */
bool crashkernel_asked(const char *cmdline, char *out, size_t bytes);

/* What a kernel's log (lines "<LEVEL>[TIME] TEXT", as by klogctl()) says of a
 * reservation that failed, one line; false: nothing. */
bool crashkernel_complaint(const char *log, char *out, size_t bytes);

#endif /* LOADER_CRASHKERNEL_H */
