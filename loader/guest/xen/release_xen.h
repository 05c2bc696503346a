/* SPDX-License-Identifier: MIT */
/*
 * release_xen.h - kept guests of Xen that nobody wants back.
 */
#ifndef LOADER_RELEASE_XEN_H
#define LOADER_RELEASE_XEN_H

#include <stdbool.h>

#include "handover/frametable.h"

/* True: this Xen's heap has the frames of `d`, which nobody restores any more.
 * False: they come back with the next update, for this Xen cannot, or a domain has
 * them, or a program has one of them mapped. */
bool release_xen(const struct ho_domain *d);

#endif /* LOADER_RELEASE_XEN_H */
