// SPDX-License-Identifier: MIT
/*
 * test_adopt.c - a QEMU guest in the new instance: the next QEMU is started over
 * the module's device, takes the state, and the guest runs on, or is kept still.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakeguest.h"
#include "fakelibs.h"
#include "fakerun.h"
#include "journal.h"
#include "guestmem.h"
#include "process.h"
#include "resumed.h"

static struct fake_guest *vm;
static struct diag_log diag;

static int setup_new_beside(void **state, const char *bridge)
{
	char path[64];

	fake_begin(state);
	diag_init(&diag, HO_STAGE_LOADER);
	vm = fake_guest_begin("vm");
	if (bridge) {
		snprintf(path, sizeof(path), "/proc/%d/fdinfo/9",
			 (int)vm->qmp.pid);
		fake_put(path, "pos:\t0\nflags:\t0104002\niff:\ttap7\n");
		fake_put("/sys/class/net/tap7/tun_flags", "0x5002\n");
		fake_link("/sys/class/net/tap7/master", bridge);
	}
	expect_ok(baton("upgrade " TARGET " --qemu %s --name vm --rehearse none", FILES,
			vm->qmp.path) - FAKE_JUMPED);
	fake_guest_stop(vm);
	fake_remove("/proc/any");
	assert_int_equal(fake_stub(&diag), 0);
	fake_mem_here();
	return 0;
}

static int setup_new(void **state)
{
	return setup_new_beside(state, NULL);
}

static int setup_bridge(void **state)
{
	return setup_new_beside(state, "../br0");
}

/* What its tap was in is made a moment later. */
static void waits_for_bridge(void **state)
{
	struct fake_run r;

	(void)state;
	expect_said(baton("adopt --all --early"), "vm goes on later: ");
	assert_non_null(strstr(baton_said(), "br0 is not there yet"));
	fake_run_start(&r, 0, "adopt vm --timeout 40");
	sleep(1);
	assert_false(fake_has("/dev/baton/vm.ram"));
	fake_put("/sys/class/net/br0/mtu", "1500\n");
	assert_int_equal(fake_run_end(&r), 0);
	assert_int_equal(vm->conts, 1);
	fake_guest_stop(vm);
}

/* It does not come: QEMU has the last word. */
static void waits_in_vain(void **state)
{
	(void)state;
	expect_ok(baton("adopt vm --timeout 4"));
	assert_non_null(strstr(baton_complained(), "br0 is not there after 2 s"));
	assert_int_equal(vm->conts, 1);
	fake_guest_stop(vm);
}

static void adopted(void **state)
{
	(void)state;
	expect_ok(baton("adopt --test vm"));
	expect_ok(baton("adopt vm"));
	assert_string_equal(vm->status, "running");
	assert_int_equal(vm->conts, 1);
	assert_true(fake_holds("/dev/baton/vm.ram", "30000000+200000"));
	expect_refusal(baton("adopt vm"), HO_ENODOMAIN);
	/* it runs in its memory, as long as it does */
	fake_put("/busy/vm.ram", "%s", "");
	expect_ok(baton("adopt --test vm"));
	expect_said(baton("adopt vm"), "vm goes on already");
	assert_int_equal(vm->conts, 1);
	/* one that is paused, and was not, does not go on */
	strcpy(vm->status, "paused");
	expect_refusal(baton("adopt vm"), HO_EADOPT);
	assert_non_null(strstr(baton_complained(), "waits for cont"));
	assert_int_equal(vm->conts, 1);
	fake_guest_stop(vm);
	expect_said(baton("adopt vm"), "vm goes on already");
	fake_remove("/busy");
	expect_refusal(baton("adopt --test vm"), HO_ENODOMAIN);
}

