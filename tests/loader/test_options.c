// SPDX-License-Identifier: MIT
/*
 * test_options.c - the table of options: every option of every command,
 * whatever takes it, and calls that have the wrong words.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "testcall.h"

#define T(name)	cmocka_unit_test(name)

/* What a command wants besides the option, and what an option does */
static const char *const calls[COMMAND_COUNT] = {
	[COMMAND_COLLECT] = "collect --pid 1 -o stream",
	[COMMAND_PACK] = "pack --stream s --kernel k -o blob",
	[COMMAND_INSPECT] = "inspect blob",
	[COMMAND_CHECK] = "check blob",
	[COMMAND_LOAD] = "load blob",
	[COMMAND_EXEC] = "exec",
	[COMMAND_UNLOAD] = "unload",
	[COMMAND_PRECHECK] = "precheck --kernel k",
	[COMMAND_UPGRADE] = "upgrade --kernel k",
	[COMMAND_STATUS] = "status",
	[COMMAND_ARM] = "arm",
	[COMMAND_DISARM] = "disarm",
	[COMMAND_ADOPT] = "adopt guest",
	[COMMAND_RELEASE] = "release guest",
	[COMMAND_RESTORE] = "restore guest --xen",
	[COMMAND_STATE] = "state guest kind",
	[COMMAND_SALVAGE] = "salvage guest -o core",
	[COMMAND_INSTALL] = "install",
	[COMMAND_UNINSTALL] = "uninstall",
	[COMMAND_REGION] = "region",
	[COMMAND_MAP] = "map",
	[COMMAND_CONFIG] = "config --show",
	[COMMAND_SIGN] = "sign image --key k -o out",
	[COMMAND_REPORT] = "report -o tar",
	[COMMAND_CONVERT] = "convert guest",
	[COMMAND_UNPACK] = "unpack k -o x",
};

static const char *call_for(enum command_id command, const char *option)
{
	static const struct {
		enum command_id command;
		const char *option, *call;
	} others[] = {
		{ COMMAND_ADOPT, "first", "adopt --all" },
		{ COMMAND_ADOPT, "early", "adopt --all" },
		{ COMMAND_PACK, "cold", "pack --kernel k -o blob" },
		{ COMMAND_PACK, "module",
		  "pack --stream s --target xen --kernel k -o blob" },
		{ COMMAND_SIGN, "least", "sign image --trust key -o out" },
		{ COMMAND_UPGRADE, "module",
		  "upgrade --target multiboot2 --kernel k" },
		{ COMMAND_UPGRADE, "name", "upgrade --kernel k --pid 1" },
		{ COMMAND_UPGRADE, "map", "upgrade --kernel k --qemu s" },
		{ COMMAND_UPGRADE, "range", "upgrade --kernel k --pid 1" },
		{ COMMAND_UPGRADE, "state", "upgrade --kernel k --pid 1" },
		{ COMMAND_UPGRADE, "domid", "upgrade --kernel k --pid 1" },
		{ COMMAND_PRECHECK, "module",
		  "precheck --target multiboot2 --kernel k" },
		{ COMMAND_PRECHECK, "name", "precheck --kernel k --pid 1" },
		{ COMMAND_PRECHECK, "map", "precheck --kernel k --qemu s" },
		{ COMMAND_PRECHECK, "range", "precheck --kernel k --pid 1" },
		{ COMMAND_PRECHECK, "state", "precheck --kernel k --pid 1" },
		{ COMMAND_PRECHECK, "domid", "precheck --kernel k --pid 1" },
		{ COMMAND_COLLECT, "rehearse", "collect -o s --qemu q" },
		{ COMMAND_COLLECT, "new-qemu", "collect -o s --qemu q" },
		{ COMMAND_UPGRADE, "leave", "upgrade" },
		{ COMMAND_PRECHECK, "leave", "precheck" },
		{ COMMAND_UPGRADE, "rehearse", "upgrade --kernel k --qemu s" },
		{ COMMAND_UPGRADE, "new-qemu", "upgrade --kernel k --qemu s" },
		{ COMMAND_LOAD, "layout", "load --force blob" },
		{ COMMAND_ADOPT, "all", "adopt" },
		{ COMMAND_ADOPT, "kind", "adopt --all" },
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(others); i++)
		if (others[i].command == command &&
		    !strcmp(others[i].option, option))
			return others[i].call;
	return calls[command];
}

/* One that the option takes */
static const char *value_for(const struct option_row *row)
{
	static const struct { const char *name, *value; } values[] = {
		{ "PID", "7" }, { "N", "17" }, { "START-END", "1000-3000" },
		{ "KIND=FILE", "kind=file" }, { "PORT[,BAUD]", "0x2f8,9600" },
		{ "BYTES", "1M" }, { "SECONDS", "5" },
		{ "BASE+SIZE", "1G+1M" }, { "REGION", "1M" },
	};
	static char word[32];
	size_t i;

	for (i = 0; i < ARRAY_COUNT(values); i++)
		if (!strcmp(values[i].name, row->value))
			return values[i].value;
	if (!islower(row->value[0]))
		return "value";
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(row->value, "|"),
		 row->value);
	return word;
}

/* Where the table says; those that need more than a place have own tests. */
static void check_field(const struct option_row *row)
{
	const char *at = (const char *)&args + row->where;

	if (!row->where)
		return;
	if (row->max && row->bytes == sizeof(uint64_t))
		assert_int_equal(*(const uint64_t *)at,
				 atoi(value_for(row)));
	else if (row->max)
		assert_int_equal(*(const uint32_t *)at,
				 atoi(value_for(row)));
	else if (row->value)
		assert_string_equal(*(const char *const *)at, value_for(row));
	else
		assert_true(*(const bool *)at);
}

