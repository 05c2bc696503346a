/* SPDX-License-Identifier: MIT */
/*
 * doormark.h - knows Baton's own door. As a target it is refused: it starts a
 * first boot, and would forget every domain. The stub inside it is found.
 */
#ifndef CORE_DOORMARK_H
#define CORE_DOORMARK_H

#include "diag.h"

/* By its content, in either wrapping (handover/entry.h, HO_DOOR_MAGIC). */
bool doormark_is(const void *image, uint64_t bytes);
/* HO_EDOORTARGET when it is; `what` says which file. */
int doormark_refuse(const void *image, uint64_t bytes, const char *what,
		    struct diag_log *diag);
/* The stub inside a door's bzImage: a pointer into `image`, its length in
 * *stub_bytes. NULL: not a door, or not one stub in it. */
const void *doormark_stub(const void *image, uint64_t bytes,
			  uint64_t *stub_bytes);

#endif /* CORE_DOORMARK_H */
