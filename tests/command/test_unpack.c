// SPDX-License-Identifier: MIT
/*
 * test_unpack.c - a kernel that is unpacked before guests are paused: what is loaded is
 * that file, which is there until the jump and no longer.
 */
#include <stdio.h>
#include <string.h>

#include "fakerun.h"
#include "rundir.h"
#include "testkernel.h"

#define MFN	0x20000ull
#define KASLR	0x02			/* loadflags, at 0x211 */

static pid_t guest;

static int setup(void **state)
{
	fake_begin(state);
	guest = fake_process(MFN, 16);
	test_vmlinux();
	make_image(to_lz4);
	fake_put_bytes("/boot/vmlinuz", image, sizeof(image));
	return 0;
}

static int upgrade(const char *more)
{
	return baton_upgrade(guest, more);
}

static void assert_runs_on(void)
{
	assert_false(fake_is_stopped(guest));
	assert_false(fake_machine->loaded[0]);
	assert_false(fake_has(UPGRADE_KERNEL));
}

/* loadflags of a kernel that needs not unpack itself. */
static int flags_of(const char *path)
{
	uint8_t header[0x250];
	FILE *f = fopen(fake_path(path), "r");

	assert_non_null(f);
	assert_int_equal(fread(header, sizeof(header), 1, f), 1);
	fclose(f);
	assert_int_equal(get(header + 0x248, 8), 0);
	return header[0x211];
}

static void upgraded(void **state)
{
	(void)state;
	assert_int_equal(upgrade("--unpack"), FAKE_JUMPED);
	assert_true(flags_of(UPGRADE_KERNEL) & KASLR);
}

static void upgraded_nokaslr(void **state)
{
	(void)state;
	assert_int_equal(upgrade("--unpack --cmdline 'quiet nokaslr'"),
			 FAKE_JUMPED);
	assert_false(flags_of(UPGRADE_KERNEL) & KASLR);
}

static void taken_back(void **state)
{
	(void)state;
	expect_ok(upgrade("--unpack --no-exec"));
	assert_true(fake_has(UPGRADE_KERNEL));
	expect_ok(baton("unload"));
	assert_runs_on();
	/* what would be refused later */
	expect_refusal(upgrade("--unpack --region 256M+4M"), HO_EREGIONSMALL);
	assert_runs_on();
}

static void refused(void **state)
{
	(void)state;
	expect_refusal(upgrade("--unpack --target multiboot2 --initrd none"),
		       HO_EUSAGE);
	assert_runs_on();
	image[PACKED] = 'x';
	fake_put_bytes("/boot/vmlinuz", image, sizeof(image));
	expect_refusal(upgrade("--unpack"), HO_EUNPACK);
	assert_runs_on();
	assert_int_equal(baton("precheck " TARGET
			       " --unpack --pid %d --map memfd:guest --name one",
			       FILES, (int)guest), HO_EXIT_REFUSED);
	assert_non_null(strstr(baton_said(), "HO_EUNPACK"));
	assert_runs_on();
}

static void alone(void **state)
{
	(void)state;
	expect_said(baton("unpack %s -o %s", fake_path("/boot/vmlinuz"),
			  fake_path("/k")), "KASLR");
	assert_true(flags_of("/k") & KASLR);
	expect_ok(baton("unpack --nokaslr %s -o %s", fake_path("/boot/vmlinuz"),
			fake_path("/k")));
	assert_false(flags_of("/k") & KASLR);
	expect_refusal(baton("unpack %s -o %s", fake_path("/k"),
			     fake_path("/l")), HO_EUNPACK);
	expect_refusal(baton("unpack %s", fake_path("/k")), HO_EUSAGE);
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(upgraded), WITH(upgraded_nokaslr), WITH(taken_back),
		WITH(refused), WITH(alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
