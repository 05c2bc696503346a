// SPDX-License-Identifier: MIT
/*
 * test_config.c - /etc/baton/baton.conf and conf.d: what upgrade takes where the call
 * says nothing, and how a bad line is refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <json-c/json.h>

#include "cmocka_all.h"
#include "fakeguest.h"
#include "fakerun.h"

#define FILE_NAME "/etc/baton/baton.conf"

static struct fake_guest *vm;

static int setup(void **state)
{
	fake_begin(state);
	vm = fake_guest_begin("vm");
	fake_put("/dev/shm/here", "%s", "");
	fake_put("/etc/baton/conf.d/00-test.conf", "rehearse = none\n");
	return 0;
}

static int teardown(void **state)
{
	fake_guest_end(vm);
	return fake_end(state);
}

static void expect_in_output(const char *text)
{
	if (!strstr(baton_said(), text))
		fail_msg("no \"%s\" in:\n%s", text, baton_said());
}

/* Value and source of an option, by config --show --json. */
static void expect_shown(const char *option, const char *value,
			 const char *from)
{
	struct json_object *o, *rows, *row, *text;
	size_t i;

	expect_ok(baton("config --show --json"));
	o = json_tokener_parse(baton_said());
	assert_non_null(o);
	assert_true(json_object_object_get_ex(o, "config", &rows));
	for (i = 0; i < json_object_array_length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		json_object_object_get_ex(row, "option", &text);
		if (strcmp(json_object_get_string(text), option))
			continue;
		json_object_object_get_ex(row, "value", &text);
		if (value)
			assert_string_equal(json_object_get_string(text),
					    value);
		json_object_object_get_ex(row, "from", &text);
		assert_string_equal(json_object_get_string(text), from);
		json_object_put(o);
		return;
	}
	fail_msg("no %s in:\n%s", option, baton_said());
}

static void none(void **state)
{
	(void)state;
	expect_shown("cmdline", "root=/dev/sda1", "this host");
	expect_shown("kernel", NULL, "this host");
	expect_shown("policy", NULL, "default");
	assert_null(strstr(baton_said(), "\"qemu\""));
	assert_null(strstr(baton_said(), "\"yes\""));
	/* the longest text is the last column: it widens no line */
	expect_said(baton("config --show"), " root=/dev/sda1\n");
	expect_refusal(baton("config"), HO_EUSAGE);
	fake_put(FILE_NAME, "%s", "");
	expect_ok(baton("config --show"));
}

/* Files in their order, and each option by itself. */
static void order(void **state)
{
	(void)state;
	fake_put(FILE_NAME, "# of this host\n\n  policy = halt\n"
		 "digest=xxh64\r\nshutdown = yes\n");
	fake_put("/etc/baton/conf.d/20-b.conf", "policy = fallback,reset");
	fake_put("/etc/baton/conf.d/10-a.conf", "policy = reset\nshutdown = no\n"
		 "leave = one\nleave = two\n");
	fake_put("/etc/baton/conf.d/30-c.conf.bak", "no option\n");
	expect_shown("policy", "fallback,reset", "/etc/baton/conf.d/20-b.conf:1");
	expect_shown("digest", "xxh64", FILE_NAME ":4");
	expect_shown("shutdown", "no", "/etc/baton/conf.d/10-a.conf:2");
	expect_shown("leave", "one", "/etc/baton/conf.d/10-a.conf:3");
	expect_in_output("/etc/baton/conf.d/10-a.conf:4");
}