/* Frames of another guest: the same place in its keeper and in QEMU. */
static void put_other_frames(void)
{
	static const uint64_t places[] = { 0x100000000000ull, FAKE_GUEST_HVA };
	static uint64_t entries[FAKE_GUEST_BYTES / 4096];
	size_t i;

	for (i = 0; i < ARRAY_COUNT(entries); i++)
		entries[i] = 1ull << 63 | (FAKE_GUEST_MFN + 0x1000 + i);
	for (i = 0; i < ARRAY_COUNT(places); i++)
		fake_put_at("/proc/any/pagemap", places[i] / 4096 * 8, entries,
			    sizeof(entries));
}

/* Another one beside vm, which is kept still. */
static struct fake_guest *two_kept(void)
{
	struct fake_guest *other;

	fake_remove("/dev/baton-mem");
	other = fake_guest_begin("other");
	put_other_frames();
	assert_int_equal(baton("upgrade " TARGET " --qemu %s --name other --rehearse none",
			       FILES, other->qmp.path), FAKE_JUMPED);
	fake_guest_stop(other);
	fake_remove("/proc/any");
	assert_int_equal(fake_stub(&diag), 0);
	fake_mem_here();
	return other;
}

/* The line of RESUMED_FILE of a guest says when it was begun. */
static uint64_t begun(void)
{
	unsigned long long start = 0;
	unsigned int generation, domid;
	FILE *f = fopen(fake_path("/run/baton/resumed"), "r");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%u %u %llu", &generation, &domid, &start),
			 3);
	fclose(f);
	return start;
}

/* One whose QEMU is silent for three seconds does not keep the other waiting. */
static void side_by_side(void **state)
{
	struct fake_guest *other = two_kept();
	uint64_t before = resumed_now(), after;

	(void)state;
	fake_guest_rule(vm, "migrate-incoming", FAKE_SILENT, "");
	expect_refusal(baton("adopt --all --timeout 3"), HO_EQMP);
	after = resumed_now();
	assert_non_null(strstr(baton_said(), "other goes on"));
	assert_null(strstr(baton_said(), "vm goes on"));
	assert_true(begun() < before + (after - before) / 2);
	fake_guest_end(other);
}

static void first_of_all(void **state)
{
	struct fake_guest *other = two_kept();
	const char *a, *b;

	(void)state;
	expect_refusal(baton("adopt --first vm other"), HO_EUSAGE);
	expect_refusal(baton("adopt --all --first nobody,other"),
		       HO_ENODOMAIN);
	a = strstr(baton_said(), "other goes on");
	b = strstr(baton_said(), "vm goes on");
	assert_true(a && b && a < b);
	fake_guest_end(other);
}

/* It is left as it is: nothing has failed. */
static void goes_later(const char *why)
{
	expect_said(baton("adopt --all --early --timeout 5"), "vm goes on later: ");
	assert_non_null(strstr(baton_said(), why));
	assert_string_not_equal(vm->status, "running");
	assert_int_equal(vm->conts, 0);
	assert_false(fake_holds("/journal", JOURNAL_NOT_ADOPTED));
	fake_remove("/dev/baton");
}

