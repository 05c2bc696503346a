// SPDX-License-Identifier: MIT
/*
 * options.c - a call becomes struct arguments, see options.h.
 */
#include "options.h"

#include <getopt.h>
#include <string.h>

#include "config.h"
#include "util.h"

enum {
	CODE_HELP = 256,		/* above all letters */
	CODE_HELP_ALL,
	CODE_ROW,			/* and from here on the rows */
};

#define DEFAULT_SECONDS		60

bool option_is_of(const struct option_row *row, enum command_id command)
{
	return row->commands >> command & 1;
}

const struct option_row *option_find(const char *name,
				     enum command_id command)
{
	const struct option_row *row;

	for (row = option_rows; row->name; row++)
		if (option_is_of(row, command) && !strcmp(row->name, name))
			return row;
	return NULL;
}

enum command_id command_find(const char *name)
{
	int i;

	for (i = 0; i < COMMAND_COUNT; i++)
		if (!strcmp(commands[i].name, name))
			break;
	return i;
}

/* Tables of getopt_long() for one command. */
struct tables {
	struct option options[OPTIONS_MAX + 3];
	char letters[OPTIONS_MAX + 3];
};

static void make_tables(struct tables *t, enum command_id command)
{
	struct option *o = t->options;
	char *letter = t->letters;
	const struct option_row *row;

	*letter++ = ':';		/* tell what is missing apart */
	*o++ = (struct option){ "help", no_argument, NULL, CODE_HELP };
	*o++ = (struct option){ "help-all", no_argument, NULL, CODE_HELP_ALL };
	for (row = option_rows; row->name; row++) {
		if (!option_is_of(row, command))
			continue;
		*o++ = (struct option){ row->name, row->value
			? required_argument : no_argument, NULL,
			CODE_ROW + (row - option_rows) };
		if (row->letter) {
			*letter++ = row->letter;
			if (row->value)
				*letter++ = ':';
		}
	}
	*o = (struct option){ 0 };
	*letter = '\0';
}

static const struct option_row *row_of(int code, enum command_id command)
{
	const struct option_row *row;

	if (code >= CODE_ROW)
		return &option_rows[code - CODE_ROW];
	for (row = option_rows; row->name; row++)
		if (option_is_of(row, command) && row->letter == code)
			return row;
	return NULL;
}

/* Names behind commas; what does not fit is left out. */
static void list(char *out, size_t bytes, const char *name)
{
	size_t used = strlen(out);

	if (used + strlen(name) + 3 < bytes)
		snprintf(out + used, bytes - used, "%s%s", used ? ", " : "",
			 name);
}

/* Not of this command: nothing's, another one's, or short for several. `word`
 * is --NAME, --NAME=VALUE or -LETTER. */
static int refuse_unknown(const char *word, enum command_id command,
			  struct diag_log *diag)
{
	char takers[56] = "", several[56] = "";
	size_t length = strcspn(word, "=");
	const struct option_row *row;
	int i;

	for (row = option_rows; row->name; row++) {
		bool same = word[1] == '-'
			? !strncmp(row->name, word + 2, length - 2)
			: row->letter == word[1];

		if (same && option_is_of(row, command))
			list(several, sizeof(several), row->name);
		if (!same || (word[1] == '-' && row->name[length - 2]))
			continue;
		for (i = 0; i < COMMAND_COUNT; i++)
			if (option_is_of(row, i))
				list(takers, sizeof(takers), commands[i].name);
	}
	if (*several)
		return diag_add(diag, HO_EUSAGE, "%.*s: which one, %s",
				(int)length, word, several);
	if (*takers)
		return diag_add(diag, HO_EUSAGE,
				"%.*s is no option of %s, but of %s",
				(int)length, word, commands[command].name,
				takers);
	return diag_add(diag, HO_EUSAGE, "%.40s: there is no such option; see baton %s --help",
			word, commands[command].name);
}

/* What getopt_long() refused: `code` is its answer. */
static int refuse(int code, char **argv, enum command_id command,
		  struct diag_log *diag)
{
	const struct option_row *row = optopt ? row_of(optopt, command)
					      : NULL;
	char letter[3] = { '-', optopt, '\0' };

