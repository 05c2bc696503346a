// SPDX-License-Identifier: MIT
/*
 * test_byfile.c - updates by kexec_file_load(2) of the door: where the kernel is
 * locked down, where it has no kexec_load(2), and where somebody says so.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "doormark.h"
#include "fakerun.h"
#include "util.h"

#define MFN	0x20000ull		/* 512 MiB */
#define GUEST	(MFN << 12)

#define LOADED	"/run/baton/loaded.dtb"
#define DOOR	"/run/baton/loaded.door"
#define LOCKDOWN "/sys/kernel/security/lockdown"
#define CONTROL	"/proc/dynamic_debug/control"

static pid_t guest;
static struct diag_log diag;

static int upgrade(const char *more)
{
	return baton_upgrade(guest, more);
}

static int setup(void **state)
{
	fake_begin(state);
	diag_init(&diag, HO_STAGE_LOADER);
	guest = fake_process(MFN, 16);
	expect_ok(baton("collect --pid %d --map memfd:guest --name one -o %s",
			(int)guest, fake_path("/lu")));
	expect_ok(baton("pack --stream %s " TARGET " -o %s", fake_path("/lu"),
			FILES, fake_path("/blob")));
	expect_ok(baton("unload"));	/* the guest waits no more */
	return 0;
}

static int setup_locked(void **state)
{
	setup(state);
	fake_put(LOCKDOWN, "none [integrity] confidentiality\n");
	return 0;
}

static void assert_untouched(void)
{
	assert_false(fake_machine->loaded[0]);
	assert_false(fake_has(LOADED));
	assert_false(fake_has(DOOR));
	assert_int_equal(fake_machine->jumps, 0);
	assert_false(fake_is_stopped(guest));
}

static int load(const char *more)
{
	return baton("load %s %s", more, fake_path("/blob"));
}

/* One way leads to the same new instance as the other. */
static void all_steps(void **state)
{
	(void)state;
	expect_ok(load("--by-file"));
	assert_true(fake_has(DOOR));
	assert_true(fake_holds(DOOR, "segment 600000-6ec000\n"));
	assert_int_equal(fake_machine->loads, 0);
	assert_int_equal(fake_machine->file_loads, 1);
	expect_refusal(load("--by-file"), HO_ELOADED);
	/* exec needs no option */
	assert_int_equal(baton("exec"), FAKE_JUMPED);
	assert_int_equal(fake_machine->file_loads, 2);
	assert_int_equal(fake_machine->loads, 0);
	fake_process_end(guest);
	assert_int_equal(fake_stub(&diag), 0);
	expect_said(baton("status"), "one");
}

static void locked_down(void **state)
{
	(void)state;
	assert_int_equal(upgrade(""), FAKE_JUMPED);
	assert_int_equal(fake_machine->file_loads, 1);
	assert_int_equal(fake_machine->loads, 0);
	fake_process_end(guest);
	assert_int_equal(fake_stub(&diag), 0);
	expect_said(baton("status"), "one");
	/* and from there */
	assert_int_equal(baton("upgrade " TARGET, FILES), FAKE_JUMPED);
	assert_int_equal(fake_machine->file_loads, 2);
	assert_int_equal(fake_machine->loads, 0);
	assert_int_equal(fake_stub(&diag), 0);
	expect_said(baton("status"), "one");
}

static void unload(void **state)
{
	(void)state;
	expect_ok(load(""));
	expect_ok(baton("unload"));
	assert_untouched();
	assert_int_equal(fake_machine->file_unloads, 1);
	assert_int_equal(fake_machine->unloads, 0);
	/* killed before the places were noted */
	expect_ok(load(""));
	fake_put(DOOR, "door /usr/lib/baton/baton.kexec\nimage 0\n");
	expect_ok(baton("unload"));
	assert_untouched();
	/* another program's image, of the same way, at the same place */
	expect_ok(load(""));
	fake_machine->image++;
	fake_show_loaded();
	expect_refusal(baton("exec"), HO_ESLOT);
	expect_ok(baton("unload"));
	assert_true(fake_machine->loaded[0]);
	expect_refusal(load(""), HO_ESLOT);
	fake_machine->foreign = true;
	expect_ok(load("--replace"));
	expect_refusal(baton("exec"), HO_ESLOT);
	assert_int_equal(fake_machine->jumps, 0);
}

