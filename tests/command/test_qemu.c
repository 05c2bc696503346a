// SPDX-License-Identifier: MIT
/*
 * test_qemu.c - QEMU guests from end to end: upgrade, with a failure at each
 * point after which the guest must run on, collect, exec, unload. Each QEMU is
 * made up (fakeguest.h). What becomes of it in the new instance: test_adopt.c.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakeguest.h"
#include "fakelibs.h"
#include "fakerun.h"

#define NOTE	"/var/lib/baton/update.json"

static struct fake_guest *vm;
static struct diag_log diag;

static int upgrade(const char *more)
{
	return baton("upgrade " TARGET " --qemu %s --name vm --rehearse none %s", FILES,
		     vm->qmp.path, more);
}

static int setup(void **state)
{
	fake_begin(state);
	diag_init(&diag, HO_STAGE_LOADER);
	vm = fake_guest_begin("vm");
	return 0;
}

static int teardown(void **state)
{
	if (vm)
		fake_guest_end(vm);
	return fake_end(state);
}

static void assert_runs_on(void)
{
	fake_guest_runs_on(vm);
	assert_false(fake_has(NOTE));
}

static void jumped(void **state)
{
	(void)state;
	assert_int_equal(upgrade(""), FAKE_JUMPED);
	assert_int_equal(vm->saves, 1);
	assert_string_equal(vm->status, "postmigrate");
	assert_true(fake_has(NOTE));
}

/* What QEMU answers before it is touched, and the refusal. */
static void refused(void **state)
{
	static const struct {
		const char *command, *text;
		int code;
		enum fake_how how;
	} cases[] = {
		{ "\"query-status\"", "{\"status\":\"io-error\"}",
		  HO_EGUESTBUSY, FAKE_ANSWER },
		{ "\"query-status\"", "{}", HO_EGUESTBUSY, FAKE_ANSWER },
		{ "\"query-status\"", "not now", HO_EQMP, FAKE_REFUSE },
		{ "\"query-migrate\"", "{\"status\":\"active\"}",
		  HO_EGUESTBUSY, FAKE_ANSWER },
		{ "\"query-migrate\"", "{\"blocked-reasons\":[\"a device\"]}",
		  HO_EGUESTDEV, FAKE_ANSWER },
		{ "query-memdev", "[{\"id\":\"ram\",\"size\":2097152,\"share\":false}]",
		  HO_EGUESTRAM, FAKE_ANSWER },
		{ "query-memdev", "[]", HO_EGUESTRAM, FAKE_ANSWER },
		{ "query-memory-size", "{\"base-memory\":4194304}",
		  HO_EGUESTRAM, FAKE_ANSWER },
		{ "query-memory-devices", "[{\"type\":\"virtio-mem\",\"data\":{}}]",
		  HO_EGUESTDEV, FAKE_ANSWER },
		{ "query-memory-devices", "not now", HO_EQMP, FAKE_REFUSE },
		{ "info mtree", "what?", HO_EQMP, FAKE_REFUSE },
		{ "gpa2hva", "\"no such memory\"", HO_EQMP, FAKE_ANSWER },
		{ "gpa2hva", "\"Host virtual address for 0x0 (m1) is 0x7e0000000000\"",
		  HO_EQMP, FAKE_ANSWER },
		{ "gpa2hva", "\"Host virtual address for 0x0 (ram) is 0x1000\"",
		  HO_ENOMAP, FAKE_ANSWER },
		{ "query-version", "{}", HO_EQMP, FAKE_ANSWER },
		{ "query-migrate-capabilities",
		  "[{\"capability\":\"multifd\",\"state\":true}]",
		  HO_EGUESTCAP, FAKE_ANSWER },
		{ "query-migrate-parameters", "{\"tls-creds\":\"tls0\"}",
		  HO_EGUESTCAP, FAKE_ANSWER },
		{ "query-migrate-parameters", "{\"mode\":\"cpr\"}",
		  HO_EGUESTCAP, FAKE_ANSWER },
		{ "query-jobs", "[{\"id\":\"j\",\"type\":\"mirror\",\"status\":\"running\"}]",
		  HO_EGUESTBUSY, FAKE_ANSWER },
		{ "query-block-exports", "[{\"id\":\"nbd\"}]", HO_EGUESTDIFF,
		  FAKE_ANSWER },
		{ "query-named-block-nodes",
		  "[{\"node-name\":\"new\",\"drv\":\"file\",\"file\":\"/nowhere\"}]",
		  HO_EGUESTDIFF, FAKE_ANSWER },
		{ "peripheral\"", "[{\"name\":\"nic\",\"type\":\"child<e1000>\"}]",
		  HO_EGUESTDIFF, FAKE_ANSWER },
		{ "peripheral-anon", "[{\"name\":\"device[0]\",\"type\":\"child<e1000>\"}]",
		  HO_EGUESTDIFF, FAKE_ANSWER },
		{ "\"/objects\"", "[]", HO_EGUESTDIFF, FAKE_ANSWER },
		{ "info network", "\"net1: index=0,type=tap,x\\r\\n\"",
		  HO_EGUESTDIFF, FAKE_ANSWER },
		{ "query-chardev", "[{\"label\":\"extra\"}]", HO_EGUESTDIFF,
		  FAKE_ANSWER },
		{ "query-hotpluggable",
		  "[{\"qom-path\":\"/machine/unattached/device[0]\",\"vcpus-count\":2}]",
		  HO_EGUESTDIFF, FAKE_ANSWER },
		{ "query-memdev", "", HO_EQMP, FAKE_CLOSE },
		{ "query-chardev", "}}}\r\n", HO_EQMP, FAKE_RAW },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		print_message("  %s: %s\n", cases[i].command, cases[i].text);
		fake_guest_no_rules(vm);
		fake_guest_rule(vm, cases[i].command, cases[i].how,
				cases[i].text);
		expect_refusal(upgrade(""), cases[i].code);
		fake_guest_untouched(vm);
	}
	/* virtio-mem, which from 8.1 on leaves its memory as it is */
	fake_guest_no_rules(vm);
	fake_guest_rule(vm, "query-memory-devices", FAKE_ANSWER,
			"[{\"type\":\"virtio-mem\"}]");
	strcpy(vm->version, "{\"qemu\":{\"major\":8,\"minor\":1,\"micro\":0}}");
	assert_int_equal(upgrade(""), FAKE_JUMPED);
}

