/* SPDX-License-Identifier: MIT */
/*
 * guestnet.h - interfaces of the host that have to be there before a guest's QEMU
 * starts: taps that somebody else makes, and the bridges that its taps were in.
 * Sources: drivers/net/tun.c of Linux (fdinfo), Documentation/ABI/testing/
 * sysfs-class-net.
 */
#ifndef LOADER_GUESTNET_H
#define LOADER_GUESTNET_H

#include "guestconf.h"

/* The bridges, or the like, that the taps of this QEMU are in, into `c`. None, where
 * its network is not the one of this process. */
void guest_net_read(struct guest_conf *c, pid_t pid);
/* The first interface that is not there; NULL: all are. Of `c`, or of its args. */
const char *guest_net_missing(const struct guest_conf *c);
/* True when a script makes one of its taps what it is, or QEMU alone. */
bool guest_net_has_script(const struct guest_conf *c);

#endif /* LOADER_GUESTNET_H */