/* By precheck and upgrade before a guest is paused. */
static void door_is_distrusted(void **state)
{
	static const int why[] = { EPERM, ENOKEY, EKEYREJECTED, EKEYREVOKED,
				   ELIBBAD, ENODATA, EBADMSG };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(why) / sizeof(*why); i++) {
		fake_machine->door_errno = why[i];
		expect_refusal(upgrade(""), HO_ELOCKDOWN);
		assert_int_equal(fake_machine->kills, 0);
		expect_refusal(load(""), HO_ELOCKDOWN);
		assert_untouched();
	}
	expect_refusal(baton("precheck " TARGET
			     " --pid %d --map memfd:guest --name one", FILES,
			     (int)guest), HO_EREFUSED);
	assert_non_null(strstr(baton_said(), "HO_ELOCKDOWN"));
	fake_machine->door_errno = ENOMEM;
	expect_refusal(upgrade(""), HO_EIO);
	fake_machine->door_errno = 0;
	assert_int_equal(fake_machine->file_loads, 0);
	/* what is loaded stays when it cannot be loaded again */
	expect_ok(load(""));
	fake_machine->door_errno = EKEYREVOKED;
	expect_refusal(baton("exec"), HO_ELOCKDOWN);
	assert_true(fake_machine->loaded[0]);
	fake_machine->door_errno = 0;
	assert_int_equal(baton("exec"), FAKE_JUMPED);
}

static void other_door(void **state)
{
	const uint8_t *stub;
	struct mapped m;
	uint64_t bytes;
	uint8_t last;

	(void)state;
	expect_refusal(load("--door /nowhere"), HO_ESTUB);
	fake_put("/door", "no door");
	expect_refusal(baton("load --door %s %s", fake_path("/door"),
			     fake_path("/blob")), HO_EDOORSTUB);
	assert_int_equal(mapped_open(&m, fake_path("/usr/lib/baton/baton.kexec"),
				     HO_EFILE, &diag), 0);
	fake_put_bytes("/usr/lib/baton/baton.kexec.signed", m.bytes, m.length);
	expect_ok(load(""));
	assert_true(fake_holds(DOOR, "baton.kexec.signed\n"));
	expect_ok(baton("unload"));
	/* somebody else may write it */
	chmod(fake_path("/usr/lib/baton/baton.kexec.signed"), 0666);
	expect_refusal(load(""), HO_EOWNER);
	chmod(fake_path("/usr/lib/baton/baton.kexec.signed"), 0644);
	/* of another build: its stub differs in its last byte */
	stub = doormark_stub(m.bytes, m.length, &bytes);
	last = ~stub[bytes - 1];
	fake_put_at("/usr/lib/baton/baton.kexec.signed",
		    stub + bytes - 1 - (const uint8_t *)m.bytes, &last, 1);
	expect_refusal(load(""), HO_EDOORSTUB);
	assert_untouched();
	mapped_close(&m);
	/* upgrade packs that one, and pack does when it is told to */
	expect_ok(baton("pack --stream %s " TARGET " -o %s", fake_path("/lu"),
			FILES, fake_path("/blob")));
	expect_ok(load(""));
	expect_ok(baton("unload"));
	fake_put(LOCKDOWN, "[none] integrity confidentiality\n");
	expect_ok(baton("pack --stream %s " TARGET " --stub %s -o %s",
			fake_path("/lu"), FILES,
			fake_path("/usr/lib/baton/baton.kexec.signed"),
			fake_path("/blob")));
	expect_ok(load(""));
	expect_ok(baton("unload"));
	fake_put(LOCKDOWN, "none [integrity] confidentiality\n");
	assert_int_equal(upgrade(""), FAKE_JUMPED);
}

