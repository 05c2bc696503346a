/* SPDX-License-Identifier: MIT */
/*
 * testkept.h - for the tests of what is after the jump: a process was kept, and the
 * host is the new instance, or the fallback. Included last: its names are short.
 */
#ifndef TESTS_COMMAND_TESTKEPT_H
#define TESTS_COMMAND_TESTKEPT_H

#include "fakelibs.h"
#include "fakerun.h"

#define MFN	0x20000ull		/* of its memory: 512 MiB, 16 pages */
#define UPGRADE	"upgrade " TARGET " "

extern pid_t guest;
extern struct diag_log diag;

/* `upgrade` of the guest, "one", with its state, and these words more. */
int kept_upgrade(const char *more);
/* cmocka's setups: after an update, and where it has failed (HO_EDOUBLE). */
int kept_setup(void **state);
int kept_setup_fallback(void **state);
/* This call of baton ends well, and says this. */
void kept_shows(const char *command, const char *text);

#endif /* TESTS_COMMAND_TESTKEPT_H */
