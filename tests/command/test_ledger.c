// SPDX-License-Identifier: MIT
/*
 * test_ledger.c - what is going on: what status says of it, who is refused
 * because of it, and what unload makes of it. Kills at random: test_kills.c.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakeguest.h"
#include "fakelibs.h"
#include "fakerun.h"

#define MFN	0x20000ull
#define LEDGER	"/run/baton/ledger.json"

static struct fake_guest *vm;
static char *text;			/* of the ledger */

static int setup(void **state)
{
	fake_begin(state);
	vm = fake_guest_begin("vm");
	return 0;
}

static int teardown(void **state)
{
	fake_guest_end(vm);
	return fake_end(state);
}

/* Killed it is at once; whose child it is then takes a moment. */
static bool ends(pid_t pid)
{
	int i;

	for (i = 0; i < 500 && !kill(pid, 0); i++)
		usleep(10000);
	return i < 500;
}

static int collect(const char *name)
{
	return baton("collect --qemu %s --name %s --rehearse none -o %s",
		     vm->qmp.path, name, fake_path("/lu"));
}

static int pack(void)
{
	return baton("pack --stream %s " TARGET " -o %s", fake_path("/lu"),
		     FILES, fake_path("/blob"));
}

/* Of what the last command started, who is there still: the keeper. */
static pid_t keeper(void)
{
	int i;

	for (i = 0; i < fake_machine->child_count; i++)
		if (!kill(fake_machine->children[i], 0))
			return fake_machine->children[i];
	return 0;
}

/* precheck says what upgrade would. */
static void expect_reason(const char *name)
{
	expect_refusal(baton("precheck " TARGET " --pid 1 --map x --name y",
			     FILES), HO_EREFUSED);
	if (!strstr(baton_said(), name))
		fail_msg("no %s in:\n%s", name, baton_said());
}

static void collected(void **state)
{
	(void)state;
	expect_refusal(baton("status"), HO_EBREADCRUMB);
	expect_ok(collect("vm"));
	assert_true(keeper());
	expect_said(baton("status"), "baton collect, process ");
	assert_non_null(strstr(baton_said(), "at rest"));
	assert_non_null(strstr(baton_said(), "saved"));
	expect_said(baton("status --json"), "\"given\"");
	/* the memory and the state are kept once */
	expect_refusal(collect("vm"), HO_EWAITING);
	expect_refusal(collect("other"), HO_EWAITING);
	expect_refusal(baton("upgrade " TARGET " --pid 1 --map x --name y",
			     FILES), HO_EUNDONE);
	expect_reason("[HO_EUNDONE]");
	assert_true(fake_has(LEDGER));
	expect_ok(baton("unload"));
	assert_string_equal(vm->status, "running");
	assert_false(fake_has(LEDGER));
	expect_ok(collect("vm"));
	expect_ok(pack());
	expect_ok(baton("load %s", fake_path("/blob")));
	expect_said(baton("status"), "baton exec starts it");
	fake_machine->loaded[0] = false;
	fake_put("/sys/kernel/kexec_loaded", "0\n");
	expect_said(baton("status"), "NOT LOADED any longer");
	expect_ok(baton("unload"));
	expect_refusal(baton("status"), HO_EBREADCRUMB);
}

/* Loaded is the one, and the other waits: the jump would lose it. */
static void another_waits(void **state)
{
	pid_t process = fake_process(MFN, 16);

	(void)state;
	expect_ok(baton("collect --pid %d --map memfd:guest --name p -o %s",
			(int)process, fake_path("/lu")));
	assert_false(fake_has(LEDGER));
	expect_ok(pack());
	expect_ok(collect("vm"));
	expect_refusal(baton("load %s", fake_path("/blob")), HO_EUNDONE);
	assert_false(fake_machine->loaded[0]);
	assert_false(fake_has("/run/baton/loading.dtb"));
	expect_ok(baton("unload"));
	expect_ok(baton("load %s", fake_path("/blob")));
	expect_ok(collect("vm"));
	expect_refusal(baton("exec"), HO_EUNDONE);
	assert_int_equal(fake_machine->jumps, 0);
	expect_ok(baton("unload"));
	assert_string_equal(vm->status, "running");
	expect_ok(baton("load %s", fake_path("/blob")));
	assert_int_equal(baton("exec"), FAKE_JUMPED);
}

