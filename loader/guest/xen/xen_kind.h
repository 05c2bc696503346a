/* SPDX-License-Identifier: MIT */
/*
 * xen_kind.h - guests of the Xen that this dom0 controls, as a kind.
 */
#ifndef LOADER_XEN_KIND_H
#define LOADER_XEN_KIND_H

#include "guest.h"

extern const struct guest_kind xen_kind;

#endif /* LOADER_XEN_KIND_H */
