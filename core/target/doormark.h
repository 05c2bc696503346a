/* SPDX-License-Identifier: MIT */
/*
 * doormark.h - refuses Baton's own door as a target. It starts a first boot,
 * so that as the target of a handover it would forget every domain.
 */
#ifndef CORE_DOORMARK_H
#define CORE_DOORMARK_H

#include "diag.h"

/* By its content, in either wrapping (handover/entry.h, HO_DOOR_MAGIC). */
bool doormark_is(const void *image, uint64_t bytes);
/* HO_EDOORTARGET when it is; `what` says which file. */
int doormark_refuse(const void *image, uint64_t bytes, const char *what,
		    struct diag_log *diag);

#endif /* CORE_DOORMARK_H */
