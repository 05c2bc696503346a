// SPDX-License-Identifier: MIT
/*
 * test_host.c - what a host does to itself: install and uninstall with GRUB,
 * upgrade of processes with a failure at each point, and a dom0 of Xen's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakelibs.h"
#include "fakerun.h"
#include "handover/entry.h"

#define MFN	0x20000ull
#define INSTALL	"install --kernel %s --initrd %s --cmdline quiet --door %s"
#define GRUB_CFG "### BEGIN /etc/grub.d/00_header\n"
#define DEFAULTS "/etc/default/grub.d/zz-baton.cfg"

static pid_t guest;

static int setup(void **state)
{
	fake_begin(state);
	guest = fake_process(MFN, 16);
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
	assert_int_equal(fake_machine->jumps, 0);
	assert_false(fake_has("/run/baton/loaded.dtb"));
	assert_false(fake_has("/run/baton/upgrade.lu"));
	assert_false(fake_has("/run/baton/upgrade.dtb"));
}

static void upgrade_refused(void **state)
{
	static const struct {
		const char *more;
		int code;
	} cases[] = {
		{ "--map nothing", HO_ENOMAP },
		{ "--kernel /nowhere", HO_EFILE },
		{ "--initrd /nowhere", HO_EINITRD },
		{ "--stub /nowhere", HO_ESTUB },
		{ "--region 256M+4M", HO_EREGIONSMALL },
		{ "--region 8G+128M", HO_EREGIONRAM },
		{ "--region 512M+128M", HO_EINREGION },
		{ "--state x=/nowhere", HO_EFILE },
		{ "--target xen", HO_EUSAGE },
		{ "--shutdown", HO_EUSAGE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		int status = upgrade(cases[i].more);

		print_message("  %s\n", cases[i].more);
		expect_refusal(status, cases[i].code);
		assert_runs_on();
	}
	fake_machine->kills = 0;
	fake_machine->uid = 1000;
	expect_refusal(upgrade(""), HO_EPERM);
	fake_machine->uid = 0;
	fake_machine->no_kexec = fake_machine->no_kexec_file = true;
	expect_refusal(upgrade(""), HO_ENOKEXEC);
	fake_machine->no_kexec = false;
	fake_put("/proc/sys/kernel/kexec_load_limit_reboot", "1\n");
	expect_refusal(upgrade(""), HO_EKEXECLIMIT);
	assert_int_equal(fake_machine->kills, 0);
}

/* What is known of the stub without a stream is known before the pause. */
static void upgrade_by_a_newer_stub(void **state)
{
	const uint32_t newer = HO_ABI_VERSION + 1;

	(void)state;
	fake_put_at("/usr/lib/baton/stub.bin",
		    offsetof(struct ho_stub_header, compat), &newer, 4);
	expect_refusal(upgrade(""), HO_EBLOBVERSION);
	assert_null(strstr(baton_complained(), "pausing guests"));
	assert_runs_on();
}

static void upgrade_undone(void **state)
{
	(void)state;
	fake_machine->load_errno = EINVAL;
	expect_refusal(upgrade(""), HO_EIO);
	assert_runs_on();
	fake_machine->load_errno = 0;
	fake_machine->jump_errno = EPERM;
	expect_refusal(upgrade(""), HO_EIO);
	assert_runs_on();
	fake_machine->jump_errno = 0;
	expect_ok(upgrade("--no-exec"));
	assert_false(fake_is_stopped(guest));
	assert_true(fake_machine->loaded[0]);
	expect_refusal(upgrade(""), HO_ELOADED);
	expect_ok(baton("unload"));
	assert_runs_on();
	fake_put("/sys/kernel/kexec_loaded", "1\n");
	expect_refusal(upgrade(""), HO_ESLOT);
	assert_int_equal(upgrade("--replace"), FAKE_JUMPED);
	assert_non_null(strstr(baton_complained(), "pausing guests"));
	assert_true(fake_is_stopped(guest));
}

/* A thread that is in the kernel for long writes to memory until it stops. */
static void does_not_stop(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)guest,
		 (int)guest);
	fake_put(path, "%d (a) T 1", (int)guest);
	snprintf(path, sizeof(path), "/proc/%d/task/4711/stat", (int)guest);
	fake_put(path, "4711 (a D) D 1");
	expect_refusal(upgrade(""), HO_EGUESTBUSY);
	assert_non_null(strstr(baton_complained(), "thread 4711"));
	assert_runs_on();
	fake_put(path, "4711 (a D) T 1");
	assert_int_equal(upgrade(""), FAKE_JUMPED);
}

/* Between its pause and the jump. */
static void let_go_on(void **state)
{
	(void)state;
	fake_machine->continued = guest;
	expect_refusal(upgrade(""), HO_EGUESTBUSY);
	assert_runs_on();
}

