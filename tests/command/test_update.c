// SPDX-License-Identifier: MIT
/*
 * test_update.c - collect, load, exec and unload, from end to end and refused, on a
 * host that is made up. pack and what reads blobs: test_pack.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakerun.h"

#define MFN	0x20000ull		/* 512 MiB */

#define LOADED	"/run/baton/loaded.dtb"
#define NOTE	"/var/lib/baton/update.json"

static pid_t guest;

static int collect(const char *more)
{
	return baton("collect --pid %d --map memfd:guest --name one %s -o %s",
		     (int)guest, more, fake_path("/lu"));
}

static int pack(const char *more)
{
	return baton("pack --stream %s " TARGET " %s -o %s", fake_path("/lu"),
		     FILES, more, fake_path("/blob"));
}

/* A guest, collected and packed. */
static int setup(void **state)
{
	fake_begin(state);
	guest = fake_process(MFN, 16);
	expect_ok(collect(""));
	expect_ok(pack(""));
	return 0;
}

static void assert_nothing_loaded(void)
{
	assert_false(fake_machine->loaded[0]);
	assert_false(fake_has(LOADED));
	assert_int_equal(fake_machine->jumps, 0);
	assert_false(fake_is_stopped(guest));
}

static void all_steps(void **state)
{
	(void)state;
	expect_ok(baton("inspect %s", fake_path("/blob")));
	assert_non_null(strstr(baton_said(), "one"));
	expect_ok(baton("inspect --extents %s", fake_path("/blob")));
	expect_ok(baton("inspect --json %s", fake_path("/blob")));
	expect_ok(baton("check %s", fake_path("/blob")));
	assert_non_null(strstr(baton_said(), "yes: 1 domains, 1 extents"));
	expect_ok(baton("check --plan %s", fake_path("/blob")));
	assert_non_null(strstr(baton_said(), "budget"));
	expect_ok(baton("check --json %s", fake_path("/blob")));
	expect_ok(baton("load --dry-run %s", fake_path("/blob")));
	assert_non_null(strstr(baton_said(), "entry 0x"));
	expect_ok(baton("load --elf %s %s", fake_path("/elf"),
			fake_path("/blob")));
	assert_int_equal(fake_machine->loads, 0);
	expect_ok(baton("load %s", fake_path("/blob")));
	assert_true(fake_machine->loaded[0]);
	assert_true(fake_has(LOADED));
	assert_int_equal(baton("exec"), FAKE_JUMPED);
	assert_int_equal(fake_machine->jumps, 1);
	assert_int_equal(fake_machine->loads, 2);
	assert_true(fake_has(NOTE));
}

static void load_and_unload(void **state)
{
	(void)state;
	expect_ok(baton("load %s", fake_path("/blob")));
	expect_refusal(baton("load %s", fake_path("/blob")), HO_ELOADED);
	expect_ok(baton("unload"));
	assert_nothing_loaded();
	expect_ok(baton("unload"));
	expect_refusal(baton("exec"), HO_ENOTLOADED);
	/* the kernel does not say whose it is: what is beside it counts */
	fake_machine->hidden = true;
	expect_ok(baton("load %s", fake_path("/blob")));
	expect_ok(baton("unload"));
	assert_nothing_loaded();
}

static void somebody_elses_image(void **state)
{
	(void)state;
	fake_put("/sys/kernel/kexec_loaded", "1\n");
	expect_refusal(baton("load %s", fake_path("/blob")), HO_ESLOT);
	expect_ok(baton("unload"));
	assert_non_null(strstr(baton_complained(), "not baton's"));
	expect_ok(baton("load --replace %s", fake_path("/blob")));
	/* and one that came behind ours */
	fake_machine->foreign = true;
	expect_refusal(baton("exec --no-sync"), HO_ESLOT);
	assert_int_equal(fake_machine->jumps, 0);
	/* behind upgrade's, while its guest stands still */
	fake_machine->foreign = false;
	expect_ok(baton("unload"));
	fake_put("/sys/kernel/kexec_loaded", "0\n");
	fake_machine->foreign = true;
	expect_refusal(baton_upgrade(guest, ""), HO_ESLOT);
	assert_nothing_loaded();
}

