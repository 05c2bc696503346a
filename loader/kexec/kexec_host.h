/* SPDX-License-Identifier: MIT */
/*
 * kexec_host.h - what both calls of Linux have in common, kexec_load(2) and
 * kexec_file_load(2).
 */
#ifndef LOADER_KEXEC_HOST_H
#define LOADER_KEXEC_HOST_H

#include "kexec.h"

/* How a call that was refused ends. */
enum host_loads {
	HOST_LOADS,			/* kexec_load(2) takes what it is given */
	HOST_LOADS_NOT,			/* there is no such call */
	HOST_LOADS_SIGNED,		/* locked down: signed images alone */
};

/* Asked in a way that changes nothing. Where lockdown says so itself,
 * kexec_load(2) is not called. */
enum host_loads host_loads(void);
/* True when there is kexec_file_load(2). */
bool host_loads_files(void);

/* Lockdown says that it is active. */
bool host_locked_down(void);

/* For struct kexec_way. HO_EPERM, HO_EKEXECOFF. */
int host_allowed(struct diag_log *diag);
/* From Linux 6.3 on: so many more loads of that kind; -1: as often as wanted. */
int host_loads_left(bool on_crash);
/* True while the kernel says that an image is in that slot. */
bool host_holds(bool on_crash);
/* Which image is in that slot of the kernel, by kallsyms and kcore. */
enum kexec_known host_entry(bool on_crash, struct kexec_found *found);
/* reboot(2) into what is loaded; returns only on failure: HO_EIO. */
int host_jump(struct diag_log *diag);

/* True, after a nap, when errno is EBUSY: another program is in the call. *tries
 * begins with 0. */
bool host_try_again(int *tries);

#endif /* LOADER_KEXEC_HOST_H */
