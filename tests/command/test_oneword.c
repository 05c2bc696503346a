// SPDX-License-Identifier: MIT
/*
 * test_oneword.c - baton upgrade, without more: all guests of the host, the newest
 * kernel, a plan, a question.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakeguest.h"
#include "fakelibs.h"
#include "fakerun.h"
#include "real.h"
#include "testbzimage.h"

static struct fake_guest *vm, *db;
static struct utsname host;
static char newer[128];			/* a release */

static void put_kernel(const char *release)
{
	static uint8_t k[TEST_BZIMAGE_BYTES];
	char path[160];

	test_bzimage(k);
	snprintf(path, sizeof(path), "/boot/vmlinuz-%s", release);
	fake_put_bytes(path, k, sizeof(k));
	snprintf(path, sizeof(path), "/boot/initrd.img-%s", release);
	fake_put(path, "its initrd\n");
}

/* What the flavour is: behind the version of the kernel that runs the test. */
static const char *flavour(void)
{
	const char *at = strchr(host.release, '-');

	while (at && at[1] >= '0' && at[1] <= '9')
		at = strchr(at + 1, '-');
	return at ? at : "";
}

static int setup(void **state)
{
	fake_begin(state);
	vm = fake_guest_begin("vm");
	db = NULL;
	fake_put("/dev/shm/here", "%s", "");
	fake_put("/etc/baton/conf.d/00-test.conf", "rehearse = none\n");
	uname(&host);
	snprintf(newer, sizeof(newer), "99.9.10%s", flavour());
	put_kernel(newer);
	snprintf(newer, sizeof(newer), "99.10.2%s", flavour());
	put_kernel(newer);
	put_kernel("100.1-other-flavour");
	fake_put("/boot/vmlinuz-100.2.dpkg-new", "half of it");
	return 0;
}

static int teardown(void **state)
{
	fake_guest_end(vm);
	if (db)
		fake_guest_end(db);
	return fake_end(state);
}

/* A second one, whose memory is not where the first one's is. */
static void second_guest(void)
{
	db = fake_guest_begin("db");
}

static void assert_untouched(void)
{
	assert_string_equal(vm->status, "running");
	assert_int_equal(vm->stops + vm->saves + vm->conts, 0);
	assert_int_equal(fake_machine->loads + fake_machine->unloads, 0);
	assert_int_equal(fake_machine->jumps, 0);
}

/* Standard input is a terminal on which somebody has typed this. */
static int upgrade_on_terminal(const char *typed, const char *more)
{
	int saved = dup(0), terminal = posix_openpt(O_RDWR | O_NOCTTY), fd;
	int status;

	assert_true(terminal >= 0);
	assert_int_equal(grantpt(terminal) | unlockpt(terminal), 0);
	fd = __real_open(ptsname(terminal), O_RDWR | O_NOCTTY, 0);
	assert_true(fd >= 0);
	assert_int_equal(write(terminal, typed, strlen(typed)), strlen(typed));
	dup2(fd, 0);
	status = baton("upgrade %s", more);
	dup2(saved, 0);
	close(saved);
	close(fd);
	close(terminal);
	return status;
}

static void expect_in_plan(const char *text)
{
	if (!strstr(baton_said(), text))
		fail_msg("no \"%s\" in:\n%s", text, baton_said());
}

static void plan(void **state)
{
	char text[160];

	(void)state;
	expect_ok(baton("precheck"));
	snprintf(text, sizeof(text), "target: linux /boot/vmlinuz-%s\n", newer);
	expect_in_plan(text);
	snprintf(text, sizeof(text), "initrd: /boot/initrd.img-%s\n", newer);
	expect_in_plan(text);
	expect_in_plan("command line: root=/dev/sda1\n");
	expect_in_plan("region: 128 MiB at 0x10000000 (crash kernel)");
	expect_in_plan("guest.vm");
	expect_in_plan("about ");
	assert_untouched();
	expect_ok(baton("upgrade --dry-run"));
	expect_in_plan("command line: root=/dev/sda1\n");
	assert_untouched();
}

