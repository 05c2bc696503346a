// SPDX-License-Identifier: MIT
/*
 * test_libvirt.c - guests of libvirt from end to end: upgrade, with a refusal for each
 * reason and a failure at each point after which libvirt has to have it running again
 * with nothing of ours set; unload, whatever was begun; and adopt in the new
 * instance. libvirt and QEMU are made up (fakevirsh.h).
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakekernel.h"
#include "fakelibs.h"
#include "fakerun.h"
#include "fakevirsh.h"
#include "testbzimage.h"

#define TARGET	"--kernel %s --initrd %s --cmdline quiet"
#define FILES	fake_path("/boot/vmlinuz"), fake_path("/boot/initrd.img")

#define STRIDE	9			/* steps, of those a collect has */
#define LEDGER	"/run/baton/ledger.json"

static struct fake_guest *vm;
static struct diag_log diag;

static int upgrade(const char *more)
{
	return baton("upgrade " TARGET " %s", FILES, more);
}

static int setup(void **state)
{
	fake_begin(state);
	diag_init(&diag, HO_STAGE_LOADER);
	vm = fake_guest_begin("vm");
	fake_virsh_here(vm, "vm");
	return 0;
}

static int teardown(void **state)
{
	fake_guest_end(vm);
	return fake_end(state);
}

static void jumped(void **state)
{
	(void)state;
	assert_int_equal(upgrade("--libvirt-all"), FAKE_JUMPED);
	assert_int_equal(vm->saves, 1);
	assert_string_equal(vm->status, "postmigrate");
	assert_true(fake_called("virsh -q -c qemu:///system suspend " FAKE_UUID));
}

/* One comes when all have been found. Who names them is not asked of others. */
static void one_more(void **state)
{
	(void)state;
	fake_put("/run/libvirt/qemu/vm.pid", "%d\n", (int)vm->qmp.pid);
	fake_put("/run/libvirt/qemu/late.pid", FAKE_COMER "\n");
	fake_guest_rule(vm, "query-jobs", FAKE_COMES, "kvm -name guest=late");
	expect_refusal(upgrade("--libvirt-all"), HO_EPLAN);
	fake_guest_untouched(vm);
	assert_int_equal(upgrade("--libvirt vm"), FAKE_JUMPED);
}

/* Before anybody is paused. */
static void refused(void **state)
{
	(void)state;
	expect_refusal(upgrade("--libvirt vm --no-exec"), HO_EUSAGE);
	expect_refusal(upgrade("--libvirt other"), HO_ELIBVIRTDOMAIN);
	fake_remove("/virsh/active");
	expect_refusal(upgrade("--libvirt vm"), HO_ELIBVIRTDOMAIN);
	fake_put("/virsh/active", "%s", "");
	fake_put("/virsh/version", "Running against daemon: 8.1.9\n");
	expect_refusal(upgrade("--libvirt vm"), HO_ELIBVIRT);
	fake_put("/virsh/version", "%s", "\n");
	expect_refusal(upgrade("--libvirt vm"), HO_ELIBVIRT);
	fake_put("/virsh/version", "libvirt: 11.3.0\n");
	fake_virsh_xml("vm", "", "");
	expect_refusal(upgrade("--libvirt vm"), HO_ELIBVIRTRAM);
	fake_virsh_xml("vm", NULL, "<hostdev/>");
	expect_refusal(upgrade("--libvirt vm"), HO_EGUESTDEV);
	fake_put("/virsh/xml", "no XML");
	expect_refusal(upgrade("--libvirt vm"), HO_ELIBVIRT);
	fake_virsh_xml("vm", NULL, "");
	fake_guest_args(vm, "qemu -uuid 00000000-0000-0000-0000-000000000000");
	expect_refusal(upgrade("--libvirt vm"), HO_EPROCESS);
	fake_guest_args(vm, "qemu -uuid " FAKE_UUID);
	fake_guest_rule(vm, "query-jobs", FAKE_ANSWER,
			"[{\"id\":\"j\",\"type\":\"mirror\",\"status\":\"running\"}]");
	expect_refusal(upgrade("--libvirt vm"), HO_EGUESTBUSY);
	fake_guest_no_rules(vm);
	/* libvirt's QEMU empties it, whatever its version */
	strcpy(vm->version, "{\"qemu\":{\"major\":10,\"minor\":0,\"micro\":0}}");
	fake_guest_rule(vm, "query-memory-devices", FAKE_ANSWER,
			"[{\"type\":\"virtio-mem\"}]");
	expect_refusal(upgrade("--libvirt vm"), HO_EGUESTDEV);
	fake_guest_no_rules(vm);
	fake_virsh_fail("qemu-monitor-command");
	expect_refusal(upgrade("--libvirt vm"), HO_ELIBVIRT);
	/* its monitor is not asked: it would wait for the end of that */
	fake_put("/run/libvirt/qemu/vm.xml", "<domstatus pid='%d'>"
		 "<job type='none' async='migration out'/></domstatus>",
		 (int)vm->qmp.pid);
	expect_refusal(upgrade("--libvirt vm"), HO_EGUESTBUSY);
	fake_guest_untouched(vm);
}

