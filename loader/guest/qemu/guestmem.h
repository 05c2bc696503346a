/* SPDX-License-Identifier: MIT */
/*
 * guestmem.h - devices of the kernel module baton_mem over kept frames.
 */
#ifndef LOADER_GUESTMEM_H
#define LOADER_GUESTMEM_H

#include "guestconf.h"
#include "handover.h"

/*
 * /dev/baton/PREFIX.ID for every backend of the domain: its extents, in the
 * order of their gfns; its QEMU's user may open it, and nobody else. Each
 * backend must be there wholly. It is no error when they exist already.
 * HO_EGUESTMEM, HO_EGUESTCONF.
 */
int guestmem_create(const struct handover *h, const struct ho_domain *d,
		    const struct guest_conf *c, const char *prefix,
		    struct diag_log *diag);

/* True when a process has this device open, or its pages are in use; also when
 * nobody can tell. It stays as it is. (A module before 0.6 can only be asked to
 * remove it, and does when nobody has it: adopting makes it again.) */
bool guestmem_in_use(const char *path);
/* Of how many of the devices that guestmem_create() makes for a guest that is so. */
int guestmem_count_in_use(const struct guest_conf *c, const char *prefix);
/* The same of any device of the guest of this name, or of what its devices are
 * called by; also of another whose name begins with this one and a dot. */
bool guestmem_guest_in_use(const char *name);

#endif /* LOADER_GUESTMEM_H */