static void asked(void **state)
{
	(void)state;
	expect_refusal(upgrade_on_terminal("n\n", ""), HO_EDECLINED);
	expect_in_plan("go on? [y/N]");
	expect_refusal(upgrade_on_terminal("\n", ""), HO_EDECLINED);
	expect_refusal(upgrade_on_terminal("\004", ""), HO_EDECLINED);
	expect_refusal(upgrade_on_terminal("yell\n", ""), HO_EDECLINED);
	assert_untouched();
	assert_int_equal(upgrade_on_terminal("y\n", ""), FAKE_JUMPED);
	assert_int_equal(vm->saves, 1);
}

/* The guest goes while the question waits, and then it is answered. */
static void helper(int terminal)
{
	char path[64];
	int tries;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)vm->qmp.pid);
	for (tries = 0; tries < 1000 && !fake_holds("/out", "go on?"); tries++)
		usleep(10000);
	fake_remove(path);
	if (write(terminal, "y\n", 2) != 2)
		_exit(1);
	_exit(0);
}

static void plan_changed(void **state)
{
	int saved = dup(0), terminal = posix_openpt(O_RDWR | O_NOCTTY), fd;
	pid_t pid;

	(void)state;
	assert_int_equal(grantpt(terminal) | unlockpt(terminal), 0);
	fd = __real_open(ptsname(terminal), O_RDWR | O_NOCTTY, 0);
	dup2(fd, 0);
	pid = fork();
	if (!pid)
		helper(terminal);
	expect_refusal(baton("upgrade"), HO_EPLAN);
	dup2(saved, 0);
	close(saved);
	close(fd);
	close(terminal);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_untouched();
}

/* It comes when the guests have been found, and when they stand still. */
static void one_more(void **state)
{
	int seen;

	(void)state;
	fake_guest_rule(vm, "query-jobs", FAKE_COMES, "kvm -name late");
	vm->rules[0].from = 1000;
	expect_ok(baton("precheck"));
	seen = vm->heard[0];
	vm->heard[0] = 0;
	vm->rules[0].from = seen;
	expect_refusal(baton("upgrade --yes"), HO_EPLAN);
	assert_non_null(strstr(baton_complained(), "late, process " FAKE_COMER));
	assert_untouched();
	fake_remove("/proc/" FAKE_COMER);
	fake_guest_no_rules(vm);
	fake_guest_rule(vm, "\"migrate\"", FAKE_COMES, "kvm -name late");
	expect_refusal(baton("upgrade --yes"), HO_EPLAN);
	assert_int_equal(vm->saves, 1);
	fake_guest_runs_on(vm);
	fake_remove("/proc/" FAKE_COMER);
	assert_int_equal(baton("upgrade --yes --leave late"), FAKE_JUMPED);
}

/* A daemon that nobody knew of starts one. */
static void libvirts_more(void **state)
{
	(void)state;
	fake_put("/run/libvirt/qemu/late.pid", FAKE_COMER "\n");
	fake_guest_rule(vm, "\"migrate\"", FAKE_COMES, "kvm -name guest=late");
	expect_refusal(baton("upgrade --yes"), HO_EPLAN);
	fake_guest_runs_on(vm);
}

static void not_asked(void **state)
{
	int fd = __real_open("/dev/null", O_RDONLY | O_CLOEXEC, 0);
	int saved = dup(0);

	(void)state;
	dup2(fd, 0);
	close(fd);
	expect_refusal(baton("upgrade"), HO_ENOTERMINAL);
	assert_untouched();
	assert_int_equal(baton("upgrade --yes"), FAKE_JUMPED);
	assert_null(strstr(baton_said(), "go on?"));
	expect_in_plan("target: linux");
	assert_int_equal(vm->saves, 1);
	dup2(saved, 0);
	close(saved);
}