/* In an initramfs: what is not mounted yet is not taken for what is there. */
static void adopted_early(void **state)
{
	char folder[128];

	(void)state;
	expect_refusal(baton("adopt --early vm"), HO_EUSAGE);
	expect_refusal(baton("adopt --early"), HO_EUSAGE);
	snprintf(folder, sizeof(folder), "%s", vm->qmp.path);
	*strrchr(folder, '/') = '\0';
	fake_put("/proc/self/mounts", "/dev/vda / ext4 ro 0 0\n");
	fake_put("/etc/fstab", "# a host's\n/dev/vda / ext4 defaults 0 1\n"
		 "UUID=1 none swap sw 0 0\n/dev/vdb %s// xfs noatime 0 2\n",
		 folder);
	goes_later("is not there yet");
	fake_put("/proc/self/mounts", "/dev/vda / ext4 ro 0 0\n"
		 "/dev/vdb %sx xfs rw 0 0\n", folder);
	goes_later("is not there yet");
	fake_put("/proc/self/mounts", "/dev/vda / ext4 ro 0 0\n"
		 "/dev/vdb %s xfs rw 0 0\n", folder);
	fake_guest_rule(vm, "query-named-block-nodes", FAKE_ANSWER,
			"[{\"drv\":\"raw\",\"file\":\"/dev/vg/a\"},"
			"{\"drv\":\"file\",\"file\":\"/srv/base.img\"}]");
	goes_later("/srv/base.img is a file");
	fake_guest_no_rules(vm);
	fake_guest_rule(vm, "query-named-block-nodes", FAKE_ANSWER, "[{}]");
	goes_later("is a file");
	fake_guest_no_rules(vm);
	fake_guest_rule(vm, "query-named-block-nodes", FAKE_ANSWER, "{}");
	goes_later("no list");
	fake_guest_no_rules(vm);
	fake_guest_rule(vm, "migrate-incoming", FAKE_REFUSE, "no such state");
	goes_later("no such state");
	fake_guest_no_rules(vm);
	fake_guest_rule(vm, "query-named-block-nodes", FAKE_ANSWER,
			"[{\"drv\":\"qcow2\",\"file\":\"/dev/vg/a\"},"
			"{\"drv\":\"host_device\",\"file\":\"/dev/vg/a\"}]");
	expect_said(baton("adopt --all --early"), "vm goes on: ");
	assert_string_equal(vm->status, "running");
	assert_int_equal(vm->conts, 1);
	/* systemd's turn comes, and nothing is left for it */
	expect_ok(baton("adopt --all --kind qemu"));
	assert_int_equal(vm->conts, 1);
	fake_guest_stop(vm);
}

/* Its QEMU does not outlive it, and the next one takes the guest. */
static void killed_half_way(void **state)
{
	struct process_id qemu;
	struct fake_run r;
	int tries;

	(void)state;
	fake_guest_rule(vm, "migrate-incoming", FAKE_SILENT, "");
	fake_run_start(&r, 0, "adopt vm --timeout 60");
	for (tries = 0; tries < 2000 && !vm->heard[0]; tries++)
		usleep(10000);
	assert_int_equal(vm->heard[0], 1);
	qemu = process_id_of(vm->qmp.pid);
	assert_true(process_lives(qemu));
	kill(r.pid, SIGKILL);
	assert_int_equal(fake_run_end(&r), 128 + SIGKILL);
	for (tries = 0; tries < 2000 && process_lives(qemu); tries++)
		usleep(10000);
	assert_false(process_lives(qemu));
	fake_guest_no_rules(vm);
	fake_remove("/dev/baton");
	expect_said(baton("adopt vm"), "vm goes on: ");
	assert_int_equal(vm->conts, 1);
	fake_guest_stop(vm);
}

/* It counts as adopted, and was not told to run. */
static void killed_before_it_runs(void **state)
{
	struct fake_run r;
	int tries;

	(void)state;
	fake_guest_rule(vm, "\"cont\"", FAKE_SILENT, "");
	fake_run_start(&r, 0, "adopt vm --timeout 60");
	for (tries = 0; tries < 2000 && !vm->heard[0]; tries++)
		usleep(10000);
	assert_int_equal(vm->heard[0], 1);
	assert_int_equal(vm->conts, 0);
	fake_guest_no_rules(vm);
	kill(r.pid, SIGKILL);
	assert_int_equal(fake_run_end(&r), 128 + SIGKILL);
	for (tries = 0; tries < 2000 && !vm->conts; tries++)
		usleep(10000);
	assert_int_equal(vm->conts, 1);
	assert_string_equal(vm->status, "running");
	expect_refusal(baton("adopt vm"), HO_ENODOMAIN);
	fake_guest_stop(vm);
}

/* It counts as adopted, and does not say whether it was told to run: it is told once
 * more. */
static void no_answer_to_cont(void **state)
{
	(void)state;
	fake_guest_rule(vm, "\"cont\"", FAKE_CLOSE, "");
	vm->rules[0].once = true;
	expect_refusal(baton("adopt vm"), HO_EQMP);
	assert_int_equal(vm->heard[0], 2);
	assert_int_equal(vm->conts, 1);
	assert_string_equal(vm->status, "running");
	fake_guest_stop(vm);
}

