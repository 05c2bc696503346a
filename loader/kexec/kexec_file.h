/* SPDX-License-Identifier: MIT */
/*
 * kexec_file.h - kexec_file_load(2) of the door, as the two ways have it that go by
 * it: an image that a reboot starts, and one that a panic does.
 */
#ifndef LOADER_KEXEC_FILE_H
#define LOADER_KEXEC_FILE_H

#include "kexec.h"

/* HO_ENOKEXEC, codes of host_allowed(). */
int file_allowed(struct diag_log *diag);
/* Does the kernel trust the door? `image` is not looked at. HO_ELOCKDOWN, HO_ESTUB,
 * HO_EOWNER, HO_EIO. */
int file_fits(const struct kexec_image *image, struct diag_log *diag);
/* As struct kexec_way has it, into that slot of the kernel. HO_ECRASHSMALL,
 * HO_EARMFILE: no place in the crash range; codes of kexec_load_image(). */
int file_load(const struct kexec_image *image, bool in_crash_slot,
	      struct diag_log *diag);
/* The slot, and what is known of it: of what is `armed`, or of an update. HO_EIO. */
int file_unload(bool armed, bool in_crash_slot, struct diag_log *diag);

#endif /* LOADER_KEXEC_FILE_H */
