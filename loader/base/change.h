/* SPDX-License-Identifier: MIT */
/*
 * change.h - a few small files that change together: each is complete when it
 * appears under its name, and all of them can be put back.
 */
#ifndef LOADER_CHANGE_H
#define LOADER_CHANGE_H

#include <sys/types.h>

#include "diag.h"

#define CHANGES_MAX 4

struct change {
	char *path;
	void *old;			/* NULL: there was none */
	uint64_t old_bytes;
	mode_t old_mode;
	bool touched;			/* it may be another by now */
};

struct changes {
	struct change items[CHANGES_MAX];
	int count;
};

/* The file gets these bytes and this mode, on the disk before this returns.
 * One that has them already is not touched. HO_EFILE. */
int change_write(struct changes *c, const char *path, const void *bytes,
		 uint64_t length, mode_t mode, struct diag_log *diag);
/* The file is there no more. HO_EFILE. */
int change_remove(struct changes *c, const char *path, struct diag_log *diag);

/* As it was, the last change first; what fails is recorded. HO_EFILE for
 * each. */
void changes_undo(struct changes *c, struct diag_log *diag);
/* Done: free what changes_undo() would have needed. */
void changes_keep(struct changes *c);

#endif /* LOADER_CHANGE_H */
