// SPDX-License-Identifier: MIT
/*
 * test_help.c - what is made of the table of options: help, man page, completion.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

static char *printed(void (*print)(FILE *to))
{
	size_t bytes;
	char *text;
	FILE *to = open_memstream(&text, &bytes);

	print(to);
	fclose(to);
	return text;
}

static char *help_of(enum command_id command, bool debug)
{
	size_t bytes;
	char *text;
	FILE *to = open_memstream(&text, &bytes);

	option_help(to, command, debug);
	fclose(to);
	return text;
}

/* Lines that the option begins */
static int count_lines(const char *text, const struct option_row *row)
{
	char head[64];
	int count = 0;
	size_t length;

	snprintf(head, sizeof(head), row->letter ? "\n  -%2$c, --%1$s"
		 : "\n  --%1$s", row->name, row->letter);
	length = strlen(head);
	while ((text = strstr(text, head))) {
		text += length;
		count += *text == ' ' || *text == '\n';
	}
	return count;
}

static void check_columns(char *text)
{
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n")))
		if (strlen(line) > 80)
			fail_msg("%zu columns: %s", strlen(line), line);
}

/* 24 lines, of which the prompt takes one; the three come first, in order. */
static void fits_a_screen(const char *text)
{
	const char *at, *upgrade = strstr(text, "baton upgrade ");
	int lines = 0;

	for (at = text; (at = strchr(at, '\n')); at++)
		lines++;
	assert_true(lines < 24);
	assert_true(strstr(text, "baton precheck ") < upgrade);
	assert_true(upgrade < strstr(text, "baton status "));
	assert_true(strstr(text, "baton status ") < strstr(text, "collect"));
}

static void help_names_all(void **state)
{
	const struct option_row *row;
	char *all, *front;
	int c;

	(void)state;
	for (c = 0; c < COMMAND_COUNT; c++) {
		all = help_of(c, true);
		front = help_of(c, false);
		for (row = option_rows; row->name; row++) {
			assert_int_equal(count_lines(all, row),
					 option_find(row->name, c) ? 1 : 0);
			if (!option_is_of(row, c))
				continue;
			assert_int_equal(count_lines(front, row),
					 row->group != GROUP_DEBUG);
			assert_int_equal(strstr(front, "--help-all") != NULL,
					 strcmp(front, all) != 0);
		}
		check_columns(all);
		check_columns(front);
		free(all);
		free(front);
	}
	all = printed(option_help_all);
	front = printed(option_help_first);
	for (c = 0; c < COMMAND_COUNT; c++) {
		assert_non_null(strstr(all, commands[c].name));
		assert_non_null(strstr(front, commands[c].name));
	}
	fits_a_screen(front);
	check_columns(front);
	free(all);
	free(front);
}

static char *man_page(void)
{
	char *text = calloc(1, 1 << 20);
	FILE *f = fopen("docs/baton.8", "r");

	assert_non_null(f);
	assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	return text;
}

static void man_page_is_the_table(void **state)
{
	char *man = man_page(), *made = printed(option_print_man);
	char *begin = strstr(man, ".\\\" options:"), *end;
	const struct option_row *row;
	char head[64];

	(void)state;
	assert_non_null(begin);
	begin = strchr(begin, '\n') + 1;
	end = strstr(begin, ".\\\" end of options\n");
	assert_non_null(end);
	*end = '\0';
	assert_string_equal(begin, made);
	for (row = option_rows; row->name; row++) {
		snprintf(head, sizeof(head), "Fl -%s%s", row->name,
			 row->value ? " Ar " : "\n");
		assert_non_null(strstr(made, head));
	}
	free(man);
	free(made);
}

/* The words that bash is offered */
static char *offered(const char *script, enum command_id command)
{
	char head[64];
	const char *at;

	snprintf(head, sizeof(head), "\n\t%s)\n\t\toptions=\"",
		 commands[command].name);
	at = strstr(script, head);
	assert_non_null(at);
	at += strlen(head);
	return strndup(at, strcspn(at, "\""));
}

static void completion_lists_all(void **state)
{
	char *bash = printed(option_print_bash), *zsh = printed(option_print_zsh);
	const struct option_row *row;
	char word[64], *words;
	int c, count, wanted;

	(void)state;
	for (c = 0; c < COMMAND_COUNT; c++) {
		char *rest, *one, *section;

		snprintf(word, sizeof(word), "\n\t%s)\n", commands[c].name);
		section = strstr(zsh, word);
		assert_non_null(section);
		section = strndup(section, strstr(section, ";;") - section);
		words = rest = offered(bash, c);
		for (count = 0; (one = strsep(&rest, " ")); count++)
			if (strcmp(one, "--help"))
				assert_non_null(option_find(one + 2, c));
		wanted = 1;
		for (row = option_rows; row->name; row++) {
			bool front = option_is_of(row, c) &&
				     row->group != GROUP_DEBUG;

			wanted += front;
			snprintf(word, sizeof(word), row->letter ? ",--%s}'["
				 : "--%s[", row->name);
			if (option_find(row->name, c))
				assert_int_equal(strstr(section, word) != NULL,
						 option_find(row->name, c)->group
						 != GROUP_DEBUG);
		}
		assert_int_equal(count, wanted);
		free(words);
		free(section);
	}
	free(bash);
	free(zsh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_names_all),
		cmocka_unit_test(man_page_is_the_table),
		cmocka_unit_test(completion_lists_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