/* After the last look: all is as it was before, and can be undone. */
static void jump_fails(void **state)
{
	(void)state;
	expect_ok(collect("vm"));
	expect_ok(pack());
	expect_ok(baton("load %s", fake_path("/blob")));
	fake_machine->jump_errno = EPERM;
	expect_refusal(baton("exec"), HO_EIO);
	assert_non_null(strstr(baton_complained(), "baton unload lets them"));
	expect_said(baton("status"), "at rest");
	assert_non_null(strstr(baton_said(), "baton exec starts it"));
	fake_machine->jump_errno = 0;
	assert_int_equal(baton("exec"), FAKE_JUMPED);
	fake_machine->jumps = 0;
	expect_said(baton("status"), "jumping, the host goes down");
	expect_ok(baton("unload"));
	assert_string_equal(vm->status, "running");
}

/* Without it a guest could stay paused: it is not the one that is ended when
 * memory is short. There is no keeper here. */
static void guard_is_spared(void **state)
{
	pid_t process = fake_process(MFN, 16);

	(void)state;
	expect_ok(baton("upgrade " TARGET " --pid %d --map memfd:guest --name p --no-exec",
			FILES, (int)process));
	assert_true(fake_holds("/proc/self/oom_score_adj", "-1000"));
	assert_false(fake_is_stopped(process));
	expect_said(baton("status"), "baton upgrade");
	expect_ok(baton("unload"));
}

/* A reboot would jump into a past of it. */
static void runs_on(void **state)
{
	(void)state;
	expect_ok(collect("vm"));
	expect_ok(pack());
	expect_ok(baton("unload"));
	assert_string_equal(vm->status, "running");
	expect_refusal(baton("load %s", fake_path("/blob")), HO_EGUESTBUSY);
	assert_false(fake_machine->loaded[0]);
	assert_false(fake_has("/run/baton/loaded.dtb"));
	assert_false(fake_has(LEDGER));
}

/* It hangs: the update is forgotten, and it is the one that is left. */
static void one_hangs(void **state)
{
	pid_t holds;

	(void)state;
	expect_ok(collect("vm"));
	expect_ok(pack());
	expect_ok(baton("load %s", fake_path("/blob")));
	fake_guest_rule(vm, "query-status", FAKE_CLOSE, "");
	expect_refusal(baton("unload"), HO_EQMP);
	assert_false(fake_has("/run/baton/loaded.dtb"));
	assert_false(fake_machine->loaded[0]);
	expect_said(baton("status"), "undoing, NOT THROUGH");
	expect_said(baton("status --json"), "\"undoing\"");
	expect_refusal(collect("more"), HO_EUNDONE);
	expect_refusal(baton("load %s", fake_path("/blob")), HO_EUNDONE);
	fake_guest_no_rules(vm);
	expect_ok(baton("unload"));
	assert_string_equal(vm->status, "running");
	expect_ok(collect("vm"));
	/* its process is gone: only the update brings it back */
	holds = keeper();
	expect_ok(pack());
	expect_ok(baton("load %s", fake_path("/blob")));
	fake_guest_stop(vm);
	expect_said(baton("status"), "its process has ended");
	expect_refusal(baton("unload"), HO_EENDED);
	assert_true(fake_machine->loaded[0]);
	assert_int_equal(kill(holds, 0), 0);
	expect_ok(baton("unload --give-up"));
	assert_true(ends(holds));
	assert_false(fake_has(LEDGER));
	vm = fake_guest_begin("vm");
}

/* A collect that nobody knows of any more: its keeper does not hold the memory for
 * ever, and one that is known does. */
static void keepers_end(void **state)
{
	int i;

	(void)state;
	expect_ok(collect("vm"));
	assert_true(fake_holds("/proc/self/oom_score_adj", "-1000"));
	usleep(400000);
	assert_true(keeper());
	fake_remove(LEDGER);
	for (i = 0; i < 150 && keeper(); i++)
		usleep(100000);
	assert_false(keeper());
}

