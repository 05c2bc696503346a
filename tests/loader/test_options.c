// SPDX-License-Identifier: MIT
/*
 * test_options.c - the table of options: every option of every command, every
 * kind of wrong call.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "util.h"

#define T(name)		cmocka_unit_test(name)
#define WORDS_MAX	24

static struct diag_log diag;
static struct arguments args;

/* What was made of the call before this one */
static void forget(void)
{
	collect_free(&args.collect);
	memset(&args, 0, sizeof(args));
}

/* A call in words behind blanks; `more`, if any, is the last word, as it is. */
static int parse(const char *call, const char *more)
{
	static char text[1024];
	char *argv[WORDS_MAX + 2], *word, *rest = text;
	int argc = 0;

	forget();
	assert_true(strlen(call) < sizeof(text));
	strcpy(text, call);
	while ((word = strsep(&rest, " ")))
		if (*word && argc < WORDS_MAX)
			argv[argc++] = word;
	if (more)
		argv[argc++] = (char *)more;
	argv[argc] = NULL;
	diag_init(&diag, HO_STAGE_LOADER);
	return options_parse(&args, command_find(argv[0]), argc, argv, &diag);
}

/* Refused, with this in what people read */
static void refused(const char *call, const char *what)
{
	int rc = parse(call, NULL);

	if (rc != -HO_EUSAGE || diag.total != 1 ||
	    !strstr(diag.items[0].where, what))
		fail_msg("%s: %d, %s (want %s)", call, rc,
			 diag.total ? diag.items[0].where : "", what);
	assert_null(args.collect.domains);	/* no command frees it */
}

static void good(const char *call)
{
	if (parse(call, NULL) != OPTIONS_RUN || diag.total)
		fail_msg("%s: %s", call, diag.items[0].where);
}

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
};

static const char *call_for(enum command_id command, const char *option)
{
	static const struct {
		enum command_id command;
		const char *option, *call;
	} others[] = {
		{ COMMAND_ADOPT, "first", "adopt --all" },
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
		{ COMMAND_UPGRADE, "rehearse", "upgrade --kernel k --qemu s" },
		{ COMMAND_UPGRADE, "new-qemu", "upgrade --kernel k --qemu s" },
		{ COMMAND_LOAD, "layout", "load --force blob" },
		{ COMMAND_ADOPT, "all", "adopt" },
		{ COMMAND_ADOPT, "first", "adopt --all" },
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
		good(calls[c]);
		for (row = option_rows; row->name; row++) {
			if (!option_is_of(row, c))
				continue;
			snprintf(text, sizeof(text), "%s --%s %s",
				 call_for(c, row->name), row->name,
				 row->value ? value_for(row) : "");
			good(text);
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
			refused(text, what);
		}
	refused("collect --pid 1 -o", "--output: FILE is missing");
	refused("load blob --help=yes", "--help takes no value");
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
			if (!strcmp(row->name, "pause") &&
			    option_find("paused", c))
				continue;
			snprintf(what, sizeof(what),
				 "--%s is no option of %s, but of ",
				 row->name, commands[c].name);
			refused(text, what);
			for (taker = 0; !option_is_of(row, taker); taker++)
				;
			assert_non_null(strstr(diag.items[0].where + 20,
					       commands[taker].name));
		}
	refused("load -o x blob", "-o is no option of load, but of collect");
}

static void unknown(void **state)
{
	char text[64];
	int c;

	(void)state;
	for (c = 0; c < COMMAND_COUNT; c++) {
		snprintf(text, sizeof(text), "%s --nonsense=x", calls[c]);
		refused(text, "--nonsense=x: there is no such option");
		assert_non_null(strstr(diag.items[0].where, commands[c].name));
		snprintf(text, sizeof(text), "%s -Z", calls[c]);
		refused(text, "-Z: there is no such option");
	}
	refused("upgrade --fallback x", "which one, fallback-kernel, ");
	good("upgrade --kern k");	/* short for one */
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
		refused(text, ": one too many, ");
		if (!commands[c].min)
			continue;
		refused(commands[c].name, "wants ");
	}
	refused("state guest", "NAME KIND");
	good("state guest -- --kind");
	assert_string_equal(args.operands[1], "--kind");
	good("load blob --dry-run");
	assert_string_equal(args.operands[0], "blob");
	assert_int_equal(args.operand_count, 1);
	refused("adopt", "NAME or --all");
	refused("adopt --all guest", "NAME or --all");
	refused("restore --xen -o file", "wants a NAME");
	assert_int_equal(command_find("nonsense"), COMMAND_COUNT);
}