/* An upgrade takes it; what the call says comes first. */
static void taken(void **state)
{
	(void)state;
	fake_put(FILE_NAME, "cmdline = root=/dev/md0 quiet\nregion = 256M+4M\n");
	expect_refusal(baton("precheck"), HO_EREFUSED);
	expect_in_output("command line: root=/dev/md0 quiet\n");
	expect_in_output("[HO_EREGIONSMALL]");
	expect_ok(baton("precheck --region 0x10000000+128M"));
	expect_ok(baton("precheck --region 0x10000000+128M --cmdline x"));
	expect_in_output("command line: x\n");
	fake_put(FILE_NAME, "kernel = /boot/vmlinuz\ninitrd = none\n");
	expect_ok(baton("precheck"));
	expect_in_output("target: linux /boot/vmlinuz\n");
	expect_in_output("command line: root=/dev/sda1\n");
	assert_int_equal(baton("upgrade --yes"), FAKE_JUMPED);
	assert_int_equal(vm->saves, 1);
}

/* Other commands do not read it. */
static void others(void **state)
{
	(void)state;
	fake_put(FILE_NAME, "what\n");
	expect_ok(baton("region"));
	expect_refusal(baton("precheck"), HO_ECONFIG);
}

static void leave(void **state)
{
	(void)state;
	fake_put(FILE_NAME, "leave = guest.vm\n");
	expect_ok(baton("precheck"));
	expect_in_output("left to end with the host: guest.vm\n");
	assert_null(strstr(baton_said(), "qemu"));
	/* a call that names its guests leaves the others anyway */
	expect_ok(baton("precheck --qemu %s --name vm", vm->qmp.path));
	assert_null(strstr(baton_said(), "left to end"));
	expect_refusal(baton("precheck --leave x --qemu %s --name vm",
			     vm->qmp.path), HO_EUSAGE);
}

static void refused(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "policy\n", FILE_NAME ":1: want OPTION = VALUE: policy" },
		{ "\n\npolicy = what\n", FILE_NAME ":3: --policy halt" },
		{ "[upgrade]\n", FILE_NAME ":1: want OPTION" },
		{ "polcy = halt\n", FILE_NAME ":1: no such option: polcy" },
		{ "= halt\n", FILE_NAME ":1: no such option" },
		{ "pid = 1\n", FILE_NAME ":1: is for the call alone: pid" },
		{ "qemu = /run/a\n", "for the call alone: qemu" },
		{ "yes = yes\n", ": yes" },
		{ "no-exec = yes\n", "for the call alone: no-exec" },
		{ "output = x\n", "no such option: output" },
		{ "kernel =\n", FILE_NAME ":1: no value: kernel" },
		{ "shutdown = 1\n", "want yes or no: 1" },
		{ "policy = halt\npolicy = reset\n",
		  FILE_NAME ":2: twice in this file: policy" },
		{ "e820-budget = many\n", FILE_NAME ":1: --e820-budget" },
	};
	static char long_text[(64 << 10) + 2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fake_put(FILE_NAME, "%s", cases[i].text);
		print_message("  %s\n", cases[i].said);
		expect_refusal(baton("upgrade --yes"), HO_ECONFIG);
		if (!strstr(baton_complained(), cases[i].said))
			fail_msg("%s", baton_complained());
		expect_refusal(baton("config --show"), HO_ECONFIG);
	}
	fake_put_bytes(FILE_NAME, "policy\0 = halt\n", 15);
	expect_refusal(baton("upgrade --yes"), HO_ECONFIG);
	memset(long_text, '#', sizeof(long_text) - 1);
	fake_put(FILE_NAME, "%s", long_text);
	expect_refusal(baton("upgrade --yes"), HO_ECONFIG);
	assert_int_equal(vm->saves + vm->stops, 0);
}

/* Whoever may write it decides over the host. */
static void not_roots(void **state)
{
	(void)state;
	fake_put(FILE_NAME, "policy = halt\n");
	assert_int_equal(chmod(fake_path(FILE_NAME), 0666), 0);
	expect_refusal(baton("upgrade --yes"), HO_EOWNER);
	expect_refusal(baton("config --show"), HO_EOWNER);
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(none), WITH(order), WITH(taken), WITH(others),
		WITH(leave), WITH(refused), WITH(not_roots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
