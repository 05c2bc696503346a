// SPDX-License-Identifier: MIT
/*
 * cmd_restore.c - in the new instance: kept guests run on.
 */
#include "commands.h"

#include "kinds.h"
#include "lock.h"
#include "note.h"

int cmd_restore(struct arguments *a, struct diag_log *diag)
{
	struct guest_restore o = { .name = a->operands[0], .output = a->output,
				   .paused = a->paused, .keep = a->keep };
	struct handover *h;
	struct note note;
	int rc;

	rc = lock_shared("restore", diag);
	if (rc)
		return rc;
	rc = handover_new(&h, true, diag);
	if (rc)
		return rc;
	note_settle(NOTE_PATH, &h->crumb, &note);
	rc = h->chained ? guest_kind_named("xen")->restore(&o, h, diag)
			: diag_add(diag, HO_EBREADCRUMB,
				   "the update failed: nothing is restored here");
	handover_free(h);
	return rc;
}