static void numbers(void **state)
{
	static const struct { const char *call, *what, *bad[8]; } all[] = {
		{ "adopt --all --timeout", "--timeout",
		  { "0", "86401", "x", "5x", "-1", " 1", "", "0x" } },
		{ "collect -o s --pid", "--pid",
		  { "0", "4294967297", "x", "5x", "-1", " 1", "", "1 " } },
		{ "collect -o s --pid 1 --domid", "--domid",
		  { "32752", "4294967297", "x", "5x", "-1", " 1", "" } },
		{ "collect -o s --pid 1 --range", "--range",
		  { "1000", "1000-1000", "3000-1000", "1000-2001", "x-y" } },
		{ "collect -o s --pid 1 --state", "--state",
		  { "=file", "file", "" } },
		{ "arm --e820-budget", "--e820-budget",
		  { "15", "3201", "x", "-1", "" } },
		{ "arm --uart", "--uart", { "3f8", "65536", "0x3f8,", "-1" } },
		{ "arm --policy", "--policy", { "", "maybe", "reset,halt" } },
		{ "arm --digest", "--digest", { "", "md5", "SHA256" } },
		{ "upgrade --kernel k --region", "--region",
		  { "256M", "x", "", "1M+", "+1M", "1M+1M,", "1M+1M,2M",
		    "1M+1M,2M+1M,3M+1M,4M+1M,5M+1M,6M+1M,7M+1M,8M+1M,9M+1M" } },
		{ "pack --cold --kernel k -o b --region", "--region",
		  { "x", "", "1M+", "1M+1M,2M+1M", "-1M" } },
		{ "install --region", "--region", { "x", "", "0", "1M@1M" } },
		{ "region --region", "--region", { "1M", "none" } },
		{ "upgrade --kernel k --next-region", "--next-region",
		  { "x", "", "none", "1M+", "1M+1M,2M+1M" } },
		{ "region --next", "--next", { "x", "", "nonex", "1M+" } },
		{ "pack --inline-max", "--inline-max", { "x", "-1", "1MM" } },
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(all); i++)
		for (j = 0; j < ARRAY_COUNT(all[i].bad) && all[i].bad[j]; j++) {
			assert_int_equal(parse(all[i].call, all[i].bad[j]),
					 -HO_EUSAGE);
			assert_non_null(strstr(diag.items[0].where,
					       all[i].what));
		}
}