static void not_installed(void **state)
{
	(void)state;
	fake_remove("/etc/libvirt/hooks/qemu.d/baton");
	expect_refusal(upgrade("--libvirt vm"), HO_ELIBVIRTSETUP);
	fake_virsh_here(vm, "vm");
	fake_remove("/usr/lib/baton/baton-qemu");
	expect_refusal(upgrade("--libvirt vm"), HO_ELIBVIRTSETUP);
	fake_virsh_here(vm, "vm");
	fake_put("/sys/module/apparmor/parameters/enabled", "Y\n");
	fake_put("/etc/apparmor.d/abstractions/libvirt-qemu", "x\n");
	fake_put("/etc/apparmor.d/local/abstractions/libvirt-qemu", "x\n");
	expect_refusal(upgrade("--libvirt vm"), HO_ELIBVIRTSETUP);
	fake_guest_untouched(vm);
	fake_put("/etc/apparmor.d/local/abstractions/libvirt-qemu",
		 "/usr/lib/baton/baton-qemu rmix,\n/dev/baton/* rw,\n");
	/* libvirtd could not ask the emulator what it can */
	fake_put("/etc/apparmor.d/usr.sbin.libvirtd", "x\n");
	expect_refusal(upgrade("--libvirt vm"), HO_ELIBVIRTSETUP);
	fake_guest_untouched(vm);
	fake_put("/etc/apparmor.d/local/usr.sbin.libvirtd",
		 "/usr/lib/baton/baton-qemu PUx,\n");
	assert_int_equal(upgrade("--libvirt vm"), FAKE_JUMPED);
}

/* It says what upgrade would, and upgrade what it says: a page that is too small is
 * seen before anybody is paused. */
static void prechecked(void **state)
{
	static const uint64_t entry = 1ull << 63 | 0x2004d;

	(void)state;
	expect_said(baton("precheck --libvirt vm " TARGET, FILES), "host: yes");
	assert_non_null(strstr(baton_said(), "512 frames in "));
	assert_null(strstr(baton_said(), "Xen"));
	assert_non_null(strstr(baton_complained(),
			       "vm is not rehearsed: libvirt"));
	fake_guest_untouched(vm);
	assert_false(fake_has("/run/baton"));
	expect_said(baton("precheck --libvirt vm --rehearse none " TARGET, FILES),
		    "host: yes");
	assert_null(strstr(baton_complained(), "rehearsed"));
	fake_put_at("/proc/any/pagemap", 0x7e0000000000ull / 4096 * 8 + 8,
		    &entry, 8);
	expect_refusal(baton("precheck --libvirt vm " TARGET, FILES),
		       HO_EREFUSED);
	if (!strstr(baton_said(), "[HO_EGUESTPAGES]"))
		fail_msg("%s", baton_said());
	fake_guest_untouched(vm);
}

/* The kernel that runs is the newest: none has to be named. */
static void put_newest(void)
{
	static uint8_t k[TEST_BZIMAGE_BYTES];
	struct utsname host;
	char path[160];

	uname(&host);
	test_bzimage(k);
	snprintf(path, sizeof(path), "/boot/vmlinuz-%s", host.release);
	fake_put_bytes(path, k, sizeof(k));
	snprintf(path, sizeof(path), "/boot/initrd.img-%s", host.release);
	fake_put(path, "its initrd\n");
}