/* Its command line, or what /proc says of it. */
static void refused_by_proc(void **state)
{
	char path[64], args[512];

	(void)state;
	snprintf(path, sizeof(path), "/proc/%d/fd/9", (int)vm->qmp.pid);
	fake_link(path, "/dev/vfio/7");
	expect_refusal(upgrade(""), HO_EGUESTDEV);
	fake_remove(path);
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)vm->qmp.pid);
	fake_link(path, "/nowhere/qemu");
	assert_int_not_equal(upgrade(""), 0);
	fake_link(path, "/proc/self/exe");
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)vm->qmp.pid);
	fake_put(path, "7e0000000000-7e0000200000 rw-p 00000000 00:01 1 /x\n");
	expect_refusal(upgrade(""), HO_EGUESTRAM);
	fake_put(path, "7e0000000000-7e0000100000 rw-s 00000000 00:01 1 /x\n");
	expect_refusal(upgrade(""), HO_ENOMAP);
	fake_put(path, "7e0000000000-7e0000200000 rw-s 00000000 00:01 1 /x\n");
	snprintf(args, sizeof(args), "qemu -m 2M -incoming defer -qmp unix:%s",
		 vm->qmp.path);
	fake_guest_args(vm, args);
	assert_int_not_equal(upgrade(""), 0);
	/* a user's process that would have been root */
	snprintf(args, sizeof(args), "qemu -m 2M -runas root -qmp unix:%s",
		 vm->qmp.path);
	fake_guest_args(vm, args);
	snprintf(path, sizeof(path), "/proc/%d/status", (int)vm->qmp.pid);
	fake_put(path, "Umask:\t0022\nUid:\t107\t107\t107\t107\n"
		 "Gid:\t107\t107\t107\t107\nGroups:\t \n");
	expect_refusal(upgrade(""), HO_EGUESTPROC);
	fake_guest_untouched(vm);
}

