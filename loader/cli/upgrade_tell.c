// SPDX-License-Identifier: MIT
/*
 * upgrade_tell.c - see upgrade_tell.h.
 */
#include "upgrade_tell.h"

#include <syslog.h>

#include "journal.h"
#include "jsonout.h"
#include "tell.h"

void upgrade_send(const char *id, int priority, int code, const char *what)
{
	const struct journal_entry e = {
		.id = id, .priority = priority, .command = "upgrade",
		.stage = tell_stage_now(), .code = code };

	journal_send(&e, "%s", what);
}

static void tell_error(const struct ho_diag *d)
{
	struct json_object *o = json_object_new_object();

	json_text(o, "error", error_name(d->code));
	json_text(o, "what", error_text(d->code));
	json_text(o, "where", d->where);
	json_text(o, "remedy", error_remedy(d->code));
	tell_event("error", o);
}

void upgrade_conclude(const struct arguments *a, const char *good, int rc,
		      const struct diag_log *diag)
{
	struct json_object *o = json_object_new_object();
	uint32_t i;

	for (i = 0; i < diag->kept; i++)
		tell_error(&diag->items[i]);
	json_text(o, "result", !rc ? good : a->called_off ? "called off"
		  : "refused");
	json_u64(o, "status", !rc ? HO_EXIT_OK : a->called_off
		 ? HO_EXIT_CALLED_OFF : error_exit(-rc));
	if (rc)
		upgrade_send(JOURNAL_FAILED,
			     a->called_off ? LOG_ERR : LOG_WARNING, -rc,
			     diag->kept ? diag->items[0].where : "");
	tell_event("end", o);
	tell_end();
}
