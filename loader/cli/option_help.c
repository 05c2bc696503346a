// SPDX-License-Identifier: MIT
/*
 * option_help.c - what baton --help and baton COMMAND --help say, from the
 * table of options.h.
 */
#include "options.h"

#include <string.h>

#include "util.h"

#define TEXT_COLUMN	23
#define COLUMNS		80
#define USAGE		"usage: baton COMMAND [OPTION]...\n\n" \
			"Replace the hypervisor under running guests; their " \
			"memory stays in place.\n\n"

void option_help_all(FILE *to)
{
	const struct command *c;

	fputs(USAGE, to);
	for (c = commands; c->name; c++)
		fprintf(to, "  %-9s %s\n", c->name, c->what);
	fprintf(to, "\n  baton help COMMAND, or baton COMMAND --help\n"
		    "  baton --version\n");
}

void option_help_first(FILE *to)
{
	static const enum command_id first[] = {
		COMMAND_PRECHECK, COMMAND_UPGRADE, COMMAND_STATUS };
	size_t i;

	fputs(USAGE, to);
	for (i = 0; i < ARRAY_COUNT(first); i++)
		fprintf(to, "  baton %-9s %s\n", commands[first[i]].name,
			commands[first[i]].what);
	fputs("\n  before the first update     install region uninstall config convert sign\n"
	      "  an update, step by step     collect unpack pack inspect check load exec unload\n"
	      "  after it                    adopt restore release state map\n"
	      "  when something goes wrong   arm disarm salvage report\n"
	      "\n  baton help                  a line for each of them\n"
	      "  baton help COMMAND          its options, as baton COMMAND --help\n"
	      "  baton --version\n"
	      "\n  man baton; first steps: docs/first-update.md\n", to);
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
