/* SPDX-License-Identifier: MIT */
/*
 * libvirt_kind.h - guests of libvirt as a kind: QEMU guests whose monitor libvirt
 * holds, and which libvirt itself starts again.
 */
#ifndef LOADER_LIBVIRT_KIND_H
#define LOADER_LIBVIRT_KIND_H

#include "guest.h"

extern const struct guest_kind libvirt_kind;

#endif /* LOADER_LIBVIRT_KIND_H */
