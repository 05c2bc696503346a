// SPDX-License-Identifier: MIT
/*
 * main.c - the baton command: which command, and how it ends. The only place
 * that calls exit().
 */
#include <errno.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "kexec.h"

static int report(const char *name, const struct diag_log *diag)
{
	uint32_t i;

	for (i = 0; i < diag->kept; i++) {
		const struct ho_diag *d = &diag->items[i];

		fprintf(stderr, "baton: %s: %s: %s [%s]\n", name,
			error_text(d->code), d->where, error_name(d->code));
		if (!i || d->code != diag->items[i - 1].code)
			fprintf(stderr, "  remedy: %s\n",
				error_remedy(d->code));
	}
	if (diag->total > diag->kept)
		fprintf(stderr, "baton: %s: and %llu more\n", name,
			(unsigned long long)(diag->total - diag->kept));
	return diag->kept ? error_exit(diag->items[0].code)
			  : HO_EXIT_FAILURE;
}

/* Where the kernel starts the door, its stub is the one that runs. */
static void take_door(struct arguments *a, enum command_id command)
{
	struct diag_log none;

	if (a->cold || (command != COMMAND_PACK && command != COMMAND_UPGRADE &&
			command != COMMAND_PRECHECK && command != COMMAND_ARM))
		return;
	diag_init(&none, HO_STAGE_LOADER);
	a->pack.placed_by_kernel = kexec_wants_package();
	if (a->pack.placed_by_kernel && !a->pack.stub &&
	    kexec_door(&a->pack.stub, &none))
		a->pack.stub = NULL;
}

static int run(enum command_id command, int argc, char **argv)
{
	static struct arguments a;
	static struct diag_log diag;
	int rc;

	diag_init(&diag, HO_STAGE_LOADER);
	rc = options_parse(&a, command, argc, argv, &diag);
	if (rc == OPTIONS_HELP || rc == OPTIONS_HELP_ALL) {
		option_help(stdout, command, rc == OPTIONS_HELP_ALL);
		return HO_EXIT_OK;
	}
	kexec_choose(a.crash_image ? KEXEC_BY_CRASH : a.by_file
		     ? KEXEC_BY_FILE : KEXEC_AS_IT_IS, a.door);
	if (command == COMMAND_ARM && a.again)
		kexec_choose_armed();
	if (!rc)
		take_door(&a, command);
	if (!rc)
		rc = commands[command].run(&a, &diag);
	if (!rc && !diag.total)
		return HO_EXIT_OK;
	fflush(stdout);
	rc = report(commands[command].name, &diag);
	return a.called_off ? HO_EXIT_CALLED_OFF : rc;
}

/* A command's, by `baton help COMMAND`; what the build asks for; or all. */
static int help(int argc, char **argv)
{
	static const struct {
		const char *option;
		void (*print)(FILE *to);
	} made[] = {
		{ "--man", option_print_man }, { "--bash", option_print_bash },
		{ "--zsh", option_print_zsh },
	};
	enum command_id command;
	size_t i;

	if (argc < 2) {
		option_help_all(stdout);
		return HO_EXIT_OK;
	}
	for (i = 0; i < ARRAY_COUNT(made); i++)
		if (argc == 2 && !strcmp(argv[1], made[i].option)) {
			made[i].print(stdout);
			return HO_EXIT_OK;
		}
	command = command_find(argv[1]);
	if (argc > 2 || command == COMMAND_COUNT) {
		fprintf(stderr, "baton: help wants one command; see baton --help\n");
		return HO_EXIT_USAGE;
	}
	option_help(stdout, command, false);
	return HO_EXIT_OK;
}

/* All that was printed has arrived, or the status says that it has not: of
 * every command, here alone. */
static void leave(const char *name, int status) __attribute__((noreturn));
static void leave(const char *name, int status)
{
	static struct diag_log diag;
	bool good = !ferror(stdout);

	errno = 0;
	good &= !fflush(stdout);
	/* closed by the caller is no failure: then there was nothing to say */
	good &= !fclose(stdout) || errno == EBADF;
	if (good || status)
		exit(status);
	diag_init(&diag, HO_STAGE_LOADER);
	diag_add(&diag, HO_EIO, "standard output: %s",
		 errno ? strerror(errno) : "not all was written");
	exit(report(name, &diag));
}

int main(int argc, char **argv)
{
	enum command_id command;

	setlocale(LC_CTYPE, "");	/* which letters a table may show */
	if (argc < 2) {
		option_help_first(stderr);
		exit(HO_EXIT_USAGE);
	}
	if (!strcmp(argv[1], "--help")) {
		option_help_first(stdout);
		leave("help", HO_EXIT_OK);
	}
	if (!strcmp(argv[1], "help"))
		leave("help", help(argc - 1, argv + 1));
	if (!strcmp(argv[1], "--version")) {
		printf("baton %s (handover ABI %d)\n", BATON_VERSION,
		       HO_ABI_VERSION);
		leave("version", HO_EXIT_OK);
	}
	command = command_find(argv[1]);
	if (command == COMMAND_COUNT) {
		fprintf(stderr, "baton: no command %s; see baton --help\n",
			argv[1]);
		exit(HO_EXIT_USAGE);
	}
	leave(commands[command].name, run(command, argc - 1, argv + 1));
}