#define BLOCKS "[{\"device\":\"d0\",\"qdev\":\"/machine/peripheral/v0/virtio-backend\"," \
	"\"inserted\":{\"node-name\":\"#block1\",\"drv\":\"raw\",\"file\":\"%s\"}}," \
	"{\"device\":\"\",\"qdev\":\"/machine/peripheral-anon/device[0]/virtio-backend\"," \
	"\"inserted\":{\"node-name\":\"%s\",\"drv\":\"file\",\"file\":\"%s\"}}]"
#define NODES "[{\"node-name\":\"#block1\",\"drv\":\"file\",\"file\":\"%s\",\"image\":{}%s}," \
	"{\"node-name\":\"n1\",\"drv\":\"file\",\"file\":\"%s\",\"image\":{}}]"

/* Two disks: what QEMU says that it has in them, and what it has open. */
static int upgrade_disks(const char *blocks_0, const char *node,
			 const char *blocks_1, const char *nodes_0,
			 const char *more, const char *nodes_1)
{
	char text[1024];

	fake_guest_no_rules(vm);
	snprintf(text, sizeof(text), BLOCKS, blocks_0, node, blocks_1);
	fake_guest_rule(vm, "\"query-block\"", FAKE_ANSWER, text);
	snprintf(text, sizeof(text), NODES, nodes_0, more, nodes_1);
	fake_guest_rule(vm, "query-named-block-nodes", FAKE_ANSWER, text);
	fake_guest_rule(vm, "peripheral\"", FAKE_ANSWER,
			"[{\"name\":\"v0\",\"type\":\"child<virtio-blk-pci>\"}]");
	fake_guest_rule(vm, "peripheral-anon", FAKE_ANSWER,
			"[{\"name\":\"device[0]\",\"type\":\"child<virtio-blk-pci>\"}]");
	return upgrade("");
}

static void has_open(const char *fd, const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%s", (int)vm->qmp.pid, fd);
	fake_link(path, file);
}

static void disks(void **state)
{
	char a[128], b[128], c[128], args[1024];

	(void)state;
	fake_put("/tmp/a", "disk a");
	fake_put("/tmp/b", "disk b");
	fake_put("/tmp/c", "disk c");
	snprintf(a, sizeof(a), "%s", fake_path("/tmp/a"));
	snprintf(b, sizeof(b), "%s", fake_path("/tmp/b"));
	snprintf(c, sizeof(c), "%s", fake_path("/tmp/c"));
	snprintf(args, sizeof(args),
		 "qemu -machine q35,memory-backend=ram -m 2M -object "
		 "memory-backend-file,id=ram,size=2M,mem-path=/dev/hugepages,share=on "
		 "-qmp unix:%s,server=on,wait=off "
		 "-drive file=%s,if=none,id=d0,format=raw "
		 "-device virtio-blk-pci,drive=d0,id=v0 "
		 "-blockdev driver=file,node-name=n1,filename=%s "
		 "-device virtio-blk-pci,drive=n1", vm->qmp.path, a, b);
	fake_guest_args(vm, args);
	has_open("8", a);
	has_open("9", b);
	/* a snapshot of the first, another medium, none, a backing file */
	expect_refusal(upgrade_disks(c, "n1", b, a, "", b), HO_EGUESTDIFF);
	expect_refusal(upgrade_disks("", "n1", b, a, "", b), HO_EGUESTDIFF);
	expect_refusal(upgrade_disks(a, "n2", b, a, "", b), HO_EGUESTDIFF);
	expect_refusal(upgrade_disks(a, "n1", b, a, "", c), HO_EGUESTDIFF);
	expect_refusal(upgrade_disks(a, "n1", b, a,
				     ",\"backing_file\":\"x\"", b),
		       HO_EGUESTDIFF);
	expect_refusal(upgrade_disks(a, "n1", b, "/nowhere", "", b),
		       HO_EGUESTDIFF);
	/* a file of that name, and not the one it has open */
	has_open("9", c);
	expect_refusal(upgrade_disks(a, "n1", b, a, "", b), HO_EGUESTDIFF);
	has_open("9", b);
	fake_guest_untouched(vm);
	assert_int_equal(upgrade_disks(a, "n1", b, a, "", b), FAKE_JUMPED);
}

