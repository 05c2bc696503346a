// SPDX-License-Identifier: MIT
/*
 * test_stale.c - an image that the kernel does not unload (its limit of loads,
 * kexec_load_disabled, somebody else in the call): no guest waits for ever, nobody
 * starts a past of one, and it is on record until the image has gone.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakeguest.h"
#include "fakerun.h"

#define NOTE	"/var/lib/baton/update.json"
#define LOADED	"/run/baton/loaded.dtb"
#define LEDGER	"/run/baton/ledger.json"
#define DISABLED "/proc/sys/kernel/kexec_load_disabled"
#define LIMIT	"/proc/sys/kernel/kexec_load_limit_reboot"
#define LOUD	"THE IMAGE IS LOADED STILL, AND ITS GUESTS RUN ON"

static struct fake_guest *vm;

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

static int collect(const char *name)
{
	return baton("collect --qemu %s --name %s --rehearse none -o %s",
		     vm->qmp.path, name, fake_path("/lu"));
}

/* It waits, and its update is packed. */
static void packed(void)
{
	expect_ok(collect("vm"));
	expect_ok(baton("pack --stream %s " TARGET " -o %s", fake_path("/lu"),
			FILES, fake_path("/blob")));
}

static int load(void)
{
	return baton("load %s", fake_path("/blob"));
}

static int upgrade(void (*meanwhile)(void))
{
	fake_machine->when = NOTE;
	fake_machine->then = meanwhile;
	return baton("upgrade " TARGET " --qemu %s --name vm --rehearse none",
		     FILES, vm->qmp.path);
}

/* Whatever is asked for, nothing is begun beside it. */
static void assert_on_record(void)
{
	expect_said(baton("status"), "would start a past of them");
	assert_non_null(strstr(baton_said(), "undoing, NOT THROUGH"));
	expect_refusal(collect("vm"), HO_EUNDONE);
	expect_refusal(load(), HO_EUNDONE);
	expect_refusal(baton("upgrade " TARGET " --pid 1 --map x --name y",
			     FILES), HO_EUNDONE);
	expect_refusal(baton("exec"), HO_EUNDONE);
	assert_non_null(strstr(baton_complained(), "image still loaded"));
	assert_true(fake_machine->loaded[0]);
	assert_true(fake_has(LOADED));
	assert_int_equal(fake_machine->jumps, 0);
}

/* The image goes at last; whom somebody has stopped since stays so. */
static void assert_ends(void)
{
	strcpy(vm->status, "paused");
	expect_ok(baton("unload"));
	assert_string_equal(vm->status, "paused");
	assert_false(fake_machine->loaded[0]);
	assert_false(fake_has(LOADED));
	assert_false(fake_has(LEDGER));
}

static void disabled(void)
{
	fake_put(DISABLED, "1\n");
	strcpy(vm->status, "running");
}

/* The update is called off, and may not be any more. */
static void called_off(void **state)
{
	(void)state;
	expect_refusal(upgrade(disabled), HO_EGUESTBUSY);
	assert_non_null(strstr(baton_complained(), LOUD));
	assert_string_equal(vm->status, "running");
	assert_false(fake_has(NOTE));
	expect_refusal(baton("unload"), HO_EKEXECOFF);
	assert_null(strstr(baton_complained(), "guests wait"));
	fake_put(DISABLED, "0\n");
	assert_on_record();
	assert_ends();
}

static void killed(void)
{
	fake_put(DISABLED, "1\n");
	kill(getppid(), SIGKILL);
}

/* The same by its guard. */
static void by_guard(void **state)
{
	(void)state;
	assert_int_equal(upgrade(killed), 128 + SIGKILL);
	assert_non_null(strstr(baton_complained(), LOUD));
	assert_string_equal(vm->status, "running");
	fake_put(DISABLED, "0\n");
	assert_on_record();
	assert_ends();
}

static void busy(void)
{
	fake_machine->busy = 350;	/* of 10 ms */
	strcpy(vm->status, "running");
}

/* Somebody else's call ends: guests wait for that. */
static void waits(void **state)
{
	(void)state;
	expect_refusal(upgrade(busy), HO_EGUESTBUSY);
	assert_null(strstr(baton_complained(), LOUD));
	assert_non_null(strstr(baton_complained(), "for a minute at most"));
	assert_int_equal(fake_machine->busy, 0);
	fake_guest_runs_on(vm);
	assert_false(fake_has(LEDGER));
}

/* Used up. */
static void limit(void **state)
{
	int conts;

	(void)state;
	packed();
	fake_put(LIMIT, "1\n");
	expect_refusal(load(), HO_EKEXECLIMIT);
	assert_int_equal(fake_machine->loads, 0);
	fake_put(LIMIT, "2\n");
	expect_ok(load());
	/* the last one is for unload */
	fake_put(LIMIT, "1\n");
	assert_int_equal(baton("exec"), FAKE_JUMPED);
	assert_int_equal(fake_machine->loads, 1);
	/* nor does it take one where none is allowed any more */
	fake_put(DISABLED, "1\n");
	assert_int_equal(baton("exec"), FAKE_JUMPED);
	assert_int_equal(fake_machine->loads, 1);
	fake_remove(DISABLED);
	fake_machine->jumps = 0;
	fake_put(LIMIT, "0\n");
	expect_refusal(baton("unload"), HO_EKEXECLIMIT);
	assert_non_null(strstr(baton_complained(), "--image-stays"));
	assert_string_equal(vm->status, "postmigrate");
	expect_ok(baton("unload --image-stays"));
	assert_non_null(strstr(baton_complained(), LOUD));
	assert_string_equal(vm->status, "running");
	conts = vm->conts;
	assert_on_record();
	expect_refusal(baton("unload"), HO_EKEXECLIMIT);
	expect_ok(baton("unload --image-stays"));
	assert_int_equal(vm->conts, conts);
	fake_remove(LIMIT);
	assert_ends();
}

/* It hangs: it is tried again, without the image as well. */
static void one_hangs(void **state)
{
	(void)state;
	packed();
	expect_ok(load());
	fake_put(DISABLED, "1\n");
	fake_guest_rule(vm, "query-status", FAKE_CLOSE, "");
	expect_refusal(baton("unload --image-stays"), HO_EQMP);
	assert_string_equal(vm->status, "postmigrate");
	fake_guest_no_rules(vm);
	expect_refusal(baton("unload"), HO_EKEXECOFF);
	assert_non_null(strstr(baton_complained(), "guests wait"));
	expect_ok(baton("unload --image-stays"));
	assert_string_equal(vm->status, "running");
	fake_put(DISABLED, "0\n");
	assert_on_record();
	assert_ends();
}

/* By the door it is more calls. */
static void by_file(void **state)
{
	pid_t process = fake_process(0x20000, 16);

	(void)state;
	fake_put(LIMIT, "9\n");
	expect_refusal(baton_upgrade(process, "--by-file"), HO_EKEXECLIMIT);
	assert_non_null(strstr(baton_complained(), "needed: 10"));
	assert_int_equal(fake_machine->file_loads, 0);
	fake_put(LIMIT, "10\n");
	assert_int_equal(baton_upgrade(process, "--by-file"), FAKE_JUMPED);
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(called_off), WITH(by_guard), WITH(waits), WITH(limit),
		WITH(one_hangs), WITH(by_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
