// SPDX-License-Identifier: MIT
/*
 * test_precheck.c - baton precheck: what upgrade would refuse is refused, by the
 * same code, and upgrade refuses it before a guest is touched. Nothing of the
 * host or of a guest changes.
 */
#include <fcntl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "cmocka_all.h"
#include "fakeguest.h"
#include "fakelibs.h"
#include "fakerun.h"
#include "real.h"

#define MFN	0x20000ull

static struct fake_guest *vm;
static pid_t process;

static int setup(void **state)
{
	fake_begin(state);
	vm = fake_guest_begin("vm");
	process = fake_process(MFN, 16);
	fake_put("/dev/shm/here", "%s", "");
	return 0;
}

static int teardown(void **state)
{
	fake_guest_end(vm);
	return fake_end(state);
}

/* Both guests, and more options. */
static int run(const char *command, const char *more)
{
	return baton("%s " TARGET " --qemu %s --name vm --rehearse none --pid %d --map memfd:guest --name one %s",
		     command, FILES, vm->qmp.path, (int)process, more);
}

/* As if nobody had looked. */
static void assert_untouched(void)
{
	assert_string_equal(vm->status, "running");
	assert_int_equal(vm->stops + vm->saves + vm->conts, 0);
	assert_false(fake_is_stopped(process));
	assert_int_equal(fake_machine->loads + fake_machine->unloads, 0);
	assert_int_equal(fake_machine->jumps, 0);
}

static void assert_nothing_written(void)
{
	assert_false(fake_has("/run/baton"));
	assert_int_equal(rmdir(fake_path("/dev/shm")), -1);	/* here alone */
	fake_remove("/dev/shm/here");
	assert_int_equal(rmdir(fake_path("/dev/shm")), 0);
	fake_put("/dev/shm/here", "%s", "");
}

/* Precheck names it, and upgrade refuses it for just this. */
static void expect_both(const char *more, int code)
{
	char name[64];
	int status = run("precheck", more);

	assert_int_equal(fake_machine->kills, 0);
	snprintf(name, sizeof(name), "[%s]", error_name(code));
	print_message("  %s %s\n", name, more);
	if (error_exit(code) == HO_EXIT_USAGE) {
		expect_refusal(status, code);
	} else {
		expect_refusal(status, HO_EREFUSED);
		assert_int_equal(status, HO_EXIT_REFUSED);
		if (!strstr(baton_said(), name))
			fail_msg("%s", baton_said());
		assert_non_null(strstr(baton_said(), "remedy: "));
		assert_null(strstr(baton_said(), "seconds"));
	}
	assert_untouched();
	expect_refusal(run("upgrade", more), code);
	fake_machine->kills = 0;	/* keepers end */
	assert_untouched();
}

static void yes(void **state)
{
	(void)state;
	expect_said(run("precheck", ""), "host: yes");
	assert_non_null(strstr(baton_said(), "vm "));
	assert_non_null(strstr(baton_said(), "one "));
	assert_non_null(strstr(baton_said(), "collect"));
	assert_non_null(strstr(baton_said(), "528 frames in "));
	/* those of the process can move; the files are in place before */
	assert_non_null(strstr(baton_said(), " 16 of them walked 3 times"));
	assert_non_null(strstr(baton_said(), " in place before, "));
	assert_untouched();
	assert_nothing_written();
	expect_ok(run("precheck", "--digest xxh64 --next-region 64M"));
	assert_untouched();
	assert_int_equal(run("upgrade", ""), FAKE_JUMPED);
}

static struct json_object *at(struct json_object *o, const char *key)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(o, key, &value));
	return value;
}

static bool is_true(struct json_object *o, const char *key)
{
	return json_object_get_boolean(at(o, key));
}

static void json(void **state)
{
	struct json_object *o, *guests, *stages, *one;

	(void)state;
	fake_program("systemctl", "echo 12500000");
	expect_ok(run("precheck", "--json"));
	o = json_tokener_parse(baton_said());
	assert_true(is_true(o, "ok"));
	stages = at(at(o, "pause"), "stages");
	assert_int_equal(json_object_array_length(stages), 8);
	one = json_object_array_get_idx(stages, 6);
	assert_string_equal(json_object_get_string(at(one, "stage")), "boot");
	assert_true(json_object_get_double(at(one, "seconds")) == 12.5);
	assert_true(json_object_get_double(at(at(o, "pause"), "seconds")) >
		    12.5);
	json_object_put(o);
	fake_guest_rule(vm, "query-jobs", FAKE_ANSWER,
			"[{\"id\":\"j\",\"type\":\"mirror\",\"status\":\"running\"}]");
	assert_int_equal(run("precheck", "--json"), HO_EXIT_REFUSED);
	o = json_tokener_parse(baton_said());
	assert_false(is_true(o, "ok"));
	assert_true(is_true(at(o, "host"), "ok"));
	guests = at(o, "guests");
	one = json_object_array_get_idx(guests, 0);
	assert_false(is_true(one, "ok"));
	one = json_object_array_get_idx(at(one, "reasons"), 0);
	assert_string_equal(json_object_get_string(at(one, "error")),
			    "HO_EGUESTBUSY");
	assert_true(is_true(json_object_array_get_idx(guests, 1), "ok"));
	json_object_put(o);
	assert_untouched();
}

