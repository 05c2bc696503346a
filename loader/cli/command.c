// SPDX-License-Identifier: MIT
/*
 * command.c - see command.h.
 */
#include "command.h"

#include <getopt.h>

int command_usage(struct diag_log *diag, const char *what)
{
	return diag_add(diag, HO_EUSAGE, "%s", what);
}

const char *command_argument(int argc, char **argv, const char *what,
			     struct diag_log *diag)
{
	if (optind + 1 == argc)
		return argv[optind];
	diag_add(diag, HO_EUSAGE, "want one argument: %s", what);
	return NULL;
}