/* Segments over a guest, over the region, in what is no RAM. */
static void bad_place(void **state)
{
	static const uint64_t bad[] = { GUEST, GUEST + 0xf000, FAKE_REGION,
					FAKE_REGION + 0x200000, 0x40000000 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		fake_machine->initrd[0] = fake_machine->initrd[1] = bad[i];
		expect_refusal(load(""), HO_EDOORPLACE);
		assert_untouched();
		expect_refusal(upgrade(""), HO_EDOORPLACE);
		assert_untouched();
	}
	/* a longer one goes elsewhere */
	fake_machine->initrd[1] = 0x38000000;
	fake_machine->file_loads = 0;
	expect_ok(load(""));
	assert_int_equal(fake_machine->file_loads, 2);
	assert_true(fake_holds(DOOR, "segment 38000000-"));
	expect_ok(baton("unload"));
	/* the kernel has chosen another place by the time of the jump */
	fake_machine->initrd[0] = fake_machine->initrd[1] = 0;
	expect_ok(load(""));
	fake_machine->initrd[0] = fake_machine->initrd[1] = GUEST;
	expect_refusal(baton("exec"), HO_EDOORPLACE);
	assert_false(fake_machine->loaded[0]);
	assert_int_equal(fake_machine->jumps, 0);
	expect_refusal(baton("exec"), HO_ENOTLOADED);
	expect_ok(baton("unload"));
	assert_untouched();
}

static void places_not_known(void **state)
{
	(void)state;
	fake_machine->mute = 1;
	expect_refusal(load(""), HO_ESEGMENTS);
	assert_untouched();
	fake_machine->mute = 4;
	expect_refusal(upgrade(""), HO_ESEGMENTS);
	assert_untouched();
	fake_machine->mute = 0;
	fake_machine->twice = true;
	expect_refusal(load(""), HO_ESEGMENTS);
	assert_untouched();
	fake_machine->twice = false;
	/* an older kernel: by dynamic debug, or not at all */
	fake_machine->no_debug_flag = true;
	expect_refusal(load(""), HO_ESEGMENTS);
	assert_untouched();
	fake_put(CONTROL, "%s", "");
	expect_ok(load(""));
	assert_true(fake_holds(CONTROL, "file kexec_file.c -p"));
	expect_ok(baton("unload"));
	fake_put(CONTROL, "%s", "");
	fake_machine->mute = 1;
	expect_refusal(load(""), HO_ESEGMENTS);
	fake_machine->mute = 0;
	fake_remove("/dev/kmsg");
	expect_refusal(load(""), HO_ESEGMENTS);
	assert_untouched();
}

static void no_kexec_load(void **state)
{
	(void)state;
	fake_machine->no_kexec = true;
	expect_ok(load(""));
	assert_int_equal(fake_machine->file_loads, 1);
	expect_ok(baton("unload"));
	fake_machine->no_kexec_file = true;
	expect_refusal(load(""), HO_ENOKEXEC);
	expect_refusal(upgrade(""), HO_ENOKEXEC);
	fake_machine->no_kexec_file = false;
	fake_machine->busy = 3;
	expect_ok(load(""));
	/* to start it takes no load */
	fake_put("/proc/sys/kernel/kexec_load_disabled", "1\n");
	assert_int_equal(baton("exec"), FAKE_JUMPED);
	assert_int_equal(fake_machine->file_loads, 2);
}

#define ARMED_DOOR "/run/baton/armed.door"

static void in_new_instance(void)
{
	assert_int_equal(upgrade(""), FAKE_JUMPED);
	fake_process_end(guest);
	assert_int_equal(fake_stub(&diag), 0);
	fake_crash_range();
	fake_machine->crash[0] = 0x30000000;
	fake_machine->crash[1] = 0x38000000;
}