/* Not the first one alone: of the host and of each guest. */
static void all_reasons(void **state)
{
	static const char *const names[] = {
		"host: no", "[HO_EKEXECOFF]", "[HO_EFILE]", "[HO_EINITRD]",
		"[HO_EGUESTBUSY]", "[HO_EGUESTDEV]", "[HO_ENOMAP]",
		"[HO_ENOREGION]",
	};
	size_t i;

	(void)state;
	fake_put("/proc/sys/kernel/kexec_load_disabled", "1\n");
	fake_put("/proc/iomem", "00100000-3fffffff : System RAM\n");
	fake_put("/proc/cmdline", "quiet\n");
	fake_guest_rule(vm, "\"query-status\"", FAKE_ANSWER,
			"{\"status\":\"io-error\"}");
	fake_guest_rule(vm, "\"query-migrate\"", FAKE_ANSWER,
			"{\"blocked-reasons\":[\"a device\"]}");
	expect_refusal(run("precheck", "--map nothing --kernel /nowhere/k --initrd /nowhere/i"),
		       HO_EREFUSED);
	for (i = 0; i < ARRAY_COUNT(names); i++) {
		print_message("  %s\n", names[i]);
		if (!strstr(baton_said(), names[i]))
			fail_msg("%s", baton_said());
	}
	assert_untouched();
}

