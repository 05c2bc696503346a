// SPDX-License-Identifier: MIT
/*
 * test_report.c - what baton report says, and what it must never say. Each secret
 * below is put where a host has it; no text of the archive may hold it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakerun.h"

#define MFN	0x20000ull
#define UPGRADE	"upgrade --kernel %s --initrd %s --cmdline 'ks=TARGETKEY quiet' " \
		"--fallback-cmdline quiet " \
		"--pid %d --map memfd:guest --name NAMED --state s=%s"
#define TEXT_BYTES (1 << 20)

static const char *const secrets[] = {
	"LUKSKEY", "QUOTED", "BARE", "INITARG", "TARGETKEY", "HOSTNAME",
	"SERIAL", "UUID4711", "GUESTBYTES", "STATEBYTES", "NAMED",
	"MAILPASS", "BUILDER", "1e7a000", "SWITCHKEY", "PATHKEY",
};

static pid_t guest;
static struct diag_log diag;

static void put_secrets(void)
{
	fake_put("/proc/cmdline",
		 "root=LUKSKEY x=\"a QUOTED word\" BARE intel-iommu=on\n"
		 "iommu=\"pt QUOTED\" console=http://PATHKEY/ mem=/PATHKEY "
		 "crashkernel=128M nokaslrSWITCHKEY nokaslr -- INITARG nosmt\n");
	fake_put("/proc/version", "Linux BUILDER@host\n");
	fake_put("/proc/sys/kernel/hostname", "HOSTNAME\n");
	fake_put("/etc/hostname", "HOSTNAME\n");
	fake_put("/etc/os-release",
		 "PRETTY_NAME=\"Debian 12\"\nHOME_URL=MAILPASS\n");
	fake_put("/etc/baton/baton.conf", "cmdline = MAILPASS\n");
	fake_put("/sys/class/dmi/id/sys_vendor", "Maker\n");
	fake_put("/sys/class/dmi/id/product_serial", "SERIAL\n");
	fake_put("/sys/class/dmi/id/product_uuid", "UUID4711\n");
	fake_put("/state", "STATEBYTES");
	fake_put_at("/dev/mem", MFN << 12, "GUESTBYTES", 10);
}

static void put_facts(void)
{
	fake_put("/proc/iomem",
		 "00001000-0009fbff : System RAM\n"
		 "00100000-3fffffff : System RAM\n"
		 "  01e7a000-02bfffff : Kernel code\n"
		 "  10000000-17ffffff : Crash kernel\n"
		 "fed90000-fed90fff : dmar0\n");
	fake_put("/proc/cpuinfo",
		 "processor\t: 0\nmodel name\t: CPU of a test\nmicrocode\t: 0x17\n\n"
		 "processor\t: 1\nmodel name\t: another\nmicrocode\t: 0x18\n\n");
	fake_put("/sys/bus/pci/devices/0000:00:02.0/class", "0x020000\n");
	fake_put("/sys/bus/pci/devices/0000:00:02.0/vendor", "0x8086\n");
	fake_link("/sys/bus/pci/devices/0000:00:02.0/driver",
		  "../../../bus/pci/drivers/e1000e");
}

static int setup(void **state)
{
	fake_begin(state);
	guest = fake_process(MFN, 16);
	put_secrets();
	put_facts();
	return 0;
}

/* All texts of the archive, as tar gives them. */
static const char *texts(const char *path)
{
	static char text[TEXT_BYTES];
	char command[1024];
	size_t got;
	FILE *f;

	snprintf(command, sizeof(command), "tar -xOf %s 2>&1", path);
	f = popen(command, "r");
	assert_non_null(f);
	got = fread(text, 1, sizeof(text) - 1, f);
	text[got] = '\0';
	assert_int_equal(pclose(f), 0);
	assert_true(got > 500 && got < sizeof(text) - 1);
	return text;
}

static const char *report(void)
{
	const char *path = fake_path("/report.tar"), *text;
	size_t i;

	expect_said(baton("report -o %s", path), "read it");
	text = texts(path);
	for (i = 0; i < ARRAY_COUNT(secrets); i++)
		if (strstr(text, secrets[i])) {
			fputs(text, stderr);
			fail_msg("%s is told", secrets[i]);
		}
	return text;
}

static void has(const char *text, const char *what)
{
	if (!strstr(text, what)) {
		fputs(text, stderr);
		fail_msg("no \"%s\"", what);
	}
}

