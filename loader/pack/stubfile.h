/* SPDX-License-Identifier: MIT */
/*
 * stubfile.h - the header of a stub image (handover/entry.h): pack looks at it
 * before a guest is paused, and load once more at the file that it loads.
 */
#ifndef LOADER_STUBFILE_H
#define LOADER_STUBFILE_H

#include "diag.h"
#include "handover/entry.h"
#include "util.h"

/* The stub of a file: all of it, or what is inside a door, which has a key of its
 * own in it when it is signed. HO_ESTUB; HO_ENOMEM. */
int stubfile_open(struct mapped *m, const char *path, struct diag_log *diag);
/*
 * Read the header of the `length` bytes of the file `name`. HO_ESTUB: too
 * short, or not a stub's; HO_EBLOBVERSION: it wants a newer loader.
 */
int stubfile_read(struct ho_stub_header *out, const char *name,
		  const void *bytes, uint64_t length, struct diag_log *diag);
/* Returns 0 when it reads a blob of that version, for readers of `compat` or
 * later. HO_EBLOBVERSION. */
int stubfile_check_blob(const struct ho_stub_header *h, const char *name,
			uint32_t version, uint32_t compat,
			struct diag_log *diag);

#endif /* LOADER_STUBFILE_H */