static void contradictions(void **state)
{
	(void)state;
	refused("upgrade --kernel k --no-exec --qemu s --name a",
		"--no-exec with --qemu");
	refused("upgrade --kernel k --shutdown --pid 1", "--shutdown with --pid");
	refused("upgrade --kernel k --shutdown --no-exec",
		"--no-exec and --shutdown");
	refused("upgrade --kernel k --kept --no-kept", "--kept and --no-kept");
	good("upgrade");		/* what is not named is found */
	good("upgrade --leave a --leave b --yes");
	refused("upgrade --qemu s --name a --leave b", "guests are named");
	refused("upgrade --kernel k --module m", "--module for multiboot2");
	refused("upgrade --kernel k --target xen", "--module is missing");
	assert_int_equal(parse("upgrade --kernel k --target plan9", NULL),
			 -HO_ETARGET);
	refused("collect --pid 1", "give --output");
	refused("collect -o s", "nothing to collect: give --pid, --qemu, --xen, --xen-all, --libvirt, --libvirt-all or --kept");
	refused("collect -o s --pid 1 --kept --no-kept", "--kept and --no-kept");
	refused("collect -o s --pid 1 --rehearse start",
		"--rehearse is for --qemu");
	refused("collect -o s --qemu q --rehearse often",
		"--rehearse none, start or state");
	good("upgrade --new-qemu f");	/* guests are found */
	refused("collect -o s --name a --pid 1", "--name: --pid or --qemu");
	refused("collect -o s --range 1000-2000", "--range: ");
	refused("collect -o s --map m", "--map: ");
	refused("collect -o s --state a=b", "--state: ");
	refused("collect -o s --domid 1", "--domid: ");
	refused("pack --kernel k -o b", "give --stream or --cold");
	refused("pack --kernel k --stream s", "give --output");
	refused("pack --cold --kernel k -o b --stub s", "--cold and --stub");
	refused("pack --cold --kernel k -o b --stream s", "--cold and --stream");
	refused("inspect b --json --extents", "--extents and --json");
	refused("check b --json --plan", "--plan and --json");
	refused("load b --layout g", "--layout is for --force");
	refused("load b --elf e --dry-run", "--dry-run and --elf");
	refused("status --log --json", "--json and --log");
	refused("status --extents --result f", "--extents and --result");
	refused("adopt --test --all", "--test and --all");
	refused("adopt --test --timeout 5 a", "--test and --timeout");
	refused("restore", "give --xen");
	refused("restore --xen -o f --keep a", "--output and --keep");
	refused("salvage a", "give --output");
	refused("install --default --no-default", "--default and --no-default");
	refused("region --advise --json", "--advise and --json");
	refused("region --advise --region 1M+1M", "--advise and --region");
}

static void fields(void **state)
{
	(void)state;
	good("collect -o s --qemu q --name b");
	assert_int_equal(args.collect.trial.how, TRIAL_STATE);
	good("collect -o s --qemu q --name b --rehearse none --new-qemu f");
	assert_int_equal(args.collect.trial.how, TRIAL_NONE);
	assert_string_equal(args.collect.trial.program, "f");
	assert_ptr_equal(args.collect.domains[0].trial, &args.collect.trial);
	good("collect -o s --pid 1 --name a --map m --qemu q --name b --domid 5");
	assert_int_equal(args.collect.domain_count, 2);
	assert_string_equal(args.collect.domains[0].name, "a");
	assert_string_equal(args.collect.domains[1].name, "b");
	assert_string_equal(args.collect.domains[0].kind->name, "process");
	assert_true(args.collect.domains[0].pid == 1);
	assert_string_equal(args.collect.domains[1].kind->name, "qemu");
	assert_string_equal(args.collect.domains[1].given, "q");
	assert_true(args.collect.domains[0].domid == -1);
	assert_true(args.collect.domains[1].domid == 5);
	assert_int_equal(args.collect.domains[0].map_count, 1);
	assert_false(args.collect.kept);
	good("collect -o s --kept");
	assert_true(args.collect.kept);
	good("upgrade --kernel k --xen a --xen b");
	assert_true(args.collect.kept);
	assert_int_equal(args.collect.name_count, 2);
	assert_string_equal(args.collect.names[0].kind->name, "xen");
	assert_string_equal(args.collect.names[1].name, "b");
	good("upgrade --kernel k --xen-all");
	assert_int_equal(args.collect.name_count, 1);
	assert_null(args.collect.names[0].name);
	assert_string_equal(args.pack.target, "linux");
	assert_string_equal(args.pack.cmdline, "");
	assert_true(args.pack.inline_max == PACK_INLINE_BYTES);
	good("upgrade --kernel k --no-kept");
	assert_false(args.collect.kept);
	good("pack --stream s --stream t --kernel k -o b --digest xxh64 "
	     "--uart none --policy reset --e820-budget 16 --inline-max 1K");
	assert_int_equal(args.pack.stream_count, 2);
	assert_int_equal(args.pack.digest_alg, HO_DIGEST_XXH64);
	assert_int_equal(args.pack.chosen.uart_port, 0);
	assert_int_equal(args.pack.chosen.e820_budget, 16);
	assert_true(args.pack.inline_max == 1024);
	assert_string_equal(args.pack.policy, "reset");
	good("install");
	assert_null(args.pack.target);
	assert_null(args.pack.cmdline);
	good("install --region 1G");
	assert_string_equal(args.pack.region, "1G");
	good("upgrade --kernel k --region 1G+1M,2G+1M --next-region 1M+1M");
	assert_string_equal(args.pack.region, "1G+1M,2G+1M");
	assert_string_equal(args.pack.next_region, "1M+1M");
	good("region --next none");
	assert_string_equal(args.next_region, "none");
	good("adopt --all");
	assert_true(args.seconds == 60);
}