static void of_a_host(void **state)
{
	const char *text = report();

	(void)state;
	has(text, "baton ");
	has(text, "PRETTY_NAME=\"Debian 12\"");
	has(text, "/sys/class/dmi/id/sys_vendor: Maker\n");
	has(text, "model name\t: CPU of a test\n");
	assert_null(strstr(text, "another\n"));
	has(text, "CPUs: 2\n");
	has(text, "(place left out) : Kernel code\n");
	has(text, "fed90000-fed90fff : dmar0\n");
	assert_null(strstr(text, "MiB  kernel\n"));	/* nor in the map */
	has(text, "000000100000-00003fffffff type 1, RAM\n");
	has(text, "0000:00:02.0 class 0x020000 vendor 0x8086 driver e1000e\n");
	has(text, "\nintel-iommu=on\n");
	has(text, "\ncrashkernel=128M\nnokaslr\n");
	has(text, "(7 words are left out)\n");
	has(text, "nothing of an update is here\n");
	has(text, "region: 0x10000000, 134217728 bytes, by crash kernel\n");
	has(text, "stage: at rest\n");
}

static void upgrade(void)
{
	assert_int_equal(baton(UPGRADE, fake_path("/boot/vmlinuz"),
			       fake_path("/boot/initrd.img"), (int)guest,
			       fake_path("/state")), FAKE_JUMPED);
}

static void of_an_update(void **state)
{
	const char *text;

	(void)state;
	upgrade();
	has(report(), "command: upgrade, ");
	assert_int_equal(fake_stub(&diag), 0);
	text = report();
	has(text, "update 1 of ABI 2: chained, stage target\n");
	has(text, "guest-1: kind ");
	has(text, "16 frames, 1 extents, 58 bytes of state, kept\n");
	has(text, "a 64 KiB");
	has(text, "guest-1\n");
	has(text, "stage pass: ");
	assert_null(strstr(text, "LOST"));
	assert_null(strstr(text, "pause of update"));
	fake_put("/var/lib/baton/pauses.json", "[{ \"generation\": 7, \"id\": \"1\", "
		 "\"seconds\": { \"save\": 0.5, \"collect\": 0, \"load\": 0, "
		 "\"entry\": 0, \"verify\": 0, \"pass\": 0, \"plug\": 0, "
		 "\"chain\": 0, \"kernel\": 1, \"boot\": 4, \"adopt\": 2 } }]");
	has(report(), "pause of update 7, in s: save 0.500 collect 0.000 ");
}

static void of_a_failure(void **state)
{
	const char *text;

	(void)state;
	upgrade();
	fake_stub_fails(HO_EDOUBLE, HO_STAGE_PASS);
	text = report();
	has(text, "failed, stage pass\n");
	has(text, "error: HO_EDOUBLE at ");
	has(text, "this is the fallback, for HO_EDOUBLE\n");
}

/* An update that was begun, and another instance that it did not start. */
static void of_a_lost_update(void **state)
{
	(void)state;
	upgrade();
	fake_put("/proc/sys/kernel/random/boot_id",
		 "11111111-2222-4333-8444-666666666666\n");
	has(report(), "LOST: update 1, begun 20");
}

/* A place of an error that names a guest, and what no terminal should get. */
static void name_the_guest(struct ho_breadcrumb *crumb)
{
	strcpy(crumb->where, "guest NAMED, NAMED\x1b[2J");
}

static void of_a_failure_at_a_guest(void **state)
{
	(void)state;
	upgrade();
	fake_stub_fails(HO_EDOUBLE, HO_STAGE_PASS);
	fake_crumb(name_the_guest);
	has(report(), "error: HO_EDOUBLE at guest guest-1, guest-1?[2J\n");
}

/* What another user than root is not shown, is not there. */
static void of_another_user(void **state)
{
	const char *text;

	(void)state;
	fake_machine->uid = 1000;
	fake_put("/proc/iomem", "00000000-00000000 : System RAM\n"
		 "  00000000-00000000 : Kernel code\n");
	text = report();
	has(text, "00000000-00000000 : System RAM\n");
	has(text, "HO_EPERM: ");
}

static void refused(void **state)
{
	(void)state;
	expect_refusal(baton("report"), HO_EUSAGE);
	expect_refusal(baton("report -o /nowhere/tar"), HO_EFILE);
	expect_refusal(baton("report -o %s", fake_path("/boot")), HO_EFILE);
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(of_a_host), WITH(of_an_update), WITH(of_a_failure),
		WITH(of_a_lost_update), WITH(of_a_failure_at_a_guest),
		WITH(of_another_user), WITH(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
