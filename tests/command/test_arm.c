// SPDX-License-Identifier: MIT
/*
 * test_arm.c - arm and disarm, in the new instance: whose the image for a panic
 * is, and when there is none.
 */
#include <errno.h>

#include "cmocka_all.h"
#include "testkept.h"

#define ARMED	"/run/baton/armed.dtb"

/* As another loader does, without our lock. */
static void another_on_crash(uint64_t at)
{
	fake_machine->entry[1] = at;
	fake_put_at("/proc/kcore", 4096 + 0x200 + 24, &at, 8);
}

static void arm(void **state)
{
	uint64_t entry;

	(void)state;
	/* no crash kernel: it was the region */
	expect_refusal(baton("arm"), HO_ENOREGION);
	fake_crash_range();
	expect_refusal(baton("arm --what"), HO_EUSAGE);
	expect_refusal(baton("arm now"), HO_EUSAGE);
	expect_ok(baton("arm"));
	assert_true(fake_machine->loaded[1]);
	assert_true(fake_has(ARMED));
	kept_shows("status", "armed");
	kept_shows("status --json", "\"armed\"");
	/* what is there stays; kdump's takes its place, or somebody unloads it
	 */
	expect_ok(baton("arm --again"));
	assert_int_equal(fake_machine->crash_loads, 1);
	expect_refusal(baton("arm --again --policy halt"), HO_EUSAGE);
	entry = fake_machine->entry[1];
	another_on_crash(0x1000);
	kept_shows("status", "NOT ARMED");
	expect_refusal(baton("arm --again"), HO_ESLOT);
	expect_ok(baton("arm --again --replace"));
	assert_true(fake_machine->entry[1] == entry);
	kept_shows("status --json", "\"armed\"");
	assert_true(fake_holds("/run/baton/ledger.json", "\"armed\":\"") &&
		    !fake_holds("/run/baton/ledger.json", "\"armed\":\"\""));
	expect_refusal(baton("disarm now"), HO_EUSAGE);
	expect_ok(baton("disarm"));
	assert_false(fake_has("/run/baton/ledger.json"));
	expect_refusal(baton("arm --again"), HO_ENOTARMED);
	assert_false(fake_machine->loaded[1]);
	assert_false(fake_has(ARMED));
	expect_ok(baton("disarm"));
	/* kdump was there first */
	fake_put("/sys/kernel/kexec_crash_loaded", "1\n");
	expect_refusal(baton("arm"), HO_ESLOT);
	expect_ok(baton("disarm"));
	assert_non_null(strstr(baton_complained(), "not baton's"));
	expect_ok(baton("arm --replace"));
	fake_put("/proc/kallsyms", "%s", "");
	kept_shows("status", "does not say");
	expect_refusal(baton("disarm"), HO_ESLOT);
	fake_put("/proc/sys/kernel/kexec_load_limit_panic", "0\n");
	expect_refusal(baton("arm"), HO_EKEXECLIMIT);
}

static void arm_fails(void **state)
{
	(void)state;
	fake_put("/proc/cmdline",
		 "root=/dev/sda1 baton=0x10000000 crashkernel=128M\n");
	fake_put("/proc/iomem",
		 "00100000-0fffffff : System RAM\n"
		 "10000000-17ffffff : Crash kernel\n");
	expect_refusal(baton("arm"),
		       HO_EREGIONRANGES);
	fake_crash_range();
	fake_machine->load_errno = ENOMEM;
	expect_refusal(baton("arm"), HO_EIO);
	assert_false(fake_has(ARMED));
	assert_false(fake_has("/run/baton/arming.dtb"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, kept_setup, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(arm), T(arm_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
