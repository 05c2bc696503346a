/* SPDX-License-Identifier: MIT */
/*
 * installfiles.h - the images of `baton install`, in /boot/baton. See
 * install.h, which says what is there.
 */
#ifndef LOADER_INSTALLFILES_H
#define LOADER_INSTALLFILES_H

#include "install.h"

#define INSTALL_FOLDER	"/boot/baton"
#define INSTALL_TARGETS	INSTALL_FOLDER "/targets"

/* root and path in out[PATH_MAX]; returns it. */
const char *install_path(char *out, const char *root, const char *path);

/* Make the folder, and be alone in it until *fd is closed. HO_EFILE,
 * HO_EINSTALLING. */
int install_lock(const char *root, int *fd, struct diag_log *diag);

/* Pack the target and copy the door; nothing names them yet. Those that are
 * there already are not touched. HO_ESTUB, HO_EFILE, codes of pack_cold(). */
int install_images(const struct install *in, struct installed *now,
		   struct diag_log *diag);

/* Remove what neither `t` nor GRUB's configuration names. */
void install_collect(const char *root, const struct install_targets *t);

#endif /* LOADER_INSTALLFILES_H */
