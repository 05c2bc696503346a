// SPDX-License-Identifier: MIT
/*
 * test_lastlook.c - the look at the guests is the last of all before the jump: one
 * that is let run while the note of the update is written, which may take seconds,
 * is seen.
 */
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "fakeguest.h"
#include "fakerun.h"
#include "testgolden.h"

#define MFN	0x20000ull
#define NOTE	"/var/lib/baton/update.json"
#define LOADED	"/run/baton/loaded.dtb"

static struct fake_guest *vm;
static pid_t process;

static int setup(void **state)
{
	fake_begin(state);
	vm = fake_guest_begin("vm");
	fake_put("/run/systemd/system/here", "%s", "");
	fake_program("systemctl", "exit 0");
	return 0;
}

static int teardown(void **state)
{
	fake_guest_end(vm);
	return fake_end(state);
}

/* virsh resume, or cont at another monitor */
static void resumed(void)
{
	strcpy(vm->status, "running");
}

static void expect_seen(int status)
{
	expect_refusal(status, HO_EGUESTBUSY);
	assert_null(fake_machine->when);
	assert_int_equal(fake_machine->jumps, 0);
	assert_false(fake_called("systemctl kexec"));
	assert_false(fake_has(NOTE));
}

static int upgrade(const char *more)
{
	fake_machine->when = NOTE;
	fake_machine->then = resumed;
	return baton("upgrade " TARGET " --qemu %s --name vm --rehearse none %s",
		     FILES, vm->qmp.path, more);
}

static void by_upgrade(void **state)
{
	(void)state;
	expect_seen(upgrade(""));
	fake_guest_runs_on(vm);
	expect_seen(upgrade("--shutdown"));
	fake_guest_runs_on(vm);
}

static int exec(const char *more)
{
	strcpy(vm->status, "postmigrate");
	fake_machine->when = NOTE;
	fake_machine->then = resumed;
	return baton("exec %s", more);
}

/* It is loaded still. */
static void by_exec(void **state)
{
	(void)state;
	expect_ok(baton("collect --qemu %s --name vm --rehearse none -o %s",
			vm->qmp.path, fake_path("/lu")));
	expect_ok(baton("pack --stream %s " TARGET " -o %s", fake_path("/lu"),
			FILES, fake_path("/blob")));
	expect_ok(baton("load %s", fake_path("/blob")));
	expect_seen(exec(""));
	expect_seen(exec("--shutdown"));
	expect_said(baton("status"), "at rest");
	assert_true(fake_machine->loaded[0]);
	strcpy(vm->status, "postmigrate");
	expect_ok(baton("unload"));
	fake_guest_runs_on(vm);
}

static void moved(void)
{
	fake_frames(process, MFN + 64, 16);
}

/* What is used up is so behind a look: it is there still when that refuses. */
static void before_a_wipe(void **state)
{
	char more[256];

	(void)state;
	process = fake_process(MFN, 16);
	fake_put("/state", "of a device");
	snprintf(more, sizeof(more), "--state kind=%s --wipe-state",
		 fake_path("/state"));
	fake_machine->when = LOADED;
	fake_machine->then = moved;
	expect_refusal(baton_upgrade(process, more), HO_EMIGRATED);
	assert_null(fake_machine->when);
	assert_true(fake_holds("/state", "of a device"));
	assert_false(fake_has(NOTE));
	fake_frames(process, MFN, 16);
	assert_int_equal(baton_upgrade(process, more), FAKE_JUMPED);
	assert_false(fake_has("/state"));
}

/* What baton alone holds in memory is nobody's when it has ended: in the blob, or
 * refused. */
static void stream_elsewhere(void **state)
{
	static uint8_t blob[65536];
	uint64_t length = golden_read("v2-reference.dtb", blob, sizeof(blob));

	(void)state;
	expect_ok(baton("upgrade " TARGET " --qemu %s --name vm --rehearse none --shutdown --inline-max 0",
			FILES, vm->qmp.path));
	assert_true(fake_called("systemctl kexec"));
	fake_remove("/calls");
	fake_put_bytes(LOADED, blob, length);
	/* no other is loaded then: the one that is there must be ours */
	fake_put("/proc/sys/kernel/kexec_load_limit_reboot", "1\n");
	expect_refusal(baton("exec --shutdown"), HO_EKEEPER);
	assert_false(fake_called("systemctl kexec"));
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(by_upgrade), WITH(by_exec), WITH(before_a_wipe),
		WITH(stream_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
