/* SPDX-License-Identifier: MIT */
/*
 * iomem.h - /proc/iomem, the kernel's own idea of its memory: the one place
 * that reads it. A reader without CAP_SYS_ADMIN sees every line, with zeroes
 * for all addresses (r_show() of Linux's kernel/resource.c): that is a missing
 * permission, and says nothing about the memory.
 */
#ifndef LOADER_IOMEM_H
#define LOADER_IOMEM_H

#include <stdbool.h>

#include "diag.h"

/* One line: its range, and its name without newline. Nonzero ends the walk. */
typedef int iomem_visit(void *context, struct range place, const char *name,
			struct diag_log *diag);

/* Every line, nested ones too, in the file's order; lines that are none are
 * left out. HO_EIO: not read; HO_EPERM: all addresses are hidden; or what
 * `visit` returned. */
int iomem_walk(const char *path, iomem_visit *visit, void *context,
	       struct diag_log *diag);

/* True when it is a line of System RAM, memory that was added later
 * included. */
bool iomem_name_is_ram(const char *name);

/* The last `Crash kernel`, which is the highest: for a crashkernel= above 4
 * GiB Linux reserves another piece below it, which is not ours. *found is
 * false, with 0, when there is none. Codes of iomem_walk(). */
int iomem_crash_region(const char *path, struct range *out, bool *found,
		       struct diag_log *diag);

/* *out: any of r is System RAM. Codes of iomem_walk(). */
int iomem_is_ram(const char *path, struct range r, bool *out,
		 struct diag_log *diag);

#endif /* LOADER_IOMEM_H */
