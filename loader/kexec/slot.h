/* SPDX-License-Identifier: MIT */
/*
 * slot.h - the kernel has one place for an image that a reboot starts, and one
 * for a panic: the owner of the image that is there.
 */
#ifndef LOADER_SLOT_H
#define LOADER_SLOT_H

#include "diag.h"

enum slot_state {
	SLOT_EMPTY,
	SLOT_OURS,		/* of LOADED_BLOB, ARMED_BLOB */
	SLOT_FOREIGN,		/* somebody else's: kexec-tools, kdump, systemd */
	SLOT_UNKNOWN,		/* there is a blob of ours, and an image: the
				 * kernel hides which (Xen, kptr_restrict) */
};

/* Blob of ours and kernel looked at now. */
enum slot_state slot_state(bool on_crash);

/*
 * Returns 0 when the slot may be filled. HO_ELOADED: an update of ours is in
 * it. HO_ESLOT: somebody else's image is, and `replace` is false. For a crash
 * ours may be replaced.
 */
int slot_check(bool on_crash, bool replace, struct diag_log *diag);

/* Returns 0 when the image that a jump would start is ours, as far as it can be
 * known. Other programs load without our lock. HO_ENOTLOADED: there is none, or no
 * LOADED_BLOB; HO_ESLOT. */
int slot_is_ours(struct diag_log *diag);

/* What became of `baton arm` of this boot: "armed", "no longer" (another image is in
 * the slot, or none), "not known"; NULL: there was none. */
const char *slot_armed(void);

#endif /* LOADER_SLOT_H */