static void arm(void **state)
{
	(void)state;
	in_new_instance();
	expect_ok(baton("arm"));
	assert_int_equal(fake_machine->crash_loads, 0);
	assert_int_equal(fake_machine->file_loads, 2);
	assert_true(fake_machine->loaded[1]);
	assert_true(fake_has(ARMED_DOOR));
	expect_said(baton("status"), "armed");
	expect_ok(baton("arm --again"));
	assert_int_equal(fake_machine->file_loads, 2);
	/* another one of the same way is not ours */
	fake_machine->image++;
	fake_show_loaded();
	expect_said(baton("status"), "NOT ARMED");
	expect_refusal(baton("arm --again"), HO_ESLOT);
	expect_ok(baton("arm --again --replace"));
	assert_int_equal(fake_machine->file_loads, 3);
	expect_said(baton("status"), "armed");
	expect_ok(baton("disarm"));
	assert_false(fake_machine->loaded[1]);
	assert_false(fake_has(ARMED_DOOR));
	assert_int_equal(fake_machine->crash_unloads, 0);
	/* where kexec_load(2) works, too, it stays by file */
	fake_put(LOCKDOWN, "[none] integrity confidentiality\n");
	expect_ok(baton("arm --by-file"));
	fake_machine->image++;
	fake_show_loaded();
	expect_ok(baton("arm --again --replace"));
	assert_int_equal(fake_machine->crash_loads, 0);
	expect_ok(baton("disarm"));
	assert_false(fake_has(ARMED_DOOR));
}

static void too_small_to_arm(void **state)
{
	(void)state;
	in_new_instance();
	/* the door over what it is to become */
	fake_machine->crash[1] = 0x30400000;
	expect_refusal(baton("arm"), HO_EARMFILE);
	assert_false(fake_machine->loaded[1]);
	assert_false(fake_has(ARMED_DOOR));
	fake_machine->load_errno = EADDRNOTAVAIL;
	expect_refusal(baton("arm"), HO_EARMFILE);
	assert_false(fake_has(ARMED_DOOR));
	assert_false(fake_has("/run/baton/armed.dtb"));
}

static int pack_manifest(void)
{
	return baton("pack --stream %s " TARGET
		     " --policy fallback --fallback-kernel %s --fallback-initrd none"
		     " --manifest %s -o %s", fake_path("/lu"), FILES,
		     fake_path("/boot/vmlinuz"), fake_path("/man"),
		     fake_path("/signed"));
}

/* What a stub with a key wants: it is in both trees. */
static void manifest(void **state)
{
	static const char text[] = "baton-manifest 1\nsecurity-version 3\n";
	static char much[70000];
	struct mapped m;
	const char *at;

	(void)state;
	expect_refusal(pack_manifest(), HO_EFILE);
	fake_put("/man", "%s", text);
	expect_refusal(pack_manifest(), HO_EFILE);
	fake_put_bytes("/man.sig", much, 256);
	expect_ok(pack_manifest());
	assert_int_equal(mapped_open(&m, fake_path("/signed"), HO_EFILE,
				     &diag), 0);
	at = memmem(m.bytes, m.length, text, sizeof(text) - 1);
	assert_non_null(at);
	at++;
	assert_non_null(memmem(at, (const char *)m.bytes + m.length - at, text,
			       sizeof(text) - 1));
	mapped_close(&m);
	expect_ok(baton("inspect %s", fake_path("/signed")));
	expect_ok(baton("load --by-file %s", fake_path("/signed")));
	fake_put_bytes("/man", much, sizeof(much));
	expect_refusal(pack_manifest(), HO_EMANIFEST);
	expect_refusal(baton("pack --cold " TARGET " --manifest %s -o %s",
			     FILES, fake_path("/man"), fake_path("/cold")),
		       HO_EUSAGE);
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, fake_end)
#define LOCKED(f) cmocka_unit_test_setup_teardown(f, setup_locked, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(all_steps), LOCKED(locked_down), LOCKED(unload),
		LOCKED(door_is_distrusted), LOCKED(other_door),
		LOCKED(bad_place), LOCKED(places_not_known),
		WITH(no_kexec_load), WITH(manifest), LOCKED(arm),
		LOCKED(too_small_to_arm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
