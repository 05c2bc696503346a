// SPDX-License-Identifier: MIT
/*
 * cmd_sign.c - what is signed off the host: an image, or a manifest.
 */
#include "commands.h"

int cmd_sign(struct arguments *a, struct diag_log *diag)
{
	struct sign *s = &a->sign;

	s->output = a->output;
	s->image = a->operand_count ? a->operands[0] : NULL;
	if (s->manifest == (s->image != NULL))
		return diag_add(diag, HO_EUSAGE,
				"an image, or --manifest and --kernel");
	if (!s->manifest && s->key && !s->cert)
		return diag_add(diag, HO_EUSAGE,
				"--key of an image needs --cert");
	return sign_run(s, &a->pack, diag);
}