	if (code == ':' && row)
		return diag_add(diag, HO_EUSAGE, "--%s: %s is missing",
				row->name, row->value);
	if (optopt >= CODE_HELP)
		return diag_add(diag, HO_EUSAGE, "--%s takes no value",
				optopt == CODE_HELP ? "help"
				: optopt == CODE_HELP_ALL ? "help-all"
				: row->name);
	return refuse_unknown(optopt ? letter : argv[optind - 1], command,
			      diag);
}

static int take_operands(struct arguments *a, enum command_id command,
			 int argc, char **argv, struct diag_log *diag)
{
	const struct command *c = &commands[command];
	int i, count = argc - optind;

	if (count > c->max)
		return diag_add(diag, HO_EUSAGE, "%.40s: one too many, %s takes %s",
				argv[optind + c->max], c->name,
				c->max ? c->operands : "options alone");
	if (count < c->min)
		return diag_add(diag, HO_EUSAGE, "%s wants %s", c->name,
				c->operands);
	for (i = 0; i < count; i++)
		a->operands[i] = argv[optind + i];
	a->operand_count = count;
	return 0;
}

/* In the order of the call: an option behind --pid is of its domain. */
static int take_options(struct arguments *a, enum command_id command,
			int argc, char **argv, struct diag_log *diag)
{
	const struct option_row *row;
	struct tables t;
	int code, rc;

	make_tables(&t, command);
	optind = 0;			/* from the start, whoever was here */
	opterr = 0;
	while ((code = getopt_long(argc, argv, t.letters, t.options,
				   NULL)) >= 0) {
		if (code == CODE_HELP)
			return OPTIONS_HELP;
		if (code == CODE_HELP_ALL)
			return OPTIONS_HELP_ALL;
		if (code == '?' || code == ':')
			return refuse(code, argv, command, diag);
		row = row_of(code, command);
		rc = row->set(a, row, optarg, diag);
		if (rc)
			return rc;
		a->given[row - option_rows] = true;
	}
	return OPTIONS_RUN;
}

bool options_name_guests(const struct arguments *a)
{
	return a->collect.domain_count || a->collect.name_count;
}

/* What the call alone says, whatever a file says, too. */
static void look_at_call(struct arguments *a)
{
	const struct option_row *row;

	a->find_target = !a->pack.kernel;
	a->one_word = a->find_target && !options_name_guests(a);
	a->left_of_none = a->collect.leave_count && !a->one_word;
	for (row = option_rows; row->name; row++)
		if (a->given[row - option_rows] && strcmp(row->name, "yes") &&
		    strcmp(row->name, "leave"))
			a->asked = true;
}

/* Its texts live as long as the arguments: until the end. */
static int take_files(struct arguments *a, enum command_id command,
		      struct diag_log *diag)
{
	static struct config config;
	int rc;

	if (command != COMMAND_UPGRADE && command != COMMAND_PRECHECK)
		return 0;
	config_free(&config);
	rc = config_read(&config, diag);
	return rc ? rc : config_apply(&config, a, command, diag);
}

int options_parse(struct arguments *a, enum command_id command, int argc,
		  char **argv, struct diag_log *diag)
{
	int answer, rc;

	*a = (struct arguments){ .pack = PACK_DEFAULTS, .root = "",
				 .seconds = DEFAULT_SECONDS };
	/* these are said to be the default only where they are */
	a->pack.target = a->pack.cmdline = NULL;
	answer = take_options(a, command, argc, argv, diag);
	rc = answer;
	if (answer == OPTIONS_RUN)
		look_at_call(a);
	if (answer == OPTIONS_RUN)
		rc = take_operands(a, command, argc, argv, diag) ?:
		     take_files(a, command, diag) ?:
		     options_check(a, command, diag);
	a->table.json = a->json;
	if (rc || answer != OPTIONS_RUN)
		collect_free(&a->collect);	/* no command will */
	return rc;
}