/* Nobody is named: libvirt's are libvirt's, and no QEMUs without a monitor. */
static void found_in_one_word(void **state)
{
	const char *args = "/usr/bin/qemu-system-x86_64 -name guest=vm,x=y "
		"-uuid " FAKE_UUID " -chardev socket,id=c,fd=3 "
		"-mon chardev=c,mode=control";

	(void)state;
	put_newest();
	fake_guest_args(vm, args);
	/* of a daemon of a user, or of an earlier process */
	fake_put("/run/libvirt/qemu/vm.pid", "%d\n", (int)vm->qmp.pid + 1);
	expect_refusal(baton("precheck"), HO_EREFUSED);
	assert_non_null(strstr(baton_said(), "[HO_EGUESTSOCKET]"));
	fake_put("/run/libvirt/qemu/vm.pid", "%d\n", (int)vm->qmp.pid);
	expect_said(baton("precheck"), "host: yes");
	assert_non_null(strstr(baton_said(), "512 frames in "));
	fake_guest_untouched(vm);
}

/* Of a user's own daemon, as libvirt starts them. */
static void of_a_session(void **state)
{
	(void)state;
	put_newest();
	fake_guest_args(vm, "/usr/bin/qemu-system-x86_64 -name guest=vm,x=y "
			"-uuid " FAKE_UUID
			" -chardev socket,id=charmonitor,fd=3,server=on,wait=off "
			"-mon chardev=charmonitor,id=monitor,mode=control");
	fake_remove("/run/libvirt/qemu/vm.pid");
	expect_refusal(baton("precheck"), HO_EREFUSED);
	assert_non_null(strstr(baton_said(), "[HO_ELIBVIRTSESSION]"));
	assert_non_null(strstr(baton_said(), "vm"));
	fake_guest_untouched(vm);
}

/* After it was touched: libvirt lets it run on. */
static void fails_at_each_point(void **state)
{
	static const struct {
		const char *command, *text;
		int code;
		int from;
	} cases[] = {
		{ "migrate-set-parameters", "no", HO_EGUESTSAVE, 0 },
		{ "getfd", "no", HO_EQMP, 0 },
		{ "\"migrate\"", "no", HO_EGUESTSAVE, 0 },
		{ "\"query-migrate\"", "no", HO_EGUESTSAVE, 4 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		print_message("  %s\n", cases[i].command);
		fake_guest_no_rules(vm);
		fake_guest_rule(vm, cases[i].command, FAKE_REFUSE,
				cases[i].text);
		vm->rules[0].from = cases[i].from;
		strcpy(vm->status, "running");
		strcpy(vm->migration, "none");
		expect_refusal(upgrade("--libvirt vm"), cases[i].code);
		fake_guest_runs_on(vm);
	}
	fake_guest_no_rules(vm);
	strcpy(vm->migration, "none");
	fake_virsh_fail("suspend");
	expect_refusal(upgrade("--libvirt vm"), HO_ELIBVIRT);
	fake_guest_runs_on(vm);
	fake_virsh_fail("");
	fake_machine->load_errno = ENOMEM;
	expect_refusal(upgrade("--libvirt vm"), HO_EIO);
	assert_int_equal(vm->saves, 2);
	fake_guest_runs_on(vm);
}

/* It is paused and not saved, and libvirtd is started anew just then. */
static void resumed_at_last(void **state)
{
	(void)state;
	fake_guest_rule(vm, "\"migrate\"", FAKE_REFUSE, "no");
	fake_virsh_fail_once("resume");
	expect_refusal(upgrade("--libvirt vm"), HO_EGUESTSAVE);
	assert_false(fake_has("/virsh/once"));
	fake_guest_runs_on(vm);
	assert_int_equal(vm->conts, 1);
}

/* As often as it is asked: looked at, then before the pause, then saved. Another one
 * pauses it, or gives it other memory. */
static void changed_meanwhile(void **state)
{
	int from;

	(void)state;
	for (from = 1; from < 3; from++) {
		fake_guest_no_rules(vm);
		fake_guest_rule(vm, "query-status", FAKE_ANSWER,
				"{\"status\":\"paused\"}");
		vm->rules[0].from = from;
		expect_refusal(upgrade("--libvirt vm"), HO_EGUESTBUSY);
		fake_guest_untouched(vm);
		assert_int_equal(vm->conts, 0);
	}
	for (from = 1; from < 3; from++) {
		fake_guest_no_rules(vm);
		fake_guest_file(vm, 1);
		fake_guest_rule(vm, "query-memdev", FAKE_OTHER_FILE, "");
		vm->rules[0].from = from;
		expect_refusal(upgrade("--libvirt vm"), HO_EGUESTDIFF);
		assert_int_equal(vm->saves, from == 2);
		fake_guest_runs_on(vm);
	}
}

/* Another hand's migration is under way, or is through first: libvirt is not asked to
 * let it run where it is not any more. */
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
		expect_refusal(upgrade("--libvirt vm"), HO_EGUESTBUSY);
		assert_int_equal(vm->stops, from == 3);
		assert_int_equal(vm->saves + vm->cancels + vm->fast, 0);
		fake_guest_runs_on(vm);
	}
	vm->conts = 0;
	fake_guest_no_rules(vm);
	fake_guest_rule(vm, "\"migrate\"", FAKE_LEAVES, "");
	expect_refusal(upgrade("--libvirt vm"), HO_EGUESTSAVE);
	assert_string_equal(vm->status, "postmigrate");
	assert_int_equal(vm->conts, 0);
	assert_false(fake_has(LEDGER));
}