static void usage(void **state)
{
	(void)state;
	expect_refusal(upgrade("--no-exec"), HO_EUSAGE);
	expect_refusal(upgrade("--stream x"), HO_EUSAGE);
	expect_refusal(upgrade("--what"), HO_EUSAGE);
	expect_refusal(upgrade("--pid 0"), HO_EUSAGE);
	expect_refusal(upgrade("more"), HO_EUSAGE);
	expect_refusal(upgrade("--name a/b"), HO_EUSAGE);
	expect_refusal(upgrade("--name .a"), HO_EUSAGE);
	expect_refusal(baton("upgrade " TARGET " --qemu /nowhere/s --name x",
			     FILES), HO_EQMP);
	expect_refusal(upgrade("--shutdown --pid 1 --map x --name y"),
		       HO_EUSAGE);
	fake_guest_untouched(vm);
}

/* Each point after the guest was touched: it runs on, and nothing is left. */
static void fails_at_each_point(void **state)
{
	static const struct {
		const char *command, *text;
		int code;
		enum fake_how how;
		int from;
	} cases[] = {
		{ "migrate-set-capabilities", "no", HO_EGUESTSAVE,
		  FAKE_REFUSE, 0 },
		{ "migrate-set-parameters", "no", HO_EGUESTSAVE, FAKE_REFUSE,
		  0 },
		{ "getfd", "no", HO_EQMP, FAKE_REFUSE, 0 },
		{ "\"stop\"", "no", HO_EGUESTSAVE, FAKE_REFUSE, 0 },
		{ "\"migrate\"", "no", HO_EGUESTSAVE, FAKE_REFUSE, 0 },
		{ "\"query-migrate\"", "{\"status\":\"failed\",\"error-desc\":\"a device\"}",
		  HO_EGUESTSAVE, FAKE_ANSWER, 4 },
		{ "\"query-migrate\"", "no", HO_EGUESTSAVE, FAKE_REFUSE, 4 },
		/* somebody lets it run before the jump */
		{ "\"query-status\"", "{\"status\":\"running\"}",
		  HO_EGUESTBUSY, FAKE_ANSWER, 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		print_message("  %s: %s\n", cases[i].command, cases[i].text);
		fake_guest_no_rules(vm);
		fake_guest_rule(vm, cases[i].command, cases[i].how,
				cases[i].text);
		vm->rules[0].from = cases[i].from;
		strcpy(vm->status, "running");
		strcpy(vm->migration, "none");
		if (!strcmp(cases[i].command, "\"query-status\"")) {
			/* the rule answers what it does not do */
			expect_refusal(upgrade(""), cases[i].code);
			continue;
		}
		expect_refusal(upgrade(""), cases[i].code);
		assert_runs_on();
	}
}

/* As often as it is asked: looked at, then before the pause, then saved. Another
 * monitor's changes between two of these. */
static void changed_meanwhile(void **state)
{
	static const struct {
		const char *command, *text;
		enum fake_how how;
	} cases[] = {
		{ "query-named-block-nodes",
		  "[{\"node-name\":\"new\",\"drv\":\"file\",\"file\":\"/nowhere\"}]",
		  FAKE_ANSWER },
		{ "peripheral\"", "[{\"name\":\"nic\",\"type\":\"child<e1000>\"}]",
		  FAKE_ANSWER },
		{ "query-memdev", "", FAKE_OTHER_FILE },
	};
	size_t i;
	int from;

	(void)state;
	for (i = 0; i < 2 * ARRAY_COUNT(cases); i++) {
		from = 1 + i % 2;
		print_message("  %s, %d\n", cases[i / 2].command, from);
		fake_guest_no_rules(vm);
		fake_guest_file(vm, 1);
		fake_guest_rule(vm, cases[i / 2].command, cases[i / 2].how,
				cases[i / 2].text);
		vm->rules[0].from = from;
		strcpy(vm->migration, "none");
		vm->stops = vm->saves = 0;
		expect_refusal(upgrade(""), HO_EGUESTDIFF);
		assert_int_equal(vm->saves, from == 2);
		assert_int_equal(vm->stops, from == 2);
		assert_runs_on();
	}
}

/* A module of memory that was plugged in behind the keeper's back. */
static void more_memory(void **state)
{
	(void)state;
	fake_guest_rule(vm, "query-memdev", FAKE_ANSWER,
			"[{\"id\":\"ram\",\"size\":2097152,\"share\":true},"
			"{\"id\":\"dimm\",\"size\":2097152,\"share\":true}]");
	fake_guest_rule(vm, "info mtree", FAKE_ANSWER,
			"\"FlatView #1\\r\\n AS \\\"memory\\\", root: system\\r\\n"
			"  0000000000000000-00000000001fffff (prio 0, ram): ram\\r\\n"
			"  0000000000200000-00000000003fffff (prio 0, ram): dimm\\r\\n\"");
	fake_guest_rule(vm, "gpa2hva 0x200000", FAKE_ANSWER,
			"\"Host virtual address for 0x200000 (dimm) is 0x7e0000000000\"");
	vm->rules[0].from = vm->rules[1].from = 1;
	expect_refusal(upgrade(""), HO_EGUESTDIFF);
	fake_guest_untouched(vm);
}

/* One that somebody pauses, or lets run, stays so. */
static void paused_meanwhile(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		strcpy(vm->status, i < 2 ? "running" : "paused");
		fake_guest_no_rules(vm);
		fake_guest_rule(vm, "query-status", FAKE_ANSWER,
				i < 2 ? "{\"status\":\"paused\"}"
				      : "{\"status\":\"running\"}");
		vm->rules[0].from = 1 + i % 2;
		expect_refusal(upgrade(""), HO_EGUESTBUSY);
		assert_int_equal(vm->stops, 0);
		assert_int_equal(vm->saves, 0);
		if (i < 2)
			assert_int_equal(vm->conts, 0);
	}
}

