/* SPDX-License-Identifier: MIT */
/*
 * upgrade_tell.h - what `upgrade` says of its course: to the journal, and at its end.
 */
#ifndef LOADER_UPGRADE_TELL_H
#define LOADER_UPGRADE_TELL_H

#include "options.h"

/* An entry of the journal: JOURNAL_..., LOG_..., HO_E... or 0, and its text. */
void upgrade_send(const char *id, int priority, int code, const char *what);
/* The last line, and the journal's: what came of it. `rc`: 0, said by the word `good`;
 * -HO_E..., as `diag` has it. */
void upgrade_conclude(const struct arguments *a, const char *good, int rc,
		      const struct diag_log *diag);

#endif /* LOADER_UPGRADE_TELL_H */