static int collect(void)
{
	return baton("collect --libvirt vm -o %s", fake_path("/lu"));
}

static void collect_and_load(void)
{
	expect_ok(collect());
	expect_ok(baton("pack --stream %s " TARGET " -o %s", fake_path("/lu"),
			FILES, fake_path("/blob")));
	expect_ok(baton("load %s", fake_path("/blob")));
}

/* It was let run, and went elsewhere; here it stands as it was saved. */
static void migrated_since(void **state)
{
	(void)state;
	collect_and_load();
	fake_guest_leaves(vm);
	expect_refusal(baton("exec"), HO_EGUESTBUSY);
	expect_ok(baton("unload"));
	assert_string_equal(vm->status, "postmigrate");
	assert_int_equal(vm->conts, 0);
	assert_false(fake_has(LEDGER));
}

static void end_domain(void)
{
	fake_guest_stop(vm);
	fake_remove("/virsh/active");
}

/* As the host's services end, which is no harm. */
static void ended_since(void **state)
{
	(void)state;
	collect_and_load();
	end_domain();
	assert_int_equal(baton("exec"), FAKE_JUMPED);
}

/* Another hand resumes it, and then it ends. */
static void ran_and_ended(void **state)
{
	(void)state;
	collect_and_load();
	fake_guest_time(vm, 1000000 + 5000000);
	usleep(500000);
	end_domain();
	expect_refusal(baton("exec"), HO_EGUESTBUSY);
	expect_refusal(baton("unload"), HO_EENDED);
	expect_ok(baton("unload --give-up"));
}

/* systemd says no: it runs on. Then the host goes down, and that is called off. */
static void shut_down(void **state)
{
	(void)state;
	fake_put("/run/systemd/system/here", "%s", "");
	fake_program("systemctl",
		     "[ \"$1\" = show ] && echo running; [ \"$1\" = show ]");
	expect_refusal(upgrade("--libvirt vm --shutdown"), HO_ESHUTDOWN);
	fake_guest_runs_on(vm);
	strcpy(vm->migration, "none");
	fake_program("systemctl", "exit 0");
	expect_ok(upgrade("--libvirt vm --shutdown"));
	assert_true(fake_called("systemctl kexec"));
	assert_string_equal(vm->status, "postmigrate");
	assert_true(fake_holds(LEDGER, "\"given\":\"" FAKE_UUID "\""));
	expect_ok(baton("unload"));
	fake_guest_runs_on(vm);
}

/* A second hand changed it, or let it run, before the jump. */
static void meddled_with(void **state)
{
	(void)state;
	expect_ok(baton("collect --libvirt vm -o %s", fake_path("/lu")));
	assert_string_equal(vm->status, "postmigrate");
	assert_false(vm->ignores_shared);
	expect_ok(baton("pack --stream %s " TARGET " -o %s", fake_path("/lu"),
			FILES, fake_path("/blob")));
	expect_ok(baton("load %s", fake_path("/blob")));
	fake_virsh_xml("vm", NULL, "<disk type='file'/>");
	expect_refusal(baton("exec"), HO_EGUESTBUSY);
	fake_virsh_xml("vm", NULL, "");
	strcpy(vm->status, "running");
	expect_refusal(baton("exec"), HO_EGUESTBUSY);
	strcpy(vm->status, "postmigrate");
	expect_ok(baton("unload"));
	fake_guest_runs_on(vm);
}

