/* SPDX-License-Identifier: MIT */
/*
 * libvirt_setup.h - what a host of libvirt needs of Baton beside the program: the
 * emulator that gives a guest its kept memory, the hook that keeps others from
 * starting it, and the rules of AppArmor for both.
 */
#ifndef LOADER_LIBVIRT_SETUP_H
#define LOADER_LIBVIRT_SETUP_H

#include "diag.h"

#define LIBVIRT_HOOK	"/etc/libvirt/hooks/qemu.d/baton"
/* Save images, while they are restored: others may look whether there is one, and
 * no more. */
#define LIBVIRT_DIR	"/run/baton-libvirt"

/* The emulator's path; NULL: HO_ELIBVIRTSETUP. */
const char *libvirt_emulator(struct diag_log *diag);
/* All of it is there. HO_ELIBVIRTSETUP. */
int libvirt_setup_check(struct diag_log *diag);

#endif /* LOADER_LIBVIRT_SETUP_H */
