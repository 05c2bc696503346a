// SPDX-License-Identifier: MIT
/*
 * args.c - the command line that `baton adopt` would start a guest with, a NUL
 * behind each argument: of a recorded configuration (standard
 * input), over PREFIX.ID in place of /dev/baton/NAME.ID.
 */
#include <stdio.h>
#include <string.h>

#include "guestconf.h"

int main(int argc, char **argv)
{
	static char text[1 << 20];
	struct diag_log diag;
	struct guest_conf c;
	size_t bytes = fread(text, 1, sizeof(text), stdin);
	char **args;

	diag_init(&diag, HO_STAGE_LOADER);
	if (argc != 2 || guest_conf_read(&c, text, bytes, &diag))
		return 1;
	args = guest_args(&c, argv[1], &diag);
	for (; args && *args; args++)
		fwrite(*args, 1, strlen(*args) + 1, stdout);
	return !args;
}