static void every_option_parses(void **state)
{
	const struct option_row *row;
	char text[128];
	int c;

	(void)state;
	for (c = 0; c < COMMAND_COUNT; c++) {
		assert_string_equal(commands[c].name,
				    strtok(strdupa(calls[c]), " "));
		call_good(calls[c]);
		for (row = option_rows; row->name; row++) {
			if (!option_is_of(row, c))
				continue;
			snprintf(text, sizeof(text), "%s --%s %s",
				 call_for(c, row->name), row->name,
				 row->value ? value_for(row) : "");
			call_good(text);
			assert_true(args.given[row - option_rows]);
			check_field(row);
		}
	}
}

static void rows_are_sound(void **state)
{
	const struct option_row *row, *other;

	(void)state;
	for (row = option_rows; row->name; row++) {
		assert_non_null(row->set);
		assert_non_null(row->help);
		assert_true(row->commands && !(row->commands >> COMMAND_COUNT));
		for (other = option_rows; other < row; other++) {
			if (!(row->commands & other->commands))
				continue;
			assert_string_not_equal(row->name, other->name);
			assert_true(!row->where || row->where != other->where);
			assert_true(!row->letter ||
				    row->letter != other->letter);
		}
	}
}

static void value_is_missing(void **state)
{
	const struct option_row *row;
	char text[128], what[64];
	int c;

	(void)state;
	for (c = 0; c < COMMAND_COUNT; c++)
		for (row = option_rows; row->name; row++) {
			if (!option_is_of(row, c))
				continue;
			snprintf(text, sizeof(text), "%s --%s%s",
				 call_for(c, row->name), row->name,
				 row->value ? "" : "=yes");
			snprintf(what, sizeof(what), row->value
				 ? "--%s: " : "--%s takes no value",
				 row->name);
			call_refused(text, what);
		}
	call_refused("collect --pid 1 -o", "--output: FILE is missing");
	call_refused("load blob --help=yes", "--help takes no value");
}

static void of_another_command(void **state)
{
	const struct option_row *row;
	char text[128], what[64];
	int c, taker;

	(void)state;
	for (c = 0; c < COMMAND_COUNT; c++)
		for (row = option_rows; row->name; row++) {
			if (option_find(row->name, c))
				continue;
			snprintf(text, sizeof(text), "%s --%s value",
				 calls[c], row->name);
			/* taken for what it is short for */
			if (!strcmp(row->name, "next") &&
			    option_find("next-region", c))
				continue;
			if (!strcmp(row->name, "pause") &&
			    option_find("paused", c))
				continue;
			snprintf(what, sizeof(what),
				 "--%s is no option of %s, but of ",
				 row->name, commands[c].name);
			call_refused(text, what);
			for (taker = 0; !option_is_of(row, taker); taker++)
				;
			assert_non_null(strstr(diag.items[0].where + 20,
					       commands[taker].name));
		}
	call_refused("load -o x blob",
		     "-o is no option of load, but of collect");
}

static void unknown(void **state)
{
	char text[64];
	int c;

	(void)state;
	for (c = 0; c < COMMAND_COUNT; c++) {
		snprintf(text, sizeof(text), "%s --nonsense=x", calls[c]);
		call_refused(text, "--nonsense=x: there is no such option");
		assert_non_null(strstr(diag.items[0].where, commands[c].name));
		snprintf(text, sizeof(text), "%s -Z", calls[c]);
		call_refused(text, "-Z: there is no such option");
	}
	call_refused("upgrade --fallback x", "which one, fallback-kernel, ");
	call_good("upgrade --kern k");	/* short for one */
	assert_string_equal(args.pack.kernel, "k");
}

static void operands(void **state)
{
	char text[64];
	int c;

	(void)state;
	for (c = 0; c < COMMAND_COUNT; c++) {
		snprintf(text, sizeof(text), "%s%s surplus", calls[c],
			 c == COMMAND_RESTORE || commands[c].max == 0 ||
			 commands[c].max == commands[c].min ? "" : " x");
		call_refused(text, ": one too many, ");
		if (!commands[c].min)
			continue;
		call_refused(commands[c].name, "wants ");
	}
	call_refused("state guest", "NAME KIND");
	call_good("state guest -- --kind");
	assert_string_equal(args.operands[1], "--kind");
	call_good("load blob --dry-run");
	assert_string_equal(args.operands[0], "blob");
	assert_int_equal(args.operand_count, 1);
	call_refused("adopt", "NAME or --all");
	call_refused("adopt --all guest", "NAME or --all");
	call_refused("restore --xen -o file", "wants a NAME");
	assert_int_equal(command_find("nonsense"), COMMAND_COUNT);
}

static void help_is_asked_for(void **state)
{
	(void)state;
	assert_int_equal(call_parse("load --help", NULL), OPTIONS_HELP);
	assert_int_equal(call_parse("collect --pid 1 --help", NULL),
			 OPTIONS_HELP);
	assert_null(args.collect.domains);
	assert_int_equal(call_parse("load --help-all", NULL), OPTIONS_HELP_ALL);
	assert_int_equal(call_parse("state x y z --help", NULL), OPTIONS_HELP);
	/* a value is none of it */
	call_good("upgrade --kernel k --cmdline --help");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rows_are_sound), T(every_option_parses), T(value_is_missing),
		T(of_another_command), T(unknown), T(operands),
		T(help_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, call_last);
}
