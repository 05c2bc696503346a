// SPDX-License-Identifier: MIT
/*
 * test_update.c - collect, pack, inspect, check, load, exec and unload, from
 * end to end and refused, on a host that is made up.
 */
#include <errno.h>

#include "cmocka_all.h"
#include "fakerun.h"

#define MFN	0x20000ull		/* 512 MiB */

#define PACK	"--kernel %s --initrd %s --cmdline quiet --stub build/stub/stub.bin"
#define FILES	fake_path("/boot/vmlinuz"), fake_path("/boot/initrd.img")

static void all_steps(void **state)
{
	pid_t pid = fake_process(MFN, 16);

	(void)state;
	expect_ok(baton("collect --pid %d --map memfd:guest --name one -o %s",
			(int)pid, fake_path("/lu")));
	expect_ok(baton("pack --stream %s " PACK " -o %s", fake_path("/lu"),
			FILES, fake_path("/blob")));
	expect_ok(baton("inspect %s", fake_path("/blob")));
	expect_ok(baton("check %s", fake_path("/blob")));
	expect_ok(baton("load %s", fake_path("/blob")));
	assert_int_equal(baton("exec"), FAKE_JUMPED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_steps, fake_begin,
						fake_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
