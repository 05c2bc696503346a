// SPDX-License-Identifier: MIT
/*
 * cmd_install.c - install and uninstall: GRUB starts hosts through the door.
 */
#include "commands.h"

#include <string.h>
#include <unistd.h>

#include "command.h"
#include "install.h"

enum {
	INSTALL_ROOT = 2000,
	INSTALL_DOOR,
	INSTALL_DEFAULT,
	INSTALL_NO_DEFAULT,
	INSTALL_NO_GRUB,
};

#define PLACE_OPTIONS \
	{ "root", required_argument, NULL, INSTALL_ROOT }, \
	{ "no-update-grub", no_argument, NULL, INSTALL_NO_GRUB }

static int install_option(struct install *in, int option, const char *value,
			  struct diag_log *diag)
{
	switch (option) {
	case INSTALL_ROOT: in->root = strcmp(value, "/") ? value : ""; return 0;
	case INSTALL_DOOR: in->door = value; return 0;
	case INSTALL_DEFAULT: in->as_default = INSTALL_DEFAULT_YES; return 0;
	case INSTALL_NO_DEFAULT: in->as_default = INSTALL_DEFAULT_NO; return 0;
	case INSTALL_NO_GRUB: in->no_grub = true; return 0;
	}
	return pack_option(&in->pack, option, value, diag);
}

static int parse(struct install *in, int argc, char **argv,
		 const struct option *options, struct diag_log *diag)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == '?')
			return command_usage(diag, argv[optind - 1]);
		if (install_option(in, option, optarg, diag))
			return -HO_EUSAGE;
	}
	if (optind != argc)
		return command_usage(diag, argv[optind]);
	if (strlen(in->root) > PATH_MAX / 2)
		return command_usage(diag, "--root: too long");
	return geteuid() ? diag_add(diag, HO_EPERM, "writing to /boot and /etc")
			 : 0;
}

int cmd_install(int argc, char **argv, struct diag_log *diag)
{
	static const struct option options[] = { PACK_OPTIONS, PLACE_OPTIONS,
		{ "door", required_argument, NULL, INSTALL_DOOR },
		{ "default", no_argument, NULL, INSTALL_DEFAULT },
		{ "no-default", no_argument, NULL, INSTALL_NO_DEFAULT },
		{ 0 } };
	struct install in = { .root = "", .pack = PACK_DEFAULTS };
	int rc;

	in.pack.target = in.pack.cmdline = NULL;
	rc = parse(&in, argc, argv, options, diag);
	return rc ? rc : install_run(&in, diag);
}

int cmd_uninstall(int argc, char **argv, struct diag_log *diag)
{
	static const struct option options[] = { PLACE_OPTIONS, { 0 } };
	struct install in = { .root = "" };
	int rc = parse(&in, argc, argv, options, diag);

	return rc ? rc : install_remove(&in, diag);
}
