// SPDX-License-Identifier: MIT
/*
 * qemuwaits.c - does a guest of a loaded blob still wait for its update, as it was
 * saved? See qemu_kind.h.
 */
#include "qemu_kind.h"

int qemu_kind_not_waiting(const struct guest_look *l, struct diag_log *diag)
{
	return diag_add(diag, HO_EGUESTBUSY,
			"%.31s: it does not wait for an update any more",
			l->domain->name);
}

int qemu_kind_ended(const struct guest_look *l, struct diag_log *diag)
{
	/* by an older baton, just before it was replaced: its keepers do not watch */
	if (!l->taken->mark)
		return 0;
	switch (keeper_saw(l->taken->keeper.pid)) {
	case KEEPER_STOOD:
		return 0;
	case KEEPER_RAN:
		return diag_add(diag, HO_EGUESTBUSY,
				"%.31s: it ran on after it was saved, and has ended (baton unload --give-up)",
				l->domain->name);
	default:
		return diag_add(diag, HO_EGUESTBUSY,
				"%.31s: it has ended, and nobody saw whether it ran on (baton unload --give-up)",
				l->domain->name);
	}
}