static void may_not_load(void **state)
{
	(void)state;
	fake_machine->uid = 1000;
	expect_refusal(baton("load %s", fake_path("/blob")), HO_EPERM);
	expect_refusal(baton("exec"), HO_EPERM);
	expect_refusal(baton("unload"), HO_EPERM);
	fake_machine->uid = 0;
	fake_put("/sys/kernel/security/lockdown",
		 "none [integrity] confidentiality\n");
	fake_machine->door_errno = ENOKEY;
	expect_refusal(baton("load %s", fake_path("/blob")), HO_ELOCKDOWN);
	fake_put("/sys/kernel/security/lockdown", "[none] integrity\n");
	fake_put("/proc/sys/kernel/kexec_load_disabled", "1\n");
	expect_refusal(baton("load %s", fake_path("/blob")), HO_EKEXECOFF);
	expect_ok(baton("unload"));
	fake_put("/proc/sys/kernel/kexec_load_disabled", "0\n");
	fake_machine->no_kexec = fake_machine->no_kexec_file = true;
	expect_refusal(baton("load %s", fake_path("/blob")), HO_ENOKEXEC);
	fake_machine->no_kexec = false;
	fake_put("/proc/sys/kernel/kexec_load_limit_reboot", "0\n");
	expect_refusal(baton("load %s", fake_path("/blob")), HO_EKEXECLIMIT);
	fake_put("/proc/sys/kernel/kexec_load_limit_reboot", "1\n");
	expect_refusal(baton("load %s", fake_path("/blob")), HO_EKEXECLIMIT);
	fake_put("/proc/sys/kernel/kexec_load_limit_reboot", "2\n");
	expect_ok(baton("load %s", fake_path("/blob")));
	/* used up: what is loaded is known to be ours, or not */
	fake_put("/proc/sys/kernel/kexec_load_limit_reboot", "0\n");
	assert_int_equal(baton("exec"), FAKE_JUMPED);
	fake_machine->hidden = true;
	fake_put("/proc/kallsyms", "%s", "");
	expect_refusal(baton("exec"), HO_EKEXECLIMIT);
}

static void kernel_refuses(void **state)
{
	(void)state;
	fake_machine->load_errno = ENOMEM;
	expect_refusal(baton("load %s", fake_path("/blob")), HO_EIO);
	assert_nothing_loaded();
	fake_machine->load_errno = 0;
	fake_machine->busy = 3;
	expect_ok(baton("load %s", fake_path("/blob")));
	fake_machine->busy = 1000000;
	expect_refusal(baton("unload"), HO_EIO);
	assert_true(fake_has(LOADED));
	fake_machine->busy = 0;
	fake_machine->jump_errno = EPERM;
	expect_refusal(baton("exec"), HO_EIO);
	assert_false(fake_has(NOTE));
}

/* exec looks at every frame once more. */
static void changed_since(void **state)
{
	(void)state;
	expect_ok(baton("load %s", fake_path("/blob")));
	fake_frames(guest, MFN + 64, 16);
	expect_refusal(baton("exec"), HO_EMIGRATED);
	fake_frames(guest, MFN, 16);
	assert_int_equal(baton("exec"), FAKE_JUMPED);
	fake_process_end(guest);
	expect_refusal(baton("exec"), HO_EPROCESS);
	assert_int_equal(fake_machine->jumps, 1);
}

static void systemd_shuts_down(void **state)
{
	(void)state;
	expect_ok(baton("load %s", fake_path("/blob")));
	/* the process would end before the jump */
	assert_int_not_equal(baton("exec --shutdown"), 0);
	assert_false(fake_called("systemctl kexec"));
}

static void nothing_kept(void **state)
{
	(void)state;
	expect_ok(baton("collect --kept -o %s", fake_path("/lu")));
	expect_ok(pack(""));
	expect_ok(baton("load %s", fake_path("/blob")));
	expect_refusal(baton("exec --shutdown"), HO_ESHUTDOWN);
	fake_put("/run/systemd/system/here", "%s", "");
	expect_refusal(baton("exec --shutdown"), HO_ESHUTDOWN);
	assert_true(fake_called("systemctl kexec"));
	assert_false(fake_has(NOTE));
	fake_program("systemctl", "exit 0");
	expect_ok(baton("exec --shutdown"));
	assert_true(fake_has(NOTE));
}