/* Who names guests or a kernel is not asked, and gets what was named. */
static void named(void **state)
{
	(void)state;
	assert_int_equal(baton("upgrade --qemu %s --name vm", vm->qmp.path),
			 FAKE_JUMPED);
	assert_null(strstr(baton_said(), "target:"));
	assert_int_equal(vm->saves, 1);
}

static void kernel_named(void **state)
{
	(void)state;
	/* precheck does not speak of guests that upgrade does not take */
	expect_said(baton("precheck --kernel /boot/vmlinuz"),
		    "no guest is named");
	assert_null(strstr(baton_said(), "guest.vm"));
	assert_int_equal(baton("upgrade --kernel /boot/vmlinuz"), FAKE_JUMPED);
	assert_non_null(strstr(baton_complained(), "no guest is named"));
	assert_null(strstr(baton_said(), "target:"));
	assert_int_equal(vm->saves, 0);
}

/* One that cannot go stops all of it, but for one that is left. */
static void cannot_go(void **state)
{
	(void)state;
	second_guest();
	fake_guest_args(db, "/usr/bin/qemu-system-x86_64 -name guest=db,x=y "
			"-chardev socket,id=c,fd=3 -mon chardev=c,mode=control");
	expect_refusal(baton("upgrade --yes"), HO_EREFUSED);
	expect_in_plan("[HO_EGUESTSOCKET]");
	expect_in_plan("db ");
	assert_untouched();
	expect_refusal(baton("upgrade --yes --leave other"), HO_EREFUSED);
	assert_untouched();
	assert_int_equal(baton("upgrade --yes --leave db"), FAKE_JUMPED);
	expect_in_plan("left to end with the host: db");
	assert_int_equal(vm->saves, 1);
	assert_int_equal(db->saves, 0);
}

/* The monitor by -mon, the name by -name; a shell that starts one is none. */
static void found_by(void **state)
{
	char text[1024];

	(void)state;
	snprintf(text, sizeof(text),
		 "kvm -machine q35,memory-backend=ram -m 2M "
		 "-object memory-backend-file,id=ram,size=2M,mem-path=/dev/hugepages,share=on "
		 "-name shop,debug-threads=on "
		 "-chardev socket,id=mon0,path=%s,server=on,wait=off "
		 "-mon chardev=mon0,mode=control", vm->qmp.path);
	fake_guest_args(vm, text);
	fake_put_bytes("/proc/77/cmdline", "sh\0-c\0qemu-system-x86_64", 24);
	fake_put_bytes("/proc/78/cmdline", "kvm\0-mon\0chardev=baton-rehearsal,mode=control", 46);
	expect_said(baton("precheck"), "shop ");
	assert_null(strstr(baton_said(), "qemu-77"));
	assert_null(strstr(baton_said(), "qemu-78"));
}

static void no_kernel(void **state)
{
	(void)state;
	fake_remove("/boot");
	expect_refusal(baton("upgrade --yes"), HO_ENOKERNEL);
	expect_refusal(baton("precheck"), HO_ENOKERNEL);
	put_kernel(newer);
	fake_put("/proc/cmdline", "root=/dev/sda1 baton=10000000 baton.failed=plug:20\n");
	expect_refusal(baton("upgrade --yes"), HO_ENOKERNEL);
	expect_refusal(baton("upgrade --kernel /boot/vmlinuz-%s --initrd none",
			     newer), HO_ENOKERNEL);
	assert_untouched();
}

static void put_build(const char *release, const char *version)
{
	static uint8_t k[TEST_BZIMAGE_BYTES];
	char path[160];

	test_bzimage_of(k, release, version);
	snprintf(path, sizeof(path), "/boot/vmlinuz-%s", release);
	fake_put_bytes(path, k, sizeof(k));
}