/* Killed before anything was done to a guest: the next command goes on. */
static void killed_early(void **state)
{
	(void)state;
	fake_machine->kill_at[0] = 40;
	do {
		fake_machine->kill_at[0]++;
		fake_machine->steps = 0;
		fake_remove(LEDGER);
		assert_int_equal(collect("vm"), 128 + SIGKILL);
	} while (!fake_has(LEDGER));
	print_message("  step %d\n", fake_machine->kill_at[0]);
	fake_machine->kill_at[0] = 0;
	expect_said(baton("status"), "holding, NOT THROUGH");
	expect_ok(collect("vm"));
	expect_ok(baton("unload"));
	assert_int_equal(vm->stops, 1);
}

/* Half of a file is nobody's, once somebody is alone; a file of a name like it is
 * not ours. */
static void half_written(void **state)
{
	static const char *const gone[] = {
		"/run/baton/ledger.json.baton-a1B2c3",
		"/run/baton/loaded.dtb.baton-a1B2c3",
		"/run/baton/armed.dtb.baton-000000",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(gone); i++)
		fake_put(gone[i], "{ \"stage\"");
	fake_put("/run/baton/guests.dtb.baton-a1B2c3", "pack's");
	baton("status");
	assert_true(fake_has(gone[0]));
	expect_ok(baton("unload"));
	for (i = 0; i < ARRAY_COUNT(gone); i++)
		assert_false(fake_has(gone[i]));
	assert_true(fake_has("/run/baton/guests.dtb.baton-a1B2c3"));
}

/* Each line of it is needed, and as it was written. */
static void damaged(void **state)
{
	static const struct {
		const char *from, *to;
	} changes[] = {
		{ "\"version\":1", "\"version\":2" },
		{ "\"saved\"", "\"paused\"" },
		{ "\"at rest\"", "\"resting\"" },
		{ "\"qemu\"", "\"xemu\"" },
		{ "\"ran\":true", "\"ran\":1" },
		{ "\"pid\":", "\"pid\":-" },
		{ "\"pid\":", "\"pid\":99999999999" },
		{ "\"uuid\":\"0", "\"uuid\":\"x" },
		{ "\"guests\":[", "\"guests\":[1," },
		{ "\"loaded\":\"\"", "\"loaded\":\"00\"" },
		{ "\"given\":\"", "\"given\":\"\\u0000" },
		{ "}]}", "}]" }, { "}]}", "}]}x" }, { "{", "[" },
	};
	char *at;
	size_t i;
	FILE *f;

	(void)state;
	expect_ok(collect("vm"));
	expect_ok(pack());
	text = calloc(1, 65536);
	f = fopen(fake_path(LEDGER), "r");
	assert_non_null(f);
	assert_true(fread(text, 1, 65535, f) > 0);
	fclose(f);
	for (i = 0; i < ARRAY_COUNT(changes); i++) {
		print_message("  %s\n", changes[i].to);
		at = strstr(text, changes[i].from);
		assert_non_null(at);
		fake_put(LEDGER, "%.*s%s%s", (int)(at - text), text,
			 changes[i].to, at + strlen(changes[i].from));
		expect_refusal(collect("more"), HO_ELEDGER);
		expect_refusal(baton("load %s", fake_path("/blob")),
			       HO_ELEDGER);
		expect_said(baton("status"), "going on    not known");
	}
	/* one guest is in it once */
	at = strstr(text, "\"guests\":[") + 10;
	fake_put(LEDGER, "%.*s%.*s,%s", (int)(at - text), text,
		 (int)(strlen(at) - 2), at, at);
	expect_refusal(collect("more"), HO_ELEDGER);
	assert_non_null(strstr(baton_complained(), "twice"));
	fake_put(LEDGER, "%s", text);
	expect_ok(baton("load %s", fake_path("/blob")));
	fake_put(LEDGER, "{}");
	expect_refusal(baton("exec"), HO_ELEDGER);
	expect_reason("[HO_ELEDGER]");
	/* what was loaded says whose guests wait */
	expect_ok(baton("unload"));
	assert_string_equal(vm->status, "running");
	assert_false(fake_has(LEDGER));
	free(text);
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(collected), WITH(another_waits), WITH(runs_on),
		WITH(one_hangs),
		WITH(damaged), WITH(keepers_end),
		WITH(jump_fails), WITH(guard_is_spared), WITH(killed_early),
		WITH(half_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
