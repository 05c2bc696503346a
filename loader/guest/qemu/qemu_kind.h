/* SPDX-License-Identifier: MIT */
/*
 * qemu_kind.h - guests of QEMU as a kind: their memory held by a keeper, a
 * process whose frames are written as any process's.
 */
#ifndef LOADER_QEMU_KIND_H
#define LOADER_QEMU_KIND_H

#include "guest.h"

extern const struct guest_kind qemu_kind;

#endif /* LOADER_QEMU_KIND_H */
