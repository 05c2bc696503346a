// SPDX-License-Identifier: MIT
/*
 * option_print.c - what is made of the table of options.h for others to read:
 * a part of docs/baton.8, and completion for bash and zsh.
 */
#include "options.h"

#include <ctype.h>
#include <string.h>

#define MAN_COLUMNS	80

/* Columns of a word in mdoc, where a dash is two, and the last word has a dot. */
static int man_columns(const char *word, size_t length)
{
	int columns = (int)length + !word[length];
	size_t i;

	for (i = 0; i < length; i++)
		columns += word[i] == '-';
	return columns;
}

static void man_word(FILE *to, const char *word, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (word[i] == '-')
			putc('\\', to);
		putc(word[i], to);
	}
}

/* mdoc: no line may begin with a dot, a dash is one, and a sentence has a line of
 * its own; mandoc -T lint wants short lines. */
static void man_text(FILE *to, const char *text)
{
	int column = 0, columns;
	size_t length;

	for (; *text; text += length + (text[length] == ' ')) {
		length = strcspn(text, " ");
		columns = man_columns(text, length);
		if (column && *text != '.' &&
		    column + 1 + columns > MAN_COLUMNS) {
			putc('\n', to);
			column = 0;
		}
		if (column) {
			putc(' ', to);
			column++;
		}
		man_word(to, text, length);
		column += columns;
		if (length && text[length - 1] == '.' && text[length]) {
			putc('\n', to);
			column = 0;
		}
	}
	fputs(".\n", to);
}

static void man_row(FILE *to, const struct option_row *row)
{
	const char *before = "";
	int i;

	fputs(".It ", to);
	if (row->letter)
		fprintf(to, "Fl %c , ", row->letter);
	fprintf(to, "Fl -%s", row->name);
	if (row->value)
		/* quotes would group words of the macro */
		fprintf(to, " Ar %s", *row->value == '"' ?
			"\\(dqFILE ARGS\\(dq" : row->value);
	fputs("\n.Pq ", to);
	for (i = 0; i < COMMAND_COUNT; i++)
		if (option_is_of(row, i)) {
			fprintf(to, "%sCm %s", before, commands[i].name);
			before = " , ";
		}
	putc('\n', to);
	man_text(to, row->help);
}

void option_print_man(FILE *to)
{
	const struct option_row *row;
	int group;

	for (group = 0; group < GROUP_COUNT; group++) {
		fprintf(to, ".Ss %s\n", option_groups[group]);
		if (group == GROUP_DEBUG)
			fputs("They may change, and\n.Fl -help-all\n"
			      "alone lists them.\n", to);
		fputs(".Bl -tag -width Ds\n", to);
		for (row = option_rows; row->name; row++)
			if (row->group == (enum option_group)group)
				man_row(to, row);
		fputs(".El\n", to);
	}
}

enum value { VALUE_TEXT, VALUE_FILE, VALUE_FOLDER, VALUE_WORDS };

/* Words are in small letters; of the others their name says what they are. */
static enum value value_kind(const char *value)
{
	if (islower((unsigned char)*value))
		return VALUE_WORDS;
	if (!strcmp(value, "DIR"))
		return VALUE_FOLDER;
	return strstr(value, "FILE") || !strcmp(value, "BLOB") ||
	       !strcmp(value, "STREAM") || !strcmp(value, "SOCKET")
	       ? VALUE_FILE : VALUE_TEXT;
}

/* Is its operand a file? */
static bool takes_file(enum command_id command)
{
	const char *operands = commands[command].operands;

	return strstr(operands, "BLOB") || strstr(operands, "IMAGE") ||
	       strstr(operands, "KERNEL");
}

/* The same with blanks between the words. */
static void print_words(FILE *to, const char *words)
{
	for (; *words; words++)
		putc(*words == '|' ? ' ' : *words, to);
}

static bool is_offered(const struct option_row *row, enum command_id command)
{
	return option_is_of(row, command) && row->group != GROUP_DEBUG;
}

/* The case of a command and an option with a value. */
static void bash_value(FILE *to, const struct option_row *row)
{
	const char *before = "\t";
	int i;

	for (i = 0; i < COMMAND_COUNT; i++) {
		if (!option_is_of(row, i))
			continue;
		fprintf(to, "%s%s:--%s", before, commands[i].name, row->name);
		before = " | ";
		if (row->letter)
			fprintf(to, "%s%s:-%c", before, commands[i].name,
				row->letter);
	}
	fputs(")\n\t\t", to);
	switch (value_kind(row->value)) {
	case VALUE_WORDS:
		fputs("_baton_words \"", to);
		print_words(to, row->value);
		fputs("\"\n\t\t", to);
		break;
	case VALUE_FILE:
		fputs("_baton_files -f\n\t\t", to);
		break;
	case VALUE_FOLDER:
		fputs("_baton_files -d\n\t\t", to);
		break;
	case VALUE_TEXT:
		break;
	}
	fputs("return ;;\n", to);
}