static void adopt_refused(void **state)
{
	(void)state;
	fake_remove("/dev/baton-mem");
	expect_refusal(baton("adopt vm"), HO_EGUESTMEM);
	fake_mem_here();
	fake_put("/busy/mount", "%s", "");
	expect_refusal(baton("adopt vm"), HO_EGUESTMEM);
	fake_remove("/busy");
	fake_remove("/dev/baton");
	strcpy(vm->status, "ends");
	expect_refusal(baton("adopt vm"), HO_EADOPT);
	assert_non_null(strstr(baton_complained(), "it cannot be"));
	fake_remove("/dev/baton");
	strcpy(vm->status, "x");
	strcpy(vm->version, "{\"qemu\":{\"major\":6,\"minor\":2,\"micro\":0}}");
	expect_refusal(baton("adopt vm"), HO_EGUESTQEMU);
	strcpy(vm->version, "{\"qemu\":{\"major\":7,\"minor\":2,\"micro\":1}}");
	fake_remove("/dev/baton");
	fake_guest_rule(vm, "migrate-incoming", FAKE_REFUSE, "no such state");
	expect_refusal(baton("adopt vm"), HO_EADOPT);
	fake_guest_no_rules(vm);
	fake_remove("/dev/baton");
	fake_guest_rule(vm, "migrate-incoming", FAKE_END, "");
	expect_refusal(baton("adopt vm --timeout 2"), HO_EQMP);
	fake_guest_no_rules(vm);
	fake_remove("/dev/baton");
	/* it says no: it counts as kept still */
	fake_guest_rule(vm, "\"cont\"", FAKE_REFUSE, "not so");
	expect_refusal(baton("adopt vm"), HO_EADOPT);
	fake_guest_no_rules(vm);
	fake_remove("/dev/baton");
	assert_true(fake_holds("/journal", "\tBATON_COMMAND=adopt\t"
			       "BATON_GUEST=vm\tBATON_CODE=HO_EADOPT\n"));
	assert_true(fake_holds("/journal", "MESSAGE_ID=" JOURNAL_NOT_ADOPTED));
	assert_false(fake_holds("/journal", JOURNAL_GOES_ON));
	expect_ok(baton("adopt --all"));
	assert_true(fake_holds("/journal", "MESSAGE_ID=" JOURNAL_GOES_ON));
	assert_string_equal(vm->status, "running");
	fake_guest_stop(vm);
}

static int teardown(void **state)
{
	if (vm)
		fake_guest_end(vm);
	return fake_end(state);
}

/* What is kept beside it is not what an adopt can use. */
static void monitor_in_use(void **state)
{
	struct fake_qmp other;

	(void)state;
	fake_qmp_start(&other, vm->qmp.path, fake_guest_play, vm);
	expect_refusal(baton("adopt vm"), HO_EADOPT);
	assert_non_null(strstr(baton_complained(), "another QEMU"));
	fake_qmp_stop(&other);
	/* a device of that name is left of another try */
	fake_put("/dev/baton/vm.ram", "%s", "");
	expect_refusal(baton("adopt vm"), HO_EGUESTMEM);
	fake_put("/busy/vm.ram", "%s", "");
	expect_refusal(baton("upgrade " TARGET, FILES), HO_EGUESTLEFT);
}

/* exec refuses what was loaded, once the guest has gone on. */
static void adopted_before_exec(void **state)
{
	(void)state;
	expect_ok(baton("upgrade --no-exec " TARGET, FILES));
	expect_ok(baton("adopt vm"));
	expect_refusal(baton("exec"), HO_ECARRIED);
	assert_int_equal(fake_machine->jumps, 1);
	fake_guest_stop(vm);
	expect_ok(baton("unload"));
}