static int install(const char *more)
{
	return baton(INSTALL " %s", FILES, fake_path("/door"), more);
}

static int setup_grub(void **state)
{
	fake_begin(state);
	guest = fake_process(MFN, 16);
	fake_put("/door", "the door");
	fake_put("/etc/grub.d/00_header", "%s", "");
	fake_put("/etc/default/grub", "%s", "");
	fake_put("/usr/sbin/grub-mkconfig", "%s", "");
	assert_int_equal(chmod(fake_path("/usr/sbin/grub-mkconfig"), 0755),
			 0);
	fake_put("/boot/grub/grub.cfg", GRUB_CFG);
	/* a menu that names what is current, and the script if it is there */
	fake_program("grub-mkconfig",
		     "{ echo '" GRUB_CFG "'; cat $FAKE_ROOT/boot/baton/targets 2>/dev/null;\n"
		     "[ ! -e $FAKE_ROOT/etc/grub.d/11_baton ] || echo /etc/grub.d/11_baton; } >$FAKE_ROOT$2");
	return 0;
}

static void installed(void **state)
{
	(void)state;
	expect_said(install(""), "current   ");
	assert_true(fake_called("grub-mkconfig -o /boot/grub/grub.cfg.baton"));
	assert_true(fake_has("/etc/grub.d/11_baton"));
	assert_true(fake_has("/boot/baton/targets"));
	assert_false(fake_has("/boot/grub/grub.cfg.baton"));
	fake_put("/boot/initrd.img", "a newer one\n");
	expect_said(install("--default"), "previous  ");
	assert_true(fake_has(DEFAULTS));
	expect_ok(install("--no-default --region 256M --policy reset"));
	assert_false(fake_has(DEFAULTS));
	expect_said(install("--no-update-grub"), "not in GRUB's menu");
	expect_ok(baton("uninstall"));
	assert_false(fake_has("/etc/grub.d/11_baton"));
	assert_false(fake_has("/boot/baton"));
	assert_false(fake_holds("/boot/grub/grub.cfg", "baton"));
	expect_ok(baton("uninstall"));
}

static void install_running(void **state)
{
	(void)state;
	fake_put("/proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 baton=0x1 quiet\n");
	expect_said(baton("install --door %s", fake_path("/door")),
		    "current   ");
	expect_said(baton("install --no-update-grub --root %s --door %s --kernel %s --initrd none --cmdline quiet",
			  fake_path(""), fake_path("/door"),
			  fake_path("/boot/vmlinuz")), "current   ");
}

static void install_refused(void **state)
{
	(void)state;
	expect_refusal(install("--what"), HO_EUSAGE);
	expect_refusal(install("more"), HO_EUSAGE);
	expect_refusal(baton("uninstall more"), HO_EUSAGE);
	fake_machine->uid = 1000;
	expect_refusal(install(""), HO_EPERM);
	expect_refusal(baton("uninstall"), HO_EPERM);
	fake_machine->uid = 0;
	expect_refusal(install("--kernel /nowhere"), HO_EFILE);
	expect_refusal(install("--policy fallback"), HO_EUSAGE);
	expect_refusal(install("--door /nowhere"), HO_ESTUB);
	fake_put("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
		 "\6%c%c%c\1", 0, 0, 0);
	expect_refusal(install("--default"), HO_ESECUREBOOT);
	fake_remove("/sys/firmware/efi");
	fake_program("grub-mkconfig", "exit 1");
	expect_refusal(install(""), HO_EGRUB);
	fake_program("grub-mkconfig", "echo >$FAKE_ROOT$2");
	expect_refusal(install(""), HO_EGRUB);
	assert_false(fake_has("/etc/grub.d/11_baton"));
	assert_false(fake_has("/boot/baton/targets"));
	fake_put("/boot/grub/grub.cfg", "my own\n");
	expect_refusal(install(""), HO_EGRUBOWN);
	fake_remove("/boot/grub/grub.cfg");
	expect_refusal(install(""), HO_ENOGRUB);
	fake_remove("/etc/grub.d");
	expect_refusal(install("--no-update-grub"), HO_ENOGRUB);
}

static int setup_xen(void **state)
{
	fake_begin(state);
	fake_xen_here();
	guest = fake_process(MFN, 16);
	fake_xen->guests[0] = (struct fake_xen_guest){ .domid = 3,
		.pages = 16, .target_kib = 64 };
	fake_program("xl", "case $1 in domname) echo pv;; domid) echo 3;;\n"
		     "pci-list) echo head;; save) exit 1;; esac");
	return 0;
}

static int collect_xen(const char *name)
{
	return baton("collect --xen %s -o %s", name, fake_path("/lu"));
}

