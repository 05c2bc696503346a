// SPDX-License-Identifier: MIT
/*
 * cmd_convert.c - a guest is given memory that an update can keep.
 */
#include "commands.h"

#include "kinds.h"
#include "ledger.h"
#include "lock.h"
#include "oneword.h"

static int go_on(const void *context, struct diag_log *diag)
{
	const struct arguments *a = context;

	return a->dry_run ? 1 : agree(a, "convert", diag);
}

/* Of libvirt alone: elsewhere nobody has what it takes to start it again. */
int cmd_convert(struct arguments *a, struct diag_log *diag)
{
	struct guest_convert o = { .name = a->operands[0], .agree = go_on,
				   .context = a };
	int rc = lock_alone("convert", diag);

	if (!rc)
		rc = ledger_check(true, diag);
	return rc ? rc : guest_kind_named("libvirt")->convert(&o, diag);
}