/* Another hand's migration begins after the look: seen before the pause, twice, and
 * in it. It is neither hurried nor cancelled, and the guest runs. */
static void migrates_meanwhile(void **state)
{
	int from;

	(void)state;
	for (from = 1; from < 4; from++) {
		fake_guest_no_rules(vm);
		fake_guest_rule(vm, "\"query-migrate\"", FAKE_ANSWER,
				"{\"status\":\"active\"}");
		vm->rules[0].from = from;
		vm->rules[0].once = true;
		expect_refusal(upgrade(""), HO_EGUESTBUSY);
		assert_int_equal(vm->stops, from == 3);
		assert_int_equal(vm->saves, 0);
		assert_int_equal(vm->cancels, 0);
		assert_int_equal(vm->fast, 0);
		assert_runs_on();
	}
}

/* It is through before ours, as the guest stands still for that: where it went it
 * runs, so here it must not. */
static void gone_meanwhile(void **state)
{
	static const char *const when[] = { "\"stop\"", "\"migrate\"" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(when); i++) {
		strcpy(vm->status, "running");
		strcpy(vm->migration, "none");
		fake_guest_no_rules(vm);
		fake_guest_rule(vm, when[i], FAKE_LEAVES, "");
		expect_refusal(upgrade(""), HO_EGUESTSAVE);
		assert_string_equal(vm->status, "postmigrate");
		assert_int_equal(vm->conts, 0);
		assert_int_equal(vm->cancels, 0);
		assert_false(vm->ignores_shared);
		assert_false(fake_has("/run/baton/ledger.json"));
	}
}

