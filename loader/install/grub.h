/* SPDX-License-Identifier: MIT */
/*
 * grub.h - GRUB's configuration, which is what grub-mkconfig writes: made
 * beside the one in use and put in its place when it is complete.
 */
#ifndef LOADER_GRUB_H
#define LOADER_GRUB_H

#include <signal.h>

#include "diag.h"

/* Returns 0 when grub_update() can work in the system at `root` ("": this
 * one). HO_ENOGRUB without GRUB or its tools, HO_EGRUBOWN when its
 * configuration is somebody's own work. */
int grub_check(const char *root, struct diag_log *diag);
/* Make it anew. It must have (`wanted`) or must not have the text `word`. One of
 * the signals `held`, which are blocked, ends grub-mkconfig. HO_EGRUB; then the
 * one in use is as it was. */
int grub_update(const char *root, const char *word, bool wanted,
		const sigset_t *held, struct diag_log *diag);
/* True when the one in use has that text, or custom.cfg, which it reads.
 * True, too, when one of them cannot be read. */
bool grub_may_name(const char *root, const char *word);
/* True when that menu entry is the default of the one in use. */
bool grub_default_is(const char *root, const char *entry);

#endif /* LOADER_GRUB_H */
