/* SPDX-License-Identifier: MIT */
/*
 * options.h - the one table of commands and options. A call is parsed as a
 * whole before its command begins; help, man page and shell completion are
 * made of the same rows (option_help.c, option_print.c).
 *
 * A new option is one row in option_table.c, and a field below.
 */
#ifndef LOADER_OPTIONS_H
#define LOADER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "collect.h"
#include "load.h"
#include "pack.h"
#include "sign.h"
#include "table.h"

#define OPTIONS_MAX		96	/* rows */
#define OPERANDS_MAX		2

enum command_id {
	COMMAND_COLLECT, COMMAND_PACK, COMMAND_INSPECT, COMMAND_CHECK,
	COMMAND_LOAD, COMMAND_EXEC, COMMAND_UNLOAD, COMMAND_PRECHECK,
	COMMAND_UPGRADE,
	COMMAND_STATUS, COMMAND_ARM, COMMAND_DISARM, COMMAND_ADOPT,
	COMMAND_RELEASE, COMMAND_RESTORE, COMMAND_STATE, COMMAND_SALVAGE,
	COMMAND_INSTALL, COMMAND_UNINSTALL, COMMAND_REGION, COMMAND_MAP,
	COMMAND_CONFIG, COMMAND_SIGN, COMMAND_REPORT, COMMAND_CONVERT,
	COMMAND_UNPACK,
	COMMAND_COUNT,
};

enum option_group {
	GROUP_GUESTS, GROUP_TARGET, GROUP_FALLBACK, GROUP_REGION, GROUP_STUB,
	GROUP_ACTION, GROUP_OUTPUT,
	GROUP_DEBUG,			/* in --help-all alone */
	GROUP_COUNT,
};

/* What a call says. Texts are those of argv. */
struct arguments {
	bool given[OPTIONS_MAX];	/* by row */
	int operand_count;
	const char *operands[OPERANDS_MAX];

	struct collect collect;		/* collect_free() */
	struct pack pack;
	struct load load;		/* all but the blob */
	struct sign sign;		/* all but image and output */
	bool kept, no_kept;
	bool cold;
	bool replace, again, give_up, image_stays, no_exec, shutdown, no_sync;
	bool yes, dry_run, quiet, check;
	bool called_off;		/* by upgrade: guests had been paused */
	bool one_word;			/* upgrade: neither guests nor kernel
					 * are named by the call */
	bool find_target;		/* the same: no kernel is */
	bool left_of_none;		/* --leave of the call, and it is not one */
	bool asked;			/* something else is */
	const char *output;
	bool extents, json, plan, log, pause;
	const char *result, *svg, *metrics;
	struct table_style table;	/* .json: as above */
	bool all, test;
	const char *kind;		/* adopt: of this one alone */
	const char *first;		/* adopt: NAME,NAME before all others */
	bool early;			/* adopt: from an initramfs */
	uint64_t seconds;
	bool xen, paused, keep;
	bool advise, show, nokaslr;
	const char *next_region;	/* region --next */
	const char *root, *door;
	bool by_file, crash_image;	/* kexec_choose() */
	bool as_default, no_default, no_update_grub;
};

struct option_row;
typedef int (*option_set)(struct arguments *a, const struct option_row *row,
			  const char *value, struct diag_log *diag);

struct option_row {
	const char *name;
	const char *value;		/* its name in help, or words with |
					 * between; NULL: takes none */
	uint32_t commands;		/* bits of enum command_id */
	enum option_group group;
	option_set set;			/* 0, or -HO_EUSAGE, recorded */
	size_t where;			/* in struct arguments, if set wants it */
	size_t bytes;			/* of a number there, 4 or 8 */
	uint64_t min, max;		/* of a number */
	const char *help;
	char letter;			/* -o, or 0 */
	bool again;			/* may be repeated */
};

struct command {
	const char *name;
	const char *operands;		/* for people, "" if none */
	int min, max;			/* how many */
	const char *what;
	int (*run)(struct arguments *a, struct diag_log *diag);
};

/* Both end with a row without a name. */
extern const struct option_row option_rows[];
extern const struct command commands[];
extern const char *const option_groups[GROUP_COUNT];

enum option_answer { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_HELP_ALL };

/* argv[0] is the command's name. The answer, or -HO_EUSAGE, -HO_ETARGET,
 * -HO_ENOMEM, recorded: nothing was looked at but the call and, for upgrade and
 * precheck, the files of config.h, with their codes. What is not
 * OPTIONS_RUN leaves nothing to collect_free(). */
int options_parse(struct arguments *a, enum command_id command, int argc,
		  char **argv, struct diag_log *diag);
/* Returns 0 when all that are given go together. HO_EUSAGE, HO_ETARGET. */
int options_check(struct arguments *a, enum command_id command,
		  struct diag_log *diag);
/* True when the call names guests, by any of the options that do. */
bool options_name_guests(const struct arguments *a);

/* True when the command takes the row. */
bool option_is_of(const struct option_row *row, enum command_id command);
/* The row of this name that the command takes, or NULL. */
const struct option_row *option_find(const char *name,
				     enum command_id command);
/* COMMAND_COUNT: there is none of this name. */
enum command_id command_find(const char *name);

/* What baton --help says, on one screen: what most people need, the rest by name. */
void option_help_first(FILE *to);
/* What baton help says: a line for each command. */
void option_help_all(FILE *to);
/* What baton COMMAND --help says; `debug`: --help-all. */
void option_help(FILE *to, enum command_id command, bool debug);

/* The part of docs/baton.8 that is made of the table, in mdoc. */
void option_print_man(FILE *to);
/* Completion, a script for bash. */
void option_print_bash(FILE *to);
/* Completion, a function for zsh. */
void option_print_zsh(FILE *to);

#endif /* LOADER_OPTIONS_H */