static void bash_command(FILE *to, enum command_id command)
{
	const struct option_row *row;

	fprintf(to, "\t%s)\n\t\toptions=\"--help", commands[command].name);
	for (row = option_rows; row->name; row++)
		if (is_offered(row, command))
			fprintf(to, " --%s", row->name);
	fputs("\"", to);
	if (takes_file(command))
		fputs("\n\t\tfiles=1", to);
	fputs(" ;;\n", to);
}

/* Up to the list of commands */
static const char bash_begin[] =
	"# bash completion for baton(8), made of its table of options\n\n"
	"_baton_words() {\n"
	"\tmapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$current\")\n"
	"}\n\n"
	"_baton_files() {\n"
	"\tcompopt -o filenames\n"
	"\tmapfile -t COMPREPLY < <(compgen \"$1\" -- \"$current\")\n"
	"}\n\n"
	"_baton() {\n"
	"\tlocal current=${COMP_WORDS[COMP_CWORD]} options='' files=''\n"
	"\tlocal commands=\"";
/* Behind it, up to the values of options */
static const char bash_values[] =
	"\"\n\tCOMPREPLY=()\n"
	"\tif ((COMP_CWORD == 1)); then\n"
	"\t\t_baton_words \"$commands help --help --version\"\n"
	"\t\treturn\n\tfi\n"
	"\tcase ${COMP_WORDS[1]}:${COMP_WORDS[COMP_CWORD - 1]} in\n"
	"\thelp:help)\n\t\t_baton_words \"$commands\"\n\t\treturn ;;\n";
/* Behind the options of each command */
static const char bash_end[] =
	"\tesac\n"
	"\tif [[ $files && $current != -* ]]; then\n"
	"\t\t_baton_files -f\n"
	"\telse\n"
	"\t\t_baton_words \"$options\"\n"
	"\tfi\n}\n\n"
	"complete -F _baton baton\n";

void option_print_bash(FILE *to)
{
	const struct option_row *row;
	const char *before = "";
	int i;

	fputs(bash_begin, to);
	for (i = 0; i < COMMAND_COUNT; i++, before = " ")
		fprintf(to, "%s%s", before, commands[i].name);
	fputs(bash_values, to);
	for (row = option_rows; row->name; row++)
		if (row->value)
			bash_value(to, row);
	fputs("\tesac\n\tcase ${COMP_WORDS[1]} in\n", to);
	for (i = 0; i < COMMAND_COUNT; i++)
		bash_command(to, i);
	fputs(bash_end, to);
}

/* In single quotes; brackets and colons mean something to _arguments. */
static void zsh_text(FILE *to, const char *text)
{
	for (; *text; text++)
		if (*text == '\'')
			fputs("'\\''", to);
		else if (strchr("[]:\\", *text))
			fprintf(to, "\\%c", *text);
		else
			putc(*text, to);
}

static void zsh_value(FILE *to, const char *value)
{
	putc(':', to);
	zsh_text(to, value);
	putc(':', to);
	switch (value_kind(value)) {
	case VALUE_WORDS:
		putc('(', to);
		print_words(to, value);
		putc(')', to);
		break;
	case VALUE_FILE:
		fputs("_files", to);
		break;
	case VALUE_FOLDER:
		fputs("_files -/", to);
		break;
	case VALUE_TEXT:
		putc(' ', to);		/* nothing to offer */
		break;
	}
}

static void zsh_row(FILE *to, const struct option_row *row)
{
	fputs(" \\\n\t\t\t", to);
	if (row->letter)
		fprintf(to, "'(-%c --%s)'{-%c,--%s}'", row->letter, row->name,
			row->letter, row->name);
	else
		fprintf(to, "'%s--%s", row->again ? "*" : "", row->name);
	putc('[', to);
	zsh_text(to, row->help);
	putc(']', to);
	if (row->value)
		zsh_value(to, row->value);
	putc('\'', to);
}

static void zsh_command(FILE *to, enum command_id command)
{
	const struct option_row *row;

	fprintf(to, "\t%s)\n\t\t_arguments '--help[what it takes]'",
		commands[command].name);
	for (row = option_rows; row->name; row++)
		if (is_offered(row, command))
			zsh_row(to, row);
	if (takes_file(command))
		fputs(" \\\n\t\t\t'1:file:_files'", to);
	fputs(" ;;\n", to);
}

void option_print_zsh(FILE *to)
{
	const struct command *c;
	int i;

	fputs("#compdef baton\n"
	      "# zsh completion for baton(8), made of its table of options\n\n"
	      "_baton() {\n\tlocal -a commands\n\tcommands=(\n", to);
	for (c = commands; c->name; c++) {
		fprintf(to, "\t\t'%s:", c->name);
		zsh_text(to, c->what);
		fputs("'\n", to);
	}
	fputs("\t)\n"
	      "\tif (( CURRENT == 2 )); then\n"
	      "\t\t_describe command commands\n"
	      "\t\tcompadd -- help --help --version\n"
	      "\t\treturn\n\tfi\n"
	      "\tshift words\n\t(( CURRENT-- ))\n"
	      "\tcase $words[1] in\n"
	      "\thelp)\n\t\t_describe command commands ;;\n", to);
	for (i = 0; i < COMMAND_COUNT; i++)
		zsh_command(to, i);
	fputs("\tesac\n}\n\n_baton \"$@\"\n", to);
}
