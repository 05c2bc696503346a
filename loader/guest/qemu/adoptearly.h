/* SPDX-License-Identifier: MIT */
/*
 * adoptearly.h - may a kept QEMU guest go on where the root file system is there,
 * and the host's other ones are not: in an initramfs. What is not there yet must
 * not be taken for something else of the same name.
 */
#ifndef LOADER_ADOPTEARLY_H
#define LOADER_ADOPTEARLY_H

#include "guestconf.h"
#include "qmp.h"

/* Before its QEMU starts. HO_EADOPT: a file that it names, its monitor or its directory
 * is where a line of /etc/fstab has yet to mount something, or where init begins by
 * removing all (/tmp, /var/tmp); or a tap is not there, or its script has to run. */
int adopt_early_places(const struct guest_conf *c, struct diag_log *diag);

/* Its QEMU has opened its disks, and does not write yet. HO_EADOPT: one of them, or
 * what is behind it, is a file: that the same name leads to the same file is not
 * known here. HO_EQMP. */
int adopt_early_disks(struct qmp *m, struct diag_log *diag);

#endif /* LOADER_ADOPTEARLY_H */
