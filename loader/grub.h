/* SPDX-License-Identifier: MIT */
/*
 * grub.h - GRUB's configuration, which is what grub-mkconfig writes: made
 * beside the one in use and put in its place when it is complete.
 */
#ifndef LOADER_GRUB_H
#define LOADER_GRUB_H

#include "diag.h"

/* Would grub_update() work in the system at `root` ("": this one)? HO_ENOGRUB
 * without GRUB or its tools, HO_EGRUBOWN when its configuration is somebody's
 * own work. */
int grub_check(const char *root, struct diag_log *diag);
/* Make it anew. It must have (`wanted`) or must not have the text `word`.
 * HO_EGRUB; then the one in use is as it was. */
int grub_update(const char *root, const char *word, bool wanted,
		struct diag_log *diag);
/* Has the one in use that text? */
bool grub_names(const char *root, const char *word);

#endif /* LOADER_GRUB_H */
