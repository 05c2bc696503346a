/* SPDX-License-Identifier: MIT */
/*
 * qemumigrate.h - whose migration it is that QEMU does, or did last. A save is a
 * migration, and QEMU knows one at a time: another monitor may have begun its own, and
 * a guest that went away by that must never run here.
 */
#ifndef LOADER_QEMUMIGRATE_H
#define LOADER_QEMUMIGRATE_H

#include "qemu.h"

struct qemu_migration {
	bool under_way;
	bool completed;
	uint64_t mark;			/* of one that is completed, never 0: another
					 * one has another */
	bool left_out;			/* it had not all RAM */
};

/* HO_EQMP, HO_ELIBVIRT. */
int qemu_migration_ask(struct qmp *m, struct qemu_migration *out,
		       struct diag_log *diag);
/* Returns 0 when none is under way, and nothing blocks one. HO_EGUESTBUSY,
 * HO_EGUESTDEV, HO_EQMP, HO_ELIBVIRT. */
int qemu_check_migration(struct qemu *q, struct diag_log *diag);
/* Is it that of our save? Where this process did not begin it, by what a save sets for
 * it, and by the RAM that it leaves out. HO_EQMP, HO_ELIBVIRT. */
int qemu_migration_is_ours(struct qemu *q, const struct qemu_migration *m,
			   bool *ours, struct diag_log *diag);
/* Settings of a save: shared RAM is left out. HO_EGUESTSAVE, HO_EQMP, HO_ELIBVIRT. */
int qemu_set_ignore_shared(struct qmp *m, bool on, struct diag_log *diag);
/* max-bandwidth, bytes a second. HO_EQMP, HO_ELIBVIRT, or `code`. */
int qemu_set_bandwidth(struct qmp *m, uint64_t bytes, int code,
		       struct diag_log *diag);
/* *away: the guest is where another's migration brought it. The same codes. */
int qemu_is_away(struct qemu *q, bool *away, struct diag_log *diag);

#endif /* LOADER_QEMUMIGRATE_H */
