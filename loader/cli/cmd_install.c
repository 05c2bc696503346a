// SPDX-License-Identifier: MIT
/*
 * cmd_install.c - install and uninstall: GRUB starts hosts through the door.
 */
#include "commands.h"

#include <string.h>
#include <unistd.h>

#include "install.h"

static int run(struct arguments *a, bool remove, struct diag_log *diag)
{
	const struct install in = {
		.root = strcmp(a->root, "/") ? a->root : "",
		.door = a->door, .pack = a->pack, .no_grub = a->no_update_grub,
		.as_default = a->as_default ? INSTALL_DEFAULT_YES
			    : a->no_default ? INSTALL_DEFAULT_NO
					    : INSTALL_DEFAULT_KEEP,
	};

	if (geteuid())
		return diag_add(diag, HO_EPERM, "writing to /boot and /etc");
	return remove ? install_remove(&in, diag) : install_run(&in, diag);
}

int cmd_install(struct arguments *a, struct diag_log *diag)
{
	return run(a, false, diag);
}

int cmd_uninstall(struct arguments *a, struct diag_log *diag)
{
	return run(a, true, diag);
}
