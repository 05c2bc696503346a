// SPDX-License-Identifier: MIT
/*
 * stale.c - see stale.h.
 */
#include "stale.h"

#include <syslog.h>

#include "journal.h"
#include "kexec.h"
#include "util.h"

void stale_say(const char *command, int code, const struct diag_log *why)
{
	const struct journal_entry e = {
		.id = JOURNAL_FAILED, .priority = LOG_CRIT,
		.command = command, .code = -code };
	const char *where = why->total ? why->items[0].where : "";
	const char *what = kexec_in_crash_slot() ? "a panic"
						 : "a reboot by kexec";

	progress("THE IMAGE IS LOADED STILL, AND ITS GUESTS RUN ON (%s): %s would start a past of them. Try baton unload again, or start this host by its firmware",
		 where, what);
	journal_send(&e, "the image is loaded still, and its guests run on (%s): %s would start a past of them",
		     where, what);
}
