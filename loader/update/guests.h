/* SPDX-License-Identifier: MIT */
/*
 * guests.h - the live guests among the domains to collect, all of them at once,
 * kind by kind. The calls come in this order; see guest.h for what each means.
 */
#ifndef LOADER_GUESTS_H
#define LOADER_GUESTS_H

#include "collect.h"

/* Where nobody is named, all that can be found are. */
void guests_name_all(struct collect *c);
/* Nobody is named, and nobody is found. */
bool guests_nobody(const struct collect *c);
/* Those that were asked for by name join the others. Codes of the kinds. */
int guests_find(struct collect *c, struct diag_log *diag);
/* Look at all, and for guests left behind on kept memory. Nobody is touched. Codes
 * of the kinds, HO_EGUESTLEFT. */
int guests_examine(struct collect *c, struct diag_log *diag);
/* Where all of a kind were found: HO_EPLAN when somebody has come since, who would
 * be lost. They may run or stand still. Codes of the kinds. */
int guests_joined(struct collect *c, struct diag_log *diag);
/* Codes of the kinds. They still run. */
int guests_hold(struct collect *c, struct diag_log *diag);
/* Pause them, but not what may run while it is collected unless `all`. HO_EPROCESS,
 * HO_EGUESTSAVE, HO_EXENSAVE: codes of the kinds. */
int guests_save(struct collect *c, bool all, struct diag_log *diag);
/* True when any is paused to be collected. */
bool guests_pause(const struct collect *c);
/* Returns 0 when each is still as it was saved. HO_EGUESTBUSY. */
int guests_unchanged(struct collect *c, struct diag_log *diag);
/* For a process that was forked off before, and may have to resume them: as if all
 * were paused. */
void guests_touched(struct collect *c);
/* Back to how they were found: each that is held or paused, once. */
void guests_resume(struct collect *c);
/* What was collected stays held when this process has ended. */
void guests_keep_on(struct collect *c);
/* Forget them all; they stay as they are. */
void guests_close(struct collect *c);

#endif /* LOADER_GUESTS_H */