/* Once more, by hand: what a command looks at */
static void places(void **state)
{
#define FLAG(call, field)	{ call, offsetof(struct arguments, field), false }
#define TEXT(call, field)	{ call, offsetof(struct arguments, field), true }
	static const struct { const char *call; size_t at; bool text; } all[] = {
		FLAG("upgrade --kernel k --no-exec", no_exec),
		FLAG("upgrade --kernel k --replace", replace),
		FLAG("upgrade --kernel k --shutdown", shutdown),
		FLAG("upgrade --kernel k --wipe-state", collect.wipe_state),
		TEXT("upgrade --kernel x", pack.kernel),
		TEXT("upgrade --kernel k --initrd x", pack.initrd),
		TEXT("upgrade --kernel k --cmdline x", pack.cmdline),
		TEXT("install --target x", pack.target),
		TEXT("install --door x", door),
		TEXT("install --root x", root),
		FLAG("install --default", as_default),
		FLAG("install --no-default", no_default),
		FLAG("uninstall --no-update-grub", no_update_grub),
		TEXT("arm --fallback-kernel x", pack.fallback_kernel),
		TEXT("arm --fallback-initrd x", pack.fallback_initrd),
		TEXT("arm --fallback-cmdline x", pack.fallback_cmdline),
		TEXT("arm --memory-map x", pack.memory_map),
		TEXT("arm --stub x", pack.stub),
		FLAG("pack --cold --kernel k -o o", cold),
		TEXT("pack --cold --kernel k -o x", output),
		FLAG("load b --force", load.force),
		FLAG("load b --dry-run", load.dry_run),
		TEXT("load b --elf x", load.elf),
		TEXT("load b --force --layout x", load.layout),
		FLAG("exec --no-sync", no_sync),
		FLAG("exec --shutdown", shutdown),
		FLAG("check b --plan", plan),
		FLAG("check b --json", json),
		FLAG("status --extents", extents),
		FLAG("status --log", log),
		TEXT("status --result x", result),
		FLAG("adopt --all", all),
		FLAG("adopt a --test", test),
		FLAG("restore --xen", xen),
		FLAG("restore --xen --paused", paused),
		FLAG("restore --xen --keep", keep),
		FLAG("region --advise", advise),
	};
#undef FLAG
#undef TEXT
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(all); i++) {
		const char *at = (const char *)&args + all[i].at;

		good(all[i].call);
		if (all[i].text)
			assert_string_equal(*(const char *const *)at, "x");
		else
			assert_true(*(const bool *)at);
	}
}

static void help_is_asked_for(void **state)
{
	(void)state;
	assert_int_equal(parse("load --help", NULL), OPTIONS_HELP);
	assert_int_equal(parse("collect --pid 1 --help", NULL), OPTIONS_HELP);
	assert_null(args.collect.domains);
	assert_int_equal(parse("load --help-all", NULL), OPTIONS_HELP_ALL);
	assert_int_equal(parse("state x y z --help", NULL), OPTIONS_HELP);
	/* a value is none of it */
	good("upgrade --kernel k --cmdline --help");
}

static int last(void **state)
{
	(void)state;
	forget();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rows_are_sound), T(every_option_parses), T(value_is_missing),
		T(of_another_command), T(unknown), T(operands), T(numbers),
		T(contradictions), T(fields), T(places),
		T(help_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, last);
}
