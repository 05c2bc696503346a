/* SPDX-License-Identifier: MIT */
/*
 * command.h - what the commands share when they read their arguments.
 */
#ifndef LOADER_COMMAND_H
#define LOADER_COMMAND_H

#include "diag.h"

/* HO_EUSAGE for what getopt_long() refused, or an argument too many or
 * missing. */
int command_usage(struct diag_log *diag, const char *what);
/* Exactly one argument is left. NULL (recorded) otherwise. */
const char *command_argument(int argc, char **argv, const char *what,
			     struct diag_log *diag);

#endif /* LOADER_COMMAND_H */