/* What options and files are. */
static void options(void **state)
{
	static const struct {
		const char *more;
		int code;
	} cases[] = {
		{ "--kernel /nowhere", HO_EFILE },
		{ "--initrd /nowhere", HO_EINITRD },
		{ "--stub /nowhere", HO_ESTUB },
		{ "--kernel handover-abi/README.md --initrd none",
		  HO_ENOTBZIMAGE },
		{ "--region 256M+4M", HO_EREGIONSMALL },
		{ "--region 8G+128M", HO_EREGIONRAM },
		{ "--region 512M+128M", HO_EINREGION },
		{ "--next-region 64K", HO_ENEXTREGION },
		{ "--next-region 512M+128M", HO_EINREGION },
		{ "--next-region 100G", HO_ENEXTROOM },
		{ "--state x=/nowhere", HO_EFILE },
		{ "--map nothing", HO_ENOMAP },
		{ "--range 7fff00000000-7fff00001000", HO_EPROCESS },
		{ "--target xen", HO_EUSAGE },
		{ "--shutdown", HO_EUSAGE },
		{ "--no-exec", HO_EUSAGE },
		{ "--what", HO_EUSAGE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++)
		expect_both(cases[i].more, cases[i].code);
}

/* The door itself, which has a mark in its first page. */
static void door_as_target(void **state)
{
	(void)state;
	fake_put("/nowhere/x", "%s", "");
	expect_both("--kernel build/stub/baton.bzImage --initrd none",
		    HO_EDOORTARGET);
}

/* What the host is. */
static void host(void **state)
{
	(void)state;
	fake_put("/sys/kernel/security/lockdown",
		 "none [integrity] confidentiality\n");
	fake_machine->door_errno = ENOKEY;
	expect_both("", HO_ELOCKDOWN);
	fake_put("/sys/kernel/security/lockdown", "[none] integrity\n");
	fake_machine->no_kexec = fake_machine->no_kexec_file = true;
	expect_both("", HO_ENOKEXEC);
	fake_machine->no_kexec = false;
	fake_put("/proc/sys/kernel/kexec_load_limit_reboot", "1\n");
	expect_both("", HO_EKEXECLIMIT);
	fake_remove("/proc/sys/kernel/kexec_load_limit_reboot");
	fake_put("/sys/kernel/kexec_loaded", "1\n");
	expect_both("", HO_ESLOT);
	expect_ok(run("precheck", "--replace"));
	fake_put("/sys/kernel/kexec_loaded", "0\n");
	/* a CPU that could encrypt is fine, so is a word that has no effect */
	fake_put("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sme sev ibs\n");
	expect_ok(run("precheck", ""));
	fake_put("/proc/cmdline", "mem_encrypt=on crashkernel=512M mem_encrypt=off\n");
	expect_ok(run("precheck", ""));
	fake_put("/proc/cmdline", "quiet mem_encrypt=off mem_encrypt=on crashkernel=512M\n");
	expect_both("", HO_EMEMENCRYPT);
	fake_put("/proc/cmdline", "quiet crashkernel=512M\n");
	expect_both("--cmdline 'quiet mem_encrypt=on'", HO_EMEMENCRYPT);
	fake_put("/proc/cmdline", "quiet mem_encrypt=on crashkernel=512M\n");
	fake_put("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu ibs\n");
	expect_ok(run("precheck", ""));
	fake_put("/proc/iomem", "00100000-3fffffff : System RAM\n");
	fake_put("/proc/cmdline", "crashkernel=512M@256M quiet\n");
	expect_both("", HO_ENOREGION);
	fake_machine->uid = 1000;
	expect_refusal(run("precheck", ""), HO_EPERM);
}

/* Another command is at work; one that only looks waits for nobody. */
static void locked(void **state)
{
	int fd;

	(void)state;
	fake_put("/run/baton/lock", "baton exec, process 4711, since today\n");
	fd = __real_open(fake_path("/run/baton/lock"), O_RDWR | O_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	expect_refusal(run("precheck", ""), HO_EREFUSED);
	assert_non_null(strstr(baton_said(), "process 4711"));
	assert_int_equal(flock(fd, LOCK_SH), 0);
	expect_ok(run("precheck", ""));
	close(fd);
	assert_untouched();
}

/* What a QEMU has that its command line does not say, and its pages. */
static void guests(void **state)
{
	static const struct {
		const char *command, *text;
		int code;
	} cases[] = {
		{ "query-migrate-capabilities",
		  "[{\"capability\":\"multifd\",\"state\":true}]",
		  HO_EGUESTCAP },
		{ "query-named-block-nodes",
		  "[{\"node-name\":\"new\",\"drv\":\"file\",\"file\":\"/nowhere\"}]",
		  HO_EGUESTDIFF },
		{ "peripheral\"", "[{\"name\":\"nic\",\"type\":\"child<e1000>\"}]",
		  HO_EGUESTDIFF },
		{ "query-memdev", "[{\"id\":\"ram\",\"size\":2097152,\"share\":false}]",
		  HO_EGUESTRAM },
	};
	uint64_t entry = 1ull << 63 | (MFN + 77);
	char path[64];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		fake_guest_no_rules(vm);
		fake_guest_rule(vm, cases[i].command, FAKE_ANSWER,
				cases[i].text);
		expect_both("", cases[i].code);
	}
	fake_guest_no_rules(vm);
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)vm->qmp.pid);
	fake_link(path, "/nowhere/qemu (deleted)");
	expect_refusal(run("precheck", ""), HO_EREFUSED);
	fake_link(path, "/proc/self/exe");
	/* a page of 4 KiB amid those of 2 MiB, in QEMU's own tables */
	fake_put_at("/proc/any/pagemap", 0x7e0000000000ull / 4096 * 8 + 8,
		    &entry, 8);
	expect_refusal(run("precheck", ""), HO_EREFUSED);
	assert_non_null(strstr(baton_said(), "[HO_EGUESTPAGES]"));
	assert_untouched();
}

/* RAM that a driver added is named as such, though no firmware's map has it. */
static void driver_ram(void **state)
{
	(void)state;
	fake_put("/proc/iomem", "00001000-0009fbff : System RAM\n"
		 "00100000-2fffffff : System RAM\n"
		 "  10000000-17ffffff : Crash kernel\n"
		 "30000000-37ffffff : System RAM (kmem)\n"
		 "38000000-3fffffff : System RAM\n");
	expect_both("", HO_EDRIVERRAM);
	assert_non_null(strstr(baton_complained(), "vm, at 0x30000000"));
}

/* Nobody is named, but a kernel is: the host alone, as upgrade takes nobody. In a dom0
 * all of them. */