/* Killed it is at once; whose child it is then takes a moment. */
static void assert_no_keeper(void)
{
	int i, tries = 500;

	for (i = 0; i < fake_machine->child_count; i++)
		while (!kill(fake_machine->children[i], 0) && tries--)
			usleep(10000);
	assert_true(tries > 0);
}

/* By what the ledger has of it, and by what a blob has. */
static void undone(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		expect_ok(collect());
		expect_said(baton("status"), "at rest");
		assert_non_null(strstr(baton_said(), "saved"));
		assert_true(fake_holds(LEDGER, "\"kind\":\"libvirt\""));
		assert_true(fake_holds(LEDGER, "\"given\":\"" FAKE_UUID));
		expect_refusal(collect(), HO_EWAITING);
		expect_ok(baton("pack --stream %s " TARGET " -o %s",
				fake_path("/lu"), FILES, fake_path("/blob")));
		expect_ok(baton("load %s", fake_path("/blob")));
		if (i)
			fake_remove(LEDGER);
		expect_ok(baton("unload"));
		fake_guest_runs_on(vm);
		assert_false(fake_has(LEDGER));
		assert_no_keeper();
	}
}

/* Whoever uses virsh has it run on; a save of libvirt's own has all of its memory. */
static void resumed_by_another(void **state)
{
	(void)state;
	expect_ok(collect());
	assert_string_equal(vm->status, "postmigrate");
	assert_false(vm->ignores_shared);
	strcpy(vm->status, "running");
	expect_ok(baton("unload"));
	fake_guest_runs_on(vm);
	assert_false(fake_has(LEDGER));
	assert_no_keeper();
}

/* What was collected on a host that can load nothing runs on. */
static void undone_without_kexec(void **state)
{
	(void)state;
	fake_put("/proc/sys/kernel/kexec_load_disabled", "1\n");
	expect_ok(collect());
	expect_ok(baton("unload"));
	fake_guest_runs_on(vm);
	fake_machine->no_kexec = fake_machine->no_kexec_file = true;
	fake_remove("/sys/kernel/kexec_loaded");
	expect_ok(collect());
	expect_ok(baton("unload"));
	fake_guest_runs_on(vm);
	assert_false(fake_has(LEDGER));
	assert_no_keeper();
}

/* The command and all of its processes end at this step: one unload lets it run,
 * with nothing of ours set. -> how many steps there were. */
static int killed_at(int at, bool *stood, bool *set)
{
	int steps;

	fake_machine->steps = 0;
	fake_machine->kill_at[0] = at;
	collect();
	fake_machine->kill_at[0] = 0;
	steps = fake_machine->steps;
	*set = vm->ignores_shared;
	*stood = strcmp(vm->status, "running");
	expect_ok(baton("unload"));
	fake_guest_runs_on(vm);
	assert_false(fake_has(LEDGER));
	assert_no_keeper();
	return steps;
}

/* Each step from before it stands still, until nothing is set any more. */
static void killed_anywhere(void **state)
{
	int stood = 0, set = 0, at = 0, steps;
	bool stands, is_set, was_set = false;

	(void)state;
	fake_machine->kill_all = true;
	do {
		at += stood && (!set || was_set) ? 1 : STRIDE;
		steps = killed_at(at, &stands, &is_set);
		if (stands && !stood) {
			at -= STRIDE;
			killed_at(at, &stands, &is_set);
			stands = true;
		}
		stood += stands;
		set += is_set;
		was_set = is_set;
	} while (steps >= at);
	print_message("  %d steps, %d times it stood still, %d times with a capability\n",
		      at, stood, set);
	assert_true(stood > 2 && set > 0);
}

/* libvirtd does not answer, or the QEMU is gone. */
static void cannot_be_undone(void **state)
{
	(void)state;
	expect_ok(collect());
	fake_virsh_fail("list");
	expect_refusal(baton("unload"), HO_ELIBVIRT);
	assert_string_equal(vm->status, "postmigrate");
	expect_said(baton("status"), "undoing, NOT THROUGH");
	fake_virsh_fail("");
	expect_ok(baton("unload"));
	fake_guest_runs_on(vm);
	expect_ok(collect());
	fake_guest_stop(vm);
	expect_refusal(baton("unload"), HO_EENDED);
	expect_ok(baton("unload --give-up"));
	assert_false(fake_has(LEDGER));
	assert_no_keeper();
	vm = fake_guest_begin("vm");
}

