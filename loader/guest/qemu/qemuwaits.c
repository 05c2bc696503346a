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