/* A QEMU has begun on the memory, and nobody has counted it as adopted. */
static void half_adopted(void **state)
{
	(void)state;
	expect_ok(baton("upgrade --no-exec " TARGET, FILES));
	fake_put("/dev/baton/vm.ram", "%s", "");
	fake_put("/busy/vm.ram", "%s", "");
	expect_refusal(baton("exec"), HO_ECARRIED);
	/* the same by a module that cannot be asked */
	fake_put("/old-module", "%s", "");
	expect_refusal(baton("exec"), HO_ECARRIED);
	fake_remove("/old-module");
	fake_remove("/busy");
	/* nobody does: the device is no reason, and stays */
	fake_put("/proc/4711/maps", "7e0000000000-7e0000200000 rw-s 00000000 00:01 1 /dev/baton/vm.ram\n");
	expect_refusal(baton("exec"), HO_EGUESTLEFT);
	assert_non_null(strstr(baton_complained(), "process 4711"));
	fake_remove("/proc/4711");
	fake_machine->jumps = 0;
	assert_int_equal(baton("exec"), FAKE_JUMPED);
	assert_true(fake_has("/dev/baton/vm.ram"));
}

/* Whose name begins like that of one that is kept still: its memory is not that one's. */
static void named_alike(void **state)
{
	static const char device[] = "/dev/baton/vm.two.ram";
	struct fake_guest *two;
	char path[64];

	(void)state;
	two = fake_guest_begin("two");
	put_other_frames();
	fake_put(device, "%s", "");
	fake_put("/busy/vm.two.ram", "%s", "");
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)two->qmp.pid);
	fake_put(path, "7e0000000000-7e0000200000 rw-s 00000000 00:01 1 %s\n",
		 device);
	assert_int_equal(baton("upgrade " TARGET " --qemu %s --name vm.two --rehearse none",
			       FILES, two->qmp.path), FAKE_JUMPED);
	fake_guest_end(two);
}

/* A name is no pattern. */
static void any_name(void **state)
{
	static const char *const names[] = {
		"v[m", "v[12]m", "*", "v?", "v\\m", "vm",
	};
	char path[128];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(names); i++) {
		print_message("  %s\n", names[i]);
		assert_false(guestmem_guest_in_use(names[i]));
		snprintf(path, sizeof(path), "/dev/baton/%s.ram", names[i]);
		fake_put(path, "%s", "");
		assert_false(guestmem_guest_in_use(names[i]));
		snprintf(path, sizeof(path), "/busy/%s.ram", names[i]);
		fake_put(path, "%s", "");
		assert_true(guestmem_guest_in_use(names[i]));
	}
	assert_false(guestmem_guest_in_use("v"));
}

/* Released, and of another past: a stream that was written to a file before
 * the last update. */
static void not_kept_here(void **state)
{
	(void)state;
	expect_ok(baton("collect --kept -o %s", fake_path("/lu")));
	expect_ok(baton("pack --stream %s " TARGET " -o %s", fake_path("/lu"),
			FILES, fake_path("/blob")));
	expect_ok(baton("load %s", fake_path("/blob")));
	expect_ok(baton("release vm"));
	expect_refusal(baton("exec"), HO_ECARRIED);
	expect_ok(baton("unload"));
	fake_machine->jumps = 0;
	assert_int_equal(baton("upgrade " TARGET, FILES), FAKE_JUMPED);
	assert_int_equal(fake_stub(&diag), 0);
	fake_remove("/run/baton");
	expect_refusal(baton("load %s", fake_path("/blob")), HO_ECARRIED);
	assert_false(fake_machine->loaded[0]);
}

#define NEW(f)	cmocka_unit_test_setup_teardown(f, setup_new, teardown)
#define BRIDGE(f) cmocka_unit_test_setup_teardown(f, setup_bridge, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NEW(adopted), NEW(adopt_refused), NEW(monitor_in_use),
		NEW(adopted_before_exec), NEW(half_adopted),
		NEW(named_alike), NEW(any_name), NEW(not_kept_here), NEW(side_by_side),
		NEW(first_of_all), NEW(adopted_early), NEW(killed_half_way),
		NEW(killed_before_it_runs), NEW(no_answer_to_cont), BRIDGE(waits_for_bridge),
		BRIDGE(waits_in_vain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