static void fails_in_the_host(void **state)
{
	(void)state;
	fake_machine->load_errno = ENOMEM;
	expect_refusal(upgrade(""), HO_EIO);
	assert_int_equal(vm->saves, 1);
	assert_runs_on();
	fake_machine->load_errno = 0;
	strcpy(vm->migration, "none");
	fake_machine->jump_errno = EPERM;
	expect_refusal(upgrade(""), HO_EIO);
	assert_runs_on();
	fake_machine->jump_errno = 0;
	strcpy(vm->migration, "none");
	expect_refusal(upgrade("--state x=/nowhere"), HO_EFILE);
	assert_runs_on();
	expect_refusal(upgrade("--kernel /nowhere/k"), HO_EFILE);
	expect_refusal(upgrade("--region 256M+4M"), HO_EREGIONSMALL);
	assert_runs_on();
	fake_put_at("/proc/any/pagemap", 0x100000000000ull / 4096 * 8,
		    "\1\0\0\0\0\0\0\x80", 8);
	expect_refusal(upgrade(""), HO_EGUESTPAGES);
	assert_runs_on();
}

/* Answers that a QEMU may give, and that are another's or nobody's. */
static void noisy(void **state)
{
	(void)state;
	fake_guest_rule(vm, "query-", FAKE_EVENTS, "");
	fake_guest_rule(vm, "migrate", FAKE_WRONG_ID, "");
	assert_int_equal(upgrade(""), FAKE_JUMPED);
	assert_int_equal(vm->saves, 1);
}

static void shutdown(void **state)
{
	(void)state;
	expect_refusal(upgrade("--shutdown"), HO_ESHUTDOWN);
	assert_runs_on();
	strcpy(vm->migration, "none");
	fake_put("/run/systemd/system/here", "%s", "");
	/* systemd says no, and that the host does not go down */
	fake_program("systemctl", "[ \"$1\" = show ] && echo running; [ \"$1\" = show ]");
	expect_refusal(upgrade("--shutdown"), HO_ESHUTDOWN);
	assert_runs_on();
	strcpy(vm->migration, "none");
	fake_program("systemctl", "exit 0");
	expect_ok(upgrade("--shutdown"));
	assert_true(fake_called("systemctl kexec"));
	assert_string_equal(vm->status, "postmigrate");
	assert_true(fake_machine->loaded[0]);
	/* and it is called off */
	expect_ok(baton("unload"));
	assert_runs_on();
}

/* Memory of a kept guest that was adopted, and that this one has now: or that
 * nobody who is carried over has. */
static void left_behind(void **state)
{
	char path[64];

	(void)state;
	fake_mem_here();
	fake_put("/dev/baton/vm.ram", "%s", "");
	fake_put("/busy/vm.ram", "%s", "");
	expect_refusal(upgrade(""), HO_EGUESTLEFT);
	fake_guest_untouched(vm);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)vm->qmp.pid);
	fake_put(path, "7e0000000000-7e0000200000 rw-s 00000000 00:01 1 /dev/baton/vm.ram\n");
	/* and a second one that has it, and writes there */
	fake_put("/proc/4711/maps", "7e0000000000-7e0000200000 rw-s 00000000 00:01 1 /dev/baton/vm.ram\n");
	expect_refusal(upgrade(""), HO_EGUESTLEFT);
	fake_guest_untouched(vm);
	/* a view of it is a rehearsal's */
	fake_put("/proc/4711/maps", "7e0000000000-7e0000200000 rw-p 00000000 00:01 1 /dev/baton/vm.ram\n");
	assert_int_equal(upgrade(""), FAKE_JUMPED);
}