static void jump(void)
{
	assert_int_equal(upgrade("--libvirt " FAKE_UUID), FAKE_JUMPED);
	fake_guest_stop(vm);
	fake_remove("/proc/any");
	fake_remove("/virsh/active");
	assert_int_equal(fake_stub(&diag), 0);
	fake_mem_here();
}

/* A QEMU has begun on the memory, which is called by the uuid. */
static void half_adopted(void **state)
{
	(void)state;
	jump();
	expect_ok(upgrade("--no-exec"));
	fake_put("/dev/baton/" FAKE_UUID ".ram", "%s", "");
	fake_put("/busy/" FAKE_UUID ".ram", "%s", "");
	expect_refusal(baton("exec"), HO_ECARRIED);
	fake_remove("/busy");
	fake_machine->jumps = 0;
	assert_int_equal(baton("exec"), FAKE_JUMPED);
}

static void adopted(void **state)
{
	(void)state;
	jump();
	expect_ok(baton("adopt --test vm"));
	expect_ok(baton("adopt --test " FAKE_UUID));
	/* each thing that can go wrong: it is kept for the next attempt */
	fake_remove("/usr/lib/baton/baton-qemu");
	expect_refusal(baton("adopt vm"), HO_ELIBVIRTSETUP);
	fake_put("/usr/lib/baton/baton-qemu", "%s", "");
	fake_remove("/dev/baton");
	fake_virsh_fail("restore");
	expect_refusal(baton("adopt vm"), HO_EADOPT);
	assert_false(fake_has("/run/baton-libvirt/" FAKE_UUID ".save"));
	fake_virsh_fail("list");
	expect_refusal(baton("adopt vm"), HO_ELIBVIRT);
	fake_virsh_fail("");
	fake_put("/virsh/active", "%s", "");
	expect_refusal(baton("adopt vm"), HO_EADOPT);
	fake_remove("/virsh/active");
	strcpy(vm->version, "{\"qemu\":{\"major\":6,\"minor\":2,\"micro\":0}}");
	fake_remove("/dev/baton");
	expect_refusal(baton("adopt vm"), HO_EGUESTQEMU);
	assert_false(fake_has("/virsh/active"));
	fake_remove("/virsh/image");
	strcpy(vm->version, "{\"qemu\":{\"major\":8,\"minor\":0,\"micro\":0}}");
	fake_remove("/dev/baton");
	expect_refusal(baton("adopt --all --kind xen"), HO_EUSAGE);
	expect_refusal(baton("adopt vm --kind qemu"), HO_EUSAGE);
	expect_ok(baton("adopt --all --kind qemu"));
	assert_int_equal(vm->conts, 0);
	expect_ok(baton("adopt --all --kind libvirt"));
	assert_string_equal(vm->status, "running");
	assert_int_equal(vm->conts, 1);
	assert_true(fake_holds("/dev/baton/" FAKE_UUID ".ram", "30000000+200000"));
	assert_true(fake_holds("/virsh/image", "<emulator>"));
	assert_false(fake_holds("/virsh/image", "qemu-system"));
	assert_false(fake_has("/run/baton-libvirt/" FAKE_UUID ".save"));
	expect_said(baton("adopt vm"), "vm goes on already");
	fake_remove("/busy");
	expect_refusal(baton("adopt vm"), HO_ENODOMAIN);
	fake_guest_stop(vm);
}

/* libvirt has restored it and nobody has told it to run, as if `baton` had been killed
 * there. */
