/* SPDX-License-Identifier: MIT */
/*
 * running.h - what this host runs, as a target: kernel, initrd and command
 * line, and in a dom0 the hypervisor, too. What is taken where nobody says
 * otherwise.
 */
#ifndef LOADER_RUNNING_H
#define LOADER_RUNNING_H

#include <limits.h>

#include "pack.h"

#define RUNNING_CMDLINE_BYTES 4096

struct running {
	char kernel[PATH_MAX], initrd[PATH_MAX];
	char cmdline[RUNNING_CMDLINE_BYTES];
	char dom0[PATH_MAX + 1 + RUNNING_CMDLINE_BYTES]; /* a module */
};

/* The command line that Linux was started with, but for what is of that boot
 * (crashkernel=, what a boot loader adds); without `memory` also for what
 * counts or places memory. */
void running_cmdline(char *out, size_t bytes, bool memory);

/* May a Linux of an update have this command line, NULL: none? HO_EADDSRAM: it makes
 * RAM of what the memory map says is none. */
int running_words_ok(const char *cmdline, struct diag_log *diag);

/* running_cmdline() from `line`, which is cut up; and of Xen's. */
void running_linux_words(char *out, size_t bytes, char *line, bool memory);
/* The same of Xen's command line: without crashkernel=, and what a boot
 * loader and the stub add. */
void running_xen_words(char *out, size_t bytes, char *line);

/* "6.1.0-50-amd64" of Debian's name of a kernel, "FILE" or "FILE ARGUMENTS":
 * out[NAME_MAX + 1]; false: another name. */
bool running_release_of(char *out, const char *kernel);
/* kernel[PATH_MAX]: that of this instance, by Debian's name for it. */
void running_kernel(char *kernel);
/* initrd[PATH_MAX]: Debian's, which lies beside the kernel; "" and no error if
 * there is no such kernel. A root=UUID=... without one is a panic at boot:
 * HO_EINITRD. */
int running_initrd_of(char *initrd, const char *kernel,
		      struct diag_log *diag);
/* The kernel of a target: Linux itself, or what is Xen's dom0. */
const char *running_linux_of(const struct pack *p);

/*
 * Fill in what is NULL in `p`: the target, its files from /boot and its command
 * line. `r` holds them, and must live. In a dom0 that is Xen, if no kernel is
 * given. HO_EUSAGE; HO_EINITRD: the kernel has none beside it; HO_EFILE: no file
 * in /boot is the hypervisor that runs; codes of xen_open().
 */
int running_fill(struct running *r, struct pack *p, struct diag_log *diag);

#endif /* LOADER_RUNNING_H */
