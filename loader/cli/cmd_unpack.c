// SPDX-License-Identifier: MIT
/*
 * cmd_unpack.c - a kernel that need not unpack itself while guests stand still.
 */
#include "commands.h"

#include <stdio.h>

#include "unpacked.h"

int cmd_unpack(struct arguments *a, struct diag_log *diag)
{
	struct kernel_unpacked u;
	int rc = kernel_unpack(&u, a->operands[0], a->output, a->nokaslr, diag);

	if (rc)
		return rc;
	printf("%s: %s, unpacked %s%s\n", a->output, human_bytes(u.packed),
	       human_bytes(u.bytes), u.moved
	       ? ", at an address of its own (KASLR): for one start" : "");
	return 0;
}