static void half_restored(void **state)
{
	(void)state;
	jump();
	strcpy(vm->version, "{\"qemu\":{\"major\":6,\"minor\":2,\"micro\":0}}");
	fake_virsh_fail("destroy");
	expect_refusal(baton("adopt vm"), HO_EGUESTQEMU);
	fake_virsh_fail("");
	assert_true(fake_has("/virsh/active"));
	/* another one of this uuid, with other memory or another emulator, is not it */
	expect_refusal(baton("adopt vm"), HO_EADOPT);
	fake_put("/virsh/xml", "<domain type='kvm'><name>vm</name><uuid>" FAKE_UUID
		 "</uuid><devices><emulator>/usr/lib/baton/baton-qemu</emulator>"
		 "</devices></domain>\n");
	fake_remove("/busy");
	expect_refusal(baton("adopt vm"), HO_EADOPT);
	assert_int_equal(vm->conts, 0);
	fake_put("/busy/" FAKE_UUID ".ram", "%s", "");
	expect_refusal(baton("adopt vm"), HO_EGUESTQEMU);
	assert_true(fake_has("/virsh/active"));
	strcpy(vm->version, "{\"qemu\":{\"major\":8,\"minor\":0,\"micro\":0}}");
	expect_said(baton("adopt vm"), "vm goes on: ");
	assert_string_equal(vm->status, "running");
	assert_int_equal(vm->conts, 1);
	expect_said(baton("adopt vm"), "vm goes on already");
	assert_int_equal(vm->conts, 1);
	fake_guest_stop(vm);
}

/* Somebody's virsh resume came between restore and our first question: its memory is no
 * longer what was kept, and ending it would lose it. */
static void resumed_too_early(void **state)
{
	(void)state;
	jump();
	fake_remove("/calls");
	fake_guest_rule(vm, "query-status", FAKE_ANSWER,
			"{\"status\":\"running\"}");
	expect_said(baton("adopt vm"), "vm goes on: ");
	assert_false(fake_called("virsh -q -c qemu:///system destroy"));
	assert_true(fake_has("/virsh/active"));
	fake_guest_no_rules(vm);
	fake_remove("/busy");
	expect_refusal(baton("adopt vm"), HO_ENODOMAIN);
	fake_guest_stop(vm);
}

/* libvirt restores it with other memory: it must not run there, and is kept. Nor may its
 * image be hidden from QEMU's user. */
