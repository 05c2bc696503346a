/* SPDX-License-Identifier: MIT */
/*
 * stale.h - an image that the kernel does not unload, and whose guests run on: a
 * past of them. The ledger has it, too (ledger_is_stale()).
 */
#ifndef LOADER_STALE_H
#define LOADER_STALE_H

#include "diag.h"

/* Say so aloud, and in the journal: `command` ends with `code` (-HO_E...), and why. */
void stale_say(const char *command, int code, const struct diag_log *why);

#endif /* LOADER_STALE_H */
