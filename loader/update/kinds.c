// SPDX-License-Identifier: MIT
/*
 * kinds.c - see kinds.h: a line for each kind. The only file here, and in cli/,
 * that includes a kind's own headers for what guest.h says.
 */
#include "kinds.h"

#include <string.h>

#include "process_kind.h"
#include "qemu_kind.h"
#include "xen_kind.h"

const struct guest_kind *const guest_kinds[] = {
	&process_kind,
	&xen_kind,
	&qemu_kind,
	NULL
};

const struct guest_kind *guest_kind_named(const char *name)
{
	int i;

	for (i = 0; guest_kinds[i]; i++)
		if (!strcmp(guest_kinds[i]->name, name))
			return guest_kinds[i];
	return NULL;
}