static void nobody_or_all(void **state)
{
	(void)state;
	expect_said(baton("precheck --rehearse none " TARGET, FILES),
		    "no guest is named");
	assert_null(strstr(baton_said(), "qemu"));
	fake_xen_here();
	fake_xen->free_pages = 1 << 20;
	fake_xen->guests[0] = (struct fake_xen_guest){ .domid = 3,
		.pages = 16, .target_kib = 64 };
	fake_program("xl", "case $1 in domname) echo pv;; domid) echo 3;;\n"
		     "pci-list) echo head;; *) exit 1;; esac");
	expect_said(baton("precheck --xen-all " TARGET, FILES), "pv ");
	assert_non_null(strstr(baton_said(), "Xen's tools"));
	assert_false(fake_called("xl save"));
	fake_xen->guests[0].target_kib = 1 << 20;
	expect_refusal(baton("precheck --xen-all " TARGET, FILES), HO_EREFUSED);
	assert_non_null(strstr(baton_said(), "[HO_EXENBALLOON]"));
	/* the other one is looked at, and another reason is said, too */
	fake_xen->guests[1] = (struct fake_xen_guest){ .domid = 4,
		.pages = 16, .target_kib = 64, .flags = 1 << 1 };
	fake_xen->guests[2] = (struct fake_xen_guest){ .domid = 5,
		.pages = 16, .target_kib = 64 };
	fake_program("xl", "case $1 in domname) echo pv$2;; domid) echo 3;;\n"
		     "pci-list) echo head;; *) exit 1;; esac");
	expect_refusal(baton("precheck --xen-all " TARGET, FILES), HO_EREFUSED);
	assert_non_null(strstr(baton_said(), "[HO_EXENBALLOON]"));
	assert_non_null(strstr(baton_said(), "pv4 (4)"));
	assert_non_null(strstr(baton_said(), "pv5 "));
	fake_xen->guests[1].domid = fake_xen->guests[2].domid = 0;
	fake_xen->guests[0].target_kib = 64;
	fake_xen->free_pages = 10;
	expect_refusal(baton("precheck --xen-all " TARGET, FILES), HO_EREFUSED);
	assert_non_null(strstr(baton_said(), "[HO_EXENHEAP]"));
	assert_false(fake_has("/run/baton"));
}

/* To a Xen: how its guests go on, and what they need, from the new one's file. */
static void xen_ways(void **state)
{
	static const char words[] = "baton-pv-1 xen-3.0-x86_64 ";
	static char image[1 << 20];
	size_t bytes;
	FILE *f;

	(void)state;
	fake_xen_here();
	fake_xen->free_pages = 1 << 20;
	fake_xen->guests[0] = (struct fake_xen_guest){ .domid = 3,
		.pages = 1 << 18, .target_kib = 1 << 20 };
	fake_program("xl", "case $1 in domname) echo pv;; domid) echo 3;;\n"
		     "pci-list) echo head;; *) exit 1;; esac");
	fake_xen_image("/boot/xen.gz");
	baton("precheck --xen-all --target xen --kernel %s --module %s",
	      fake_path("/boot/xen.gz"), fake_path("/boot/vmlinuz"));
	if (!strstr(baton_said(), "the new Xen copies guests"))
		fail_msg("%s", baton_said());
	if (!strstr(baton_said(), "more than 1 GiB must be free"))
		fail_msg("%s", baton_said());
	fake_put(FAKE_LIVEPATCH_FILE, "for this very build");
	baton("precheck --xen-all --target xen --kernel %s --module %s",
	      fake_path("/boot/xen.gz"), fake_path("/boot/vmlinuz"));
	if (!strstr(baton_said(), "lets guests go on in place (livepatch)\n"))
		fail_msg("%s", baton_said());
	baton("precheck --json --xen-all --target xen --kernel %s --module %s",
	      fake_path("/boot/xen.gz"), fake_path("/boot/vmlinuz"));
	assert_non_null(strstr(baton_said(), "\"xen_in_place\":true"));
	assert_non_null(strstr(baton_said(), "\"xen_livepatch\":true"));
	assert_non_null(strstr(baton_said(), "\"xen_bytes_needed\":0"));
	f = fopen(fake_path("/boot/xen.gz"), "r");
	bytes = fread(image, 1, 1 << 19, f);
	fclose(f);
	memcpy(image + bytes, words, sizeof(words));
	fake_put_bytes("/boot/xen.gz", image, bytes + sizeof(words));
	baton("precheck --json --xen-all --target xen --kernel %s --module %s",
	      fake_path("/boot/xen.gz"), fake_path("/boot/vmlinuz"));
	assert_non_null(strstr(baton_said(), "\"xen_in_place\":true"));
	assert_non_null(strstr(baton_said(), "\"xen_livepatch\":false"));
	baton("precheck --xen-all " TARGET, FILES);
	assert_null(strstr(baton_said(), "the new Xen"));
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(yes), WITH(json), WITH(all_reasons), WITH(options),
		WITH(door_as_target), WITH(host), WITH(locked), WITH(guests),
		WITH(driver_ram), WITH(nobody_or_all), WITH(xen_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
