/* SPDX-License-Identifier: MIT */
/*
 * targetmodule.h - has the target's Linux baton_mem, without which its guests of
 * KVM stay kept there and do not go on? Asked before the first of them is paused.
 */
#ifndef LOADER_TARGETMODULE_H
#define LOADER_TARGETMODULE_H

#include <limits.h>

#include "pack.h"

enum target_module_found {
	TARGET_MODULE_NOT_ASKED,	/* by target_module_look()'s caller */
	TARGET_MODULE_THERE,		/* in its initrd, or for its release in this
					 * root */
	TARGET_MODULE_UNKNOWN,		/* what it starts from cannot be seen here */
	TARGET_MODULE_MISSING,		/* its root is this one, which has its modules,
					 * and this one is not among them */
};

struct target_module {
	enum target_module_found found;
	char release[NAME_MAX + 1];	/* of the kernel; "": not known */
	char list[PATH_MAX];		/* of its modules, by depmod */
};

/* Look at kernel and initrd of a target that is filled in, and in /lib/modules.
 * What cannot be read is not known. */
void target_module_look(struct target_module *m, const struct pack *p);

#endif /* LOADER_TARGETMODULE_H */
