/* SPDX-License-Identifier: MIT */
/*
 * kinds.h - which kinds of guest there are.
 */
#ifndef LOADER_KINDS_H
#define LOADER_KINDS_H

#include "guest.h"

#define GUEST_KINDS_MAX	16

/* All of them, ended by NULL, in the order in which they are paused and let run. */
extern const struct guest_kind *const guest_kinds[];

/* Whose STATE record of this name is: an index, -1: nobody's. */
int guest_kind_of_state(const char *name);

/* NULL: there is none of that name. */
const struct guest_kind *guest_kind_named(const char *name);

#endif /* LOADER_KINDS_H */
