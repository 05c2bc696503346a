/* SPDX-License-Identifier: MIT */
/*
 * libvirt_convert.h - a running domain whose RAM is its QEMU's own becomes one whose
 * RAM an update can keep: libvirt saves it with all of its memory, and starts it from
 * there in huge pages that are shared. From the save on libvirt itself has all of it:
 * whatever ends meanwhile, `virsh start` or autostart lets it go on.
 */
#ifndef LOADER_LIBVIRT_CONVERT_H
#define LOADER_LIBVIRT_CONVERT_H

#include "guest.h"

/* Print what would be done; done when o->agree() is 0. The running domain, and its
 * configuration. HO_ELIBVIRT, HO_ELIBVIRTDOMAIN, HO_EGUESTDEV: it cannot go
 * whatever its memory; HO_ECONVERTROOM, HO_ECONVERT, HO_ECONVERTWAITS, HO_ENOMEM,
 * codes of o->agree(). */
int libvirt_convert(const struct guest_convert *o, struct diag_log *diag);

#endif /* LOADER_LIBVIRT_CONVERT_H */