static void collect_refuses(void **state)
{
	pid_t other = fake_process(MFN + 1024, 4);

	(void)state;
	fake_machine->uid = 1000;
	expect_refusal(collect(""), HO_EPERM);
	fake_machine->uid = 0;
	expect_refusal(collect("--map nothing"), HO_ENOMAP);
	expect_refusal(collect("--state a=/nowhere/x"), HO_EFILE);
	expect_refusal(collect("--domid 40000"), HO_EUSAGE);
	expect_refusal(collect("--domid abc"), HO_EUSAGE);
	expect_refusal(collect("--range 1-2"), HO_EUSAGE);
	expect_refusal(collect("--range 1000-1000"), HO_EUSAGE);
	expect_refusal(collect("--state a"), HO_EUSAGE);
	expect_refusal(collect("--state =x"), HO_EUSAGE);
	expect_refusal(collect("--range 7fff00000000-7fff00001000"),
		       HO_EPROCESS);
	expect_refusal(baton("collect --pid %d --map x -o %s", (int)other,
			     fake_path("/x")), HO_EUSAGE);
	expect_refusal(baton("collect --pid %d --name x -o %s", (int)other,
			     fake_path("/x")), HO_EUSAGE);
	assert_int_not_equal(collect("--pid 4 --map memfd:guest --name one"),
			     0);
	expect_refusal(baton("collect --pid 0 -o x"), HO_EUSAGE);
	expect_refusal(baton("collect --pid 4294967297 -o x"), HO_EUSAGE);
	expect_refusal(baton("collect --name x -o x"), HO_EUSAGE);
	expect_refusal(baton("collect -o x"), HO_EUSAGE);
	expect_refusal(baton("collect --kept"), HO_EUSAGE);
	expect_refusal(baton("collect --what"), HO_EUSAGE);
	fake_process_end(guest);
	expect_refusal(collect(""), HO_EPROCESS);
}

/* Pages that are not there, and frame numbers that nobody shows. */
static void collect_frames(void **state)
{
	uint64_t hidden = 1ull << 63, swapped = 1ull << 62, none = 0;
	uint64_t at = FAKE_ADDRESS / 4096 * 8;
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)guest);
	fake_put_at(path, at + 8, &hidden, 8);
	expect_refusal(collect(""), HO_EPERM);
	fake_put_at(path, at + 8, &swapped, 8);
	expect_refusal(collect(""), HO_ENOTPRESENT);
	fake_put_at(path, at + 8, &none, 8);
	expect_refusal(collect(""), HO_ENOTPRESENT);
	fake_frames(guest, MFN, 16);
	fake_put("/state", "of a device");
	expect_ok(baton("collect --pid %d --range 7f0000000000-7f0000002000 --name one --domid 7 --state kind=%s --wipe-state -o %s",
			(int)guest, fake_path("/state"), fake_path("/lu")));
	assert_false(fake_has("/state"));
	expect_refusal(baton("collect --pid %d --map memfd:guest --name one -o /nowhere/x",
			     (int)guest), HO_EFILE);
}

static void two_at_once(void **state)
{
	(void)state;
	assert_int_equal(system("true"), 0);
	fake_put("/run/baton/lock", "%s", "");
	expect_ok(baton("load %s", fake_path("/blob")));
	assert_true(fake_holds("/run/baton/lock", "baton load, process"));
}

static void no_command(void **state)
{
	(void)state;
	assert_int_equal(baton("%s", ""), HO_EXIT_USAGE);
	assert_int_equal(baton("what"), HO_EXIT_USAGE);
	expect_ok(baton("--help"));
	expect_ok(baton("--version"));
	expect_ok(baton("upgrade --help"));
	expect_refusal(baton("exec now"), HO_EUSAGE);
	expect_refusal(baton("exec --what"), HO_EUSAGE);
	expect_refusal(baton("unload it"), HO_EUSAGE);
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(all_steps), WITH(load_and_unload),
		WITH(somebody_elses_image), WITH(may_not_load),
		WITH(kernel_refuses), WITH(changed_since),
		WITH(systemd_shuts_down), WITH(nothing_kept),
		WITH(collect_refuses), WITH(collect_frames),
		WITH(two_at_once), WITH(no_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
