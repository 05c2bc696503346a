// SPDX-License-Identifier: MIT
/*
 * kinds.c - see kinds.h: a line for each kind. The only file here, and in cli/,
 * that includes a kind's own headers for what guest.h says.
 */
#include "kinds.h"

#include <string.h>

#include "libvirt_kind.h"
#include "process_kind.h"
#include "qemu_kind.h"
#include "xen_kind.h"

const struct guest_kind *const guest_kinds[] = {
	&process_kind,
	&xen_kind,
	&qemu_kind,
	&libvirt_kind,
	NULL
};

_Static_assert(sizeof(guest_kinds) / sizeof(*guest_kinds) <= GUEST_KINDS_MAX,
	       "GUEST_KINDS_MAX");

int guest_kind_of_state(const char *name)
{
	int i;

	for (i = 0; guest_kinds[i]; i++)
		if (guest_kinds[i]->state &&
		    !strcmp(guest_kinds[i]->state, name))
			return i;
	return -1;
}

const struct guest_kind *guest_kind_named(const char *name)
{
	int i;

	for (i = 0; guest_kinds[i]; i++)
		if (!strcmp(guest_kinds[i]->name, name))
			return guest_kinds[i];
	return NULL;
}
