/* SPDX-License-Identifier: MIT */
/*
 * resume.h - an update is called off: the guests that wait for it run on.
 */
#ifndef LOADER_RESUME_H
#define LOADER_RESUME_H

#include "ledger.h"

/*
 * The guests in the blob at `path` that the ledger does not know are put there,
 * as saved. No error when there is no such blob. HO_ENOMEM, codes of
 * loaded_walk(); what was read before is there.
 */
int resume_remember(struct ledger *l, const char *path,
		    struct diag_log *diag);

/* Returns 0 when each that was saved has a process that it can run on in.
 * HO_EENDED: in one that has ended it cannot, and its keeper has its memory. */
int resume_check(const struct ledger *l, struct diag_log *diag);

/*
 * All guests of the ledger, all at once, within so many seconds: one that hangs
 * keeps nobody waiting. Those that ran before they were saved run on, and all
 * keepers end. Who does not run is recorded by its name, and is all that is left
 * there. HO_EQMP, HO_ESTUCK, HO_ENOMEM.
 */
int resume_guests(struct ledger *l, int seconds, struct diag_log *diag);

#endif /* LOADER_RESUME_H */
