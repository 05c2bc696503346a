// SPDX-License-Identifier: MIT
/*
 * option_help.c - what baton --help and baton COMMAND --help say, from the
 * table of options.h.
 */
#include "options.h"

#include <string.h>

#define TEXT_COLUMN	23
#define COLUMNS		80

void option_help_all(FILE *to)
{
	const struct command *c;

	fprintf(to, "usage: baton COMMAND [OPTION]...\n\n"
		    "Replace the hypervisor under running guests; their "
		    "memory stays in place.\n\n");
	for (c = commands; c->name; c++)
		fprintf(to, "  %-9s %s\n", c->name, c->what);
	fprintf(to, "\n  baton help COMMAND, or baton COMMAND --help\n"
		    "  baton --version\n");
}

/* Words in lines, all but the first indented. */
static void wrap(FILE *to, const char *text)
{
	int at = TEXT_COLUMN;

	for (;;) {
		int length = strcspn(text, " ");

		at += fprintf(to, "%.*s", length, text);
		text += length + strspn(text + length, " ");
		if (!*text)
			break;
		if (at + 1 + (int)strcspn(text, " ") < COLUMNS) {
			at += fprintf(to, " ");
			continue;
		}
		fprintf(to, "\n%*s", TEXT_COLUMN, "");
		at = TEXT_COLUMN;
	}
	putc('\n', to);
}

static void help_row(FILE *to, const struct option_row *row)
{
	int at;

	if (row->letter)
		at = fprintf(to, "  -%c, --%s", row->letter, row->name);
	else
		at = fprintf(to, "  --%s", row->name);
	if (row->value)
		at += fprintf(to, " %s", row->value);
	if (at >= TEXT_COLUMN) {
		putc('\n', to);
		at = 0;
	}
	fprintf(to, "%*s", TEXT_COLUMN - at, "");
	wrap(to, row->help);
}

static bool has_options(enum command_id command, enum option_group group)
{
	const struct option_row *row;

	for (row = option_rows; row->name; row++)
		if (row->group == group && option_is_of(row, command))
			return true;
	return false;
}

void option_help(FILE *to, enum command_id command, bool debug)
{
	const struct command *c = &commands[command];
	const struct option_row *row;
	int group;

	fprintf(to, "usage: baton %s [OPTION]...%s%s\n%s.\n", c->name,
		*c->operands ? " " : "", c->operands, c->what);
	for (group = 0; group < GROUP_COUNT; group++) {
		if (!has_options(command, group) ||
		    (group == GROUP_DEBUG && !debug))
			continue;
		fprintf(to, "\n%s:\n", option_groups[group]);
		for (row = option_rows; row->name; row++)
			if (row->group == (enum option_group)group &&
			    option_is_of(row, command))
				help_row(to, row);
	}
	if (!debug && has_options(command, GROUP_DEBUG))
		fprintf(to, "\nbaton %s --help-all has those for debugging, too\n",
			c->name);
}
