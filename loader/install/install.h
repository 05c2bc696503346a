/* SPDX-License-Identifier: MIT */
/*
 * install.h - targets that a boot loader starts through the door, at power-on:
 * their images in /boot/baton, and GRUB's menu entries.
 *
 *	/boot/baton/targets		a line each: current|previous ID TEXT
 *	/boot/baton/ID/baton.bzImage	the door
 *	/boot/baton/ID/baton.cold	kernel, initrd, command line (0600)
 *	/boot/baton/ID/modules		which folder of /lib/modules it needs, if any
 *	/etc/grub.d/11_baton		makes entries of these
 *	/etc/default/grub.d/zz-baton.cfg  GRUB's default, if asked for
 *
 * ID is of the two files' digests: what a configuration names never changes, and
 * goes when no configuration names it.
 */
#ifndef LOADER_INSTALL_H
#define LOADER_INSTALL_H

#include <limits.h>

#include "pack.h"

#define INSTALL_ID_CHARS 12

enum install_default {
	INSTALL_DEFAULT_KEEP,		/* as it is */
	INSTALL_DEFAULT_YES,
	INSTALL_DEFAULT_NO,
};

struct install {
	const char *root;		/* "": this system, or where one is mounted */
	const char *door;		/* NULL: the installed one */
	struct pack pack;		/* the target; NULL in it: what runs now */
	enum install_default as_default;
	bool no_grub;			/* write all, but do not run it */
};

struct installed {
	char id[INSTALL_ID_CHARS + 1];	/* "": none */
	char what[128];
};

/* The file `targets`. */
struct install_targets {
	struct installed current, previous;
	bool made_folder;		/* /etc/default/grub.d was not there */
};

/* Lines that are not understood are left out. */
void install_targets_parse(struct install_targets *t, const char *text);

/* The target is the current one from now on; what was goes to the second
 * place. HO_EGRUB..., HO_EFILE, HO_EINSTALLING, HO_ESECUREBOOT, codes of
 * pack_cold(): what was installed before is as it was. */
int install_run(const struct install *in, struct diag_log *diag);
/* All of it goes. The same codes. */
int install_remove(const struct install *in, struct diag_log *diag);

#endif /* LOADER_INSTALL_H */