static void collect_and_unload(void **state)
{
	(void)state;
	expect_ok(baton("collect --qemu %s --name vm --rehearse none -o %s", vm->qmp.path,
			fake_path("/lu")));
	assert_string_equal(vm->status, "postmigrate");
	expect_ok(baton("pack --stream %s " TARGET " -o %s", fake_path("/lu"),
			FILES, fake_path("/blob")));
	expect_ok(baton("inspect %s", fake_path("/blob")));
	expect_ok(baton("load %s", fake_path("/blob")));
	/* it was let run: what is saved is of the past */
	strcpy(vm->status, "running");
	expect_refusal(baton("exec"), HO_EGUESTBUSY);
	strcpy(vm->status, "postmigrate");
	assert_int_equal(baton("exec"), FAKE_JUMPED);
	fake_machine->jumps = 0;
	expect_ok(baton("unload"));
	assert_runs_on();
	assert_int_equal(vm->conts, 1);
}

static void collect_and_load(void)
{
	expect_ok(baton("collect --qemu %s --name vm --rehearse none -o %s",
			vm->qmp.path, fake_path("/lu")));
	expect_ok(baton("pack --stream %s " TARGET " -o %s", fake_path("/lu"),
			FILES, fake_path("/blob")));
	expect_ok(baton("load %s", fake_path("/blob")));
}

/* It stands as it was saved, and was let run and migrated: its state is of the past,
 * and it runs elsewhere. */
static void migrated_since(void **state)
{
	(void)state;
	collect_and_load();
	fake_guest_leaves(vm);
	expect_refusal(baton("exec"), HO_EGUESTBUSY);
	expect_ok(baton("unload"));
	assert_string_equal(vm->status, "postmigrate");
	assert_int_equal(vm->conts, 0);
	assert_false(fake_has("/run/baton/ledger.json"));
	/* nor is it loaded again, whether or not its keeper's end was seen */
	assert_int_not_equal(baton("load %s", fake_path("/blob")), 0);
	assert_false(fake_machine->loaded[0]);
}

/* Its QEMU ends, as at a clean end of the host: only the update brings it back. */
static void ended_since(void **state)
{
	(void)state;
	collect_and_load();
	fake_guest_stop(vm);
	assert_int_equal(baton("exec"), FAKE_JUMPED);
}

/* The same, but it was let run before: its disk is not that of the saved state. */
static void ran_and_ended(void **state)
{
	(void)state;
	collect_and_load();
	/* some microseconds are a question's, not the guest's */
	fake_guest_time(vm, 1000000 + 90000);
	usleep(300000);
	assert_int_equal(baton("exec"), FAKE_JUMPED);
	fake_machine->jumps = 0;
	fake_guest_time(vm, 1000000 + 5000000);
	usleep(500000);
	fake_guest_stop(vm);
	expect_refusal(baton("exec"), HO_EGUESTBUSY);
	assert_non_null(strstr(baton_complained(), "it ran on after"));
	expect_refusal(baton("unload"), HO_EENDED);
	expect_ok(baton("unload --give-up"));
}

/* Nobody could see it. */
static void not_watched(void **state)
{
	(void)state;
	fake_guest_time(vm, 0);
	collect_and_load();
	fake_guest_stop(vm);
	expect_refusal(baton("exec"), HO_EGUESTBUSY);
	assert_non_null(strstr(baton_complained(), "nobody saw"));
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(jumped), WITH(refused), WITH(refused_by_proc),
		WITH(disks),
		WITH(usage), WITH(fails_at_each_point),
		WITH(changed_meanwhile), WITH(more_memory),
		WITH(paused_meanwhile), WITH(migrates_meanwhile),
		WITH(gone_meanwhile), WITH(migrated_since), WITH(ended_since),
		WITH(ran_and_ended), WITH(not_watched), WITH(fails_in_the_host), WITH(noisy), WITH(shutdown),
		WITH(left_behind), WITH(collect_and_unload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