/* The very build that runs: its name alone would not do. */
static void runs_already(void **state)
{
	(void)state;
	fake_remove("/boot");
	put_kernel(host.release);
	put_build(host.release, "#1 another build");
	expect_refusal(baton("upgrade"), HO_ENOTERMINAL);
	put_build(host.release, host.version);
	expect_said(baton("upgrade"), "nothing to do");
	assert_untouched();
	assert_int_equal(baton("upgrade --yes --again"), FAKE_JUMPED);
}

/* Xen's own, the newest of both. */
static void xen(void **state)
{
	(void)state;
	fake_xen_here();
	fake_xen->free_pages = 1 << 20;
	fake_put("/boot/xen-4.17-amd64.gz", "a Xen");
	fake_put("/boot/xen-4.9-amd64.gz", "an old Xen");
	expect_refusal(baton("precheck"), HO_EREFUSED);	/* it is no Xen */
	expect_in_plan("target: xen /boot/xen-4.17-amd64.gz\n");
	expect_in_plan("module: /boot/vmlinuz-99.10.2");
	expect_in_plan("module: /boot/initrd.img-99.10.2");
	assert_null(strstr(baton_said(), "guest.vm"));
	fake_xen->guests[0] = (struct fake_xen_guest){ .domid = 3,
		.pages = 16, .target_kib = 64, .flags = 1 << 1 };
	fake_program("xl", "case $1 in domname) echo hvm;; domid) echo 3;;\n"
		     "pci-list) echo head;; *) exit 1;; esac");
	expect_refusal(baton("precheck"), HO_EREFUSED);
	expect_in_plan("hvm (3)");
	expect_refusal(baton("precheck --leave hvm"), HO_EREFUSED);
	assert_null(strstr(baton_said(), "hvm (3)"));
}

/* What the hook of kernel packages says for `release`, after the last precheck,
 * whose status was `status`. */
static const char *hook(const char *release, int status)
{
	static char text[512];
	char command[1024], script[64];
	size_t got;
	FILE *f;

	fake_put("/said", "%s", baton_said());
	snprintf(script, sizeof(script), "cat \"$FAKE_ROOT/said\"; exit %d",
		 status);
	fake_program("baton", script);
	snprintf(command, sizeof(command),
		 "PATH=%s:$PATH FAKE_ROOT=%s BATON_HOOK_TEST=1 sh contrib/kernel/zz-baton %s 2>&1; echo status $?",
		 fake_path("/bin"), fake_path(""), release);
	f = popen(command, "r");
	assert_non_null(f);
	got = fread(text, 1, sizeof(text) - 1, f);
	text[got] = '\0';
	pclose(f);
	return text;
}

/* It tells, whatever is the matter, and never fails. */
static void kernel_hook(void **state)
{
	char wanted[256];
	const char *said;

	(void)state;
	expect_ok(baton("precheck"));
	said = hook(newer, 0);
	snprintf(wanted, sizeof(wanted),
		 "baton: an update to %s is ready: 1 guests, about 0.", newer);
	if (strncmp(said, wanted, strlen(wanted)))
		fail_msg("%s", said);
	assert_non_null(strstr(said, " seconds each: baton upgrade\nstatus 0\n"));
	assert_true(fake_called("baton precheck\n"));
	assert_string_equal(hook("1.0-old", 0), "status 0\n");
	assert_string_equal(hook("", 0), "status 0\n");
	assert_string_equal(hook(newer, 3), "status 0\n");
	fake_put("/sys/kernel/kexec_loaded", "1\n");
	expect_refusal(baton("precheck"), HO_EREFUSED);
	assert_non_null(strstr(hook(newer, HO_EXIT_REFUSED),
			       "would be refused: baton precheck\nstatus 0\n"));
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(plan), WITH(asked), WITH(plan_changed), WITH(not_asked),
		WITH(one_more), WITH(libvirts_more),
		WITH(named),
		WITH(kernel_named), WITH(cannot_go), WITH(found_by),
		WITH(no_kernel), WITH(runs_already), WITH(xen),
		WITH(kernel_hook),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
