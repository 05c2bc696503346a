/* SPDX-License-Identifier: MIT */
/*
 * verdict_files.h - the files of a verdict, for verdict.c.
 */
#ifndef LOADER_VERDICT_FILES_H
#define LOADER_VERDICT_FILES_H

#include "verdict.h"

/* What the caller knows of the files. */
struct verdict_known {
	bool fresh;			/* hashed just now */
	const struct staged *staged;	/* copies; NULL: none */
};

/* Open all that v->blob names; codes of verdict_open_files(). */
int verdict_take_files(struct verdict *v, const struct verdict_known *known,
		       struct diag_log *diag);
/* Close them; a staged copy is another's. */
void verdict_drop_files(struct verdict *v);

#endif /* LOADER_VERDICT_FILES_H */