static void xen_refuses(void **state)
{
	static const struct {
		uint32_t flags;		/* XEN_DOMINF_* */
	} bad[] = { { 1 << 0 }, { 1 << 2 }, { 1 << 3 } };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		fake_xen->guests[0].flags = bad[i].flags;
		expect_refusal(collect_xen("pv"), HO_EXENDOMAIN);
	}
	fake_xen->guests[0].flags = 0;
	expect_refusal(collect_xen("0"), HO_EXENDOMAIN);
	expect_refusal(collect_xen("17"), HO_EXENDOMAIN);
	fake_xen->guests[0].target_kib = 1 << 20;
	expect_refusal(collect_xen("pv"), HO_EXENBALLOON);
	fake_xen->guests[0].target_kib = 64;
	/* what xl does not save */
	assert_int_not_equal(collect_xen("pv"), 0);
	assert_true(fake_called("xl save -p 3"));
	expect_refusal(baton("collect --xen-all -o %s", fake_path("/lu")),
		       HO_EXENSTREAM);
	fake_program("xl", "case $1 in domname) echo pv;; pci-list) printf 'a\\nb\\n';; esac");
	expect_refusal(collect_xen("3"), HO_EXENDOMAIN);
	/* nor one that may have some: nobody can say */
	fake_program("xl", "case $1 in domname) echo pv;; pci-list) exit 1;; esac");
	expect_refusal(collect_xen("3"), HO_EXENDOMAIN);
	assert_non_null(strstr(baton_complained(), "pci-list fails"));
	fake_program("xl", "exit 1");
	expect_refusal(collect_xen("pv"), HO_EXENDOMAIN);
	expect_refusal(collect_xen("3"), HO_EXENDOMAIN);
	expect_refusal(baton("collect --pid %d --map memfd:guest --name one -o x",
			     (int)guest), HO_EXENPROCESS);
	expect_refusal(baton("arm"), HO_EXENARM);
	expect_refusal(baton("disarm"), HO_EXENARM);
	fake_xen->fail = EACCES;
	expect_refusal(collect_xen("pv"), HO_EXENVERSION);
	fake_xen->fail = EIO;
	expect_refusal(collect_xen("pv"), HO_EIO);
	fake_xen->fail = 0;
	fake_put("/sys/hypervisor/version/minor", "18\n");
	assert_int_not_equal(collect_xen("pv"), 0);
	fake_xen->there = false;
	assert_int_not_equal(collect_xen("pv"), 0);
}

static void xen_jumps(void **state)
{
	(void)state;
	expect_ok(baton("collect --kept -o %s", fake_path("/lu")));
	expect_ok(baton("pack --stream %s " TARGET " -o %s", fake_path("/lu"),
			FILES, fake_path("/blob")));
	fake_put("/sys/firmware/efi/x", "%s", "");
	expect_refusal(baton("load %s", fake_path("/blob")), HO_EXENEFI);
	fake_remove("/sys/firmware/efi");
	fake_xen->free_pages = 10;
	expect_refusal(baton("load %s", fake_path("/blob")), HO_EXENHEAP);
	fake_xen->free_pages = 1 << 20;
	expect_ok(baton("load %s", fake_path("/blob")));
	assert_int_equal(fake_xen->loads, 1);
	expect_refusal(baton("exec --shutdown"), HO_ESHUTDOWN);
	assert_int_equal(baton("exec"), FAKE_JUMPED);
	assert_int_equal(fake_xen->jumps, 1);
	expect_ok(baton("unload"));
	fake_machine->uid = 1000;
	expect_refusal(baton("load %s", fake_path("/blob")), HO_EPERM);
	fake_machine->uid = 0;
	fake_xen->fail = EIO;
	expect_refusal(baton("load %s", fake_path("/blob")), HO_EIO);
}

/* What runs here is what is installed: Xen by its build id, dom0's kernel. */
static void xen_installed(void **state)
{
	(void)state;
	fake_put("/door", "the door");
	fake_put("/etc/grub.d/00_header", "%s", "");
	fake_put("/boot/xen-4.16.gz", "another one");
	expect_refusal(baton("install --no-update-grub --door %s",
			     fake_path("/door")), HO_EFILE);
	fake_xen_image("/boot/xen-4.17.gz");
	expect_said(baton("install --no-update-grub --door %s",
			  fake_path("/door")), "Xen 4.17 and Linux");
	fake_xen->fail = EIO;
	expect_refusal(baton("install --no-update-grub --door %s",
			     fake_path("/door")), HO_EIO);
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, fake_end)
#define GRUB(f)	cmocka_unit_test_setup_teardown(f, setup_grub, fake_end)
#define XEN(f)	cmocka_unit_test_setup_teardown(f, setup_xen, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(upgrade_refused), WITH(upgrade_by_a_newer_stub),
		WITH(upgrade_undone), WITH(does_not_stop),
		WITH(let_go_on), GRUB(installed),
		GRUB(install_running), GRUB(install_refused),
		XEN(xen_refuses), XEN(xen_jumps),
		XEN(xen_installed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