static void without_memory(void **state)
{
	struct stat st;
	mode_t was = umask(077);

	(void)state;
	jump();
	fake_put("/virsh/empty", "%s", "");
	expect_refusal(baton("adopt vm"), HO_EADOPT);
	assert_false(fake_has("/virsh/active"));
	assert_int_equal(vm->conts, 0);
	assert_int_equal(stat(fake_path("/run/baton-libvirt"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0711);
	umask(was);
	/* nor when another hand lets it run */
	fake_guest_rule(vm, "query-status", FAKE_ANSWER,
			"{\"status\":\"running\"}");
	fake_remove("/virsh/image");
	fake_remove("/dev/baton");
	expect_refusal(baton("adopt vm"), HO_EADOPT);
	assert_false(fake_has("/virsh/active"));
	fake_guest_no_rules(vm);
	fake_remove("/virsh/empty");
	fake_remove("/virsh/image");
	fake_remove("/dev/baton");
	expect_said(baton("adopt vm"), "vm goes on: ");
	fake_guest_stop(vm);
}

/* It was saved behind an I/O error, and libvirt restores it so; `cont` tries again. */
static void with_an_io_error(void **state)
{
	(void)state;
	jump();
	strcpy(vm->restored, "inmigrate");
	expect_refusal(baton("adopt vm"), HO_EADOPT);
	assert_false(fake_has("/virsh/active"));
	fake_remove("/virsh/image");
	fake_remove("/dev/baton");
	strcpy(vm->restored, "io-error");
	expect_said(baton("adopt vm"), "vm goes on: ");
	assert_string_equal(vm->status, "running");
	fake_guest_stop(vm);
}

/* It has the uuid that it was kept under, and is not the one that was kept. */
static void taken_again(void **state)
{
	(void)state;
	jump();
	expect_ok(baton("adopt vm"));
	fake_guest_stop(vm);
	fake_remove("/busy");
	vm = fake_guest_begin("vm");
	fake_virsh_here(vm, "vm");
	assert_int_equal(upgrade("--libvirt vm"), FAKE_JUMPED);
	assert_int_equal(fake_machine->jumps, 2);
}

#define HUGE_PAGES "/sys/kernel/mm/hugepages/hugepages-2048kB/"

static void private_memory(void)
{
	fake_virsh_xml("vm", "<memoryBacking><source type='anonymous'/></memoryBacking>",
		       "");
	fake_put(HUGE_PAGES "free_hugepages", "2\n");
	fake_put(HUGE_PAGES "resv_hugepages", "1\n");
	fake_put("/var/lib/libvirt/qemu/save/here", "%s", "");
}

/* It is told what would be done, and it goes on in memory that can be kept. */
static void converted(void **state)
{
	(void)state;
	expect_said(baton("convert vm --yes"), "nothing to do");
	private_memory();
	expect_refusal(upgrade("--libvirt vm"), HO_ELIBVIRTRAM);
	expect_said(baton("convert vm --dry-run"), "in 1 of 1 free huge pages");
	assert_non_null(strstr(baton_said(), "stands still for about"));
	expect_refusal(baton("convert vm"), HO_ENOTERMINAL);
	fake_guest_untouched(vm);
	assert_false(fake_called("virsh -q -c qemu:///system managedsave"));
	expect_said(baton("convert vm --yes"), "memory that can be kept");
	assert_true(fake_holds("/virsh/xml", "<access mode=\"shared\"/>"));
	assert_true(fake_holds("/virsh/config", "<hugepages/>"));
	assert_false(fake_holds("/virsh/config", "anonymous"));
	assert_string_equal(vm->status, "running");
	assert_false(fake_has("/virsh/saved"));
	expect_said(baton("convert vm --yes"), "nothing to do");
	assert_int_equal(upgrade("--libvirt vm"), FAKE_JUMPED);
}

/* Before it is saved. */
static void not_converted(void **state)
{
	(void)state;
	private_memory();
	expect_refusal(baton("convert other --yes"), HO_ELIBVIRTDOMAIN);
	fake_put(HUGE_PAGES "resv_hugepages", "2\n");
	expect_refusal(baton("convert vm --yes"), HO_ECONVERTROOM);
	assert_non_null(strstr(baton_complained(), "1 wanted, 0 free"));
	private_memory();
	fake_remove("/var/lib/libvirt/qemu/save");
	expect_refusal(baton("convert vm --yes"), HO_ECONVERTROOM);
	private_memory();
	fake_remove("/virsh/persistent");
	expect_refusal(baton("convert vm --yes"), HO_ECONVERT);
	fake_put("/virsh/persistent", "%s", "");
	fake_virsh_xml("vm", "", "<hostdev/>");
	expect_refusal(baton("convert vm --yes"), HO_EGUESTDEV);
	private_memory();
	fake_virsh_fail("managedsave");
	expect_refusal(baton("convert vm --yes"), HO_ECONVERT);
	fake_guest_untouched(vm);
	fake_virsh_fail("");
	fake_virsh_xml("vm", NULL, "");
	expect_ok(collect());
	expect_refusal(baton("convert vm --yes"), HO_EUNDONE);
	expect_ok(baton("unload"));
}

/* Behind the save: it goes on as it was, or libvirt has all of it. */
static void not_started(void **state)
{
	(void)state;
	private_memory();
	fake_virsh_fail("huge");
	expect_refusal(baton("convert vm --yes"), HO_ECONVERT);
	assert_string_equal(vm->status, "running");
	assert_true(fake_holds("/virsh/xml", "anonymous"));
	assert_true(fake_holds("/virsh/config", "anonymous"));
	assert_false(fake_has("/virsh/saved"));
	fake_virsh_fail("start");
	expect_refusal(baton("convert vm --yes"), HO_ECONVERTWAITS);
	assert_true(fake_holds("/virsh/saved", "anonymous"));
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(jumped), WITH(one_more), WITH(refused), WITH(not_installed),
		WITH(prechecked), WITH(found_in_one_word),
		WITH(of_a_session),
		WITH(fails_at_each_point), WITH(changed_meanwhile),
		WITH(resumed_at_last), WITH(shut_down), WITH(meddled_with), WITH(migrates_meanwhile),
		WITH(migrated_since), WITH(ended_since),
		WITH(ran_and_ended),
		WITH(undone), WITH(resumed_by_another),
		WITH(undone_without_kexec),
		WITH(killed_anywhere), WITH(cannot_be_undone),
		WITH(half_adopted), WITH(adopted), WITH(taken_again),
		WITH(half_restored), WITH(resumed_too_early),
		WITH(without_memory), WITH(with_an_io_error),
		WITH(converted),
		WITH(not_converted), WITH(not_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
