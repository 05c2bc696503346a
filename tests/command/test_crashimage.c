// SPDX-License-Identifier: MIT
/*
 * test_crashimage.c - updates by a crash image: what is refused before a guest is
 * paused, devices that do not stop, and where it is taken by itself. The kernel here
 * does not panic, so each ends with a refusal, and the guest runs on. And which
 * devices are stopped before a jump without one.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakerun.h"
#include "real.h"

#define MFN	0x20000ull		/* 512 MiB */
#define GUEST	(MFN << 12)

#define LOCKDOWN "/sys/kernel/security/lockdown"
#define TRIGGER	"/proc/sysrq-trigger"
#define CRASH_BYTES "/sys/kernel/kexec_crash_size"
#define FUNCTION "/sys/bus/pci/devices/0000:00:03.0"
#define OTHER	"/sys/bus/pci/devices/0000:00:09.0"
#define PROBE	"/sys/bus/pci/drivers_probe"

static pid_t guest;

static int upgrade(const char *more)
{
	return baton_upgrade(guest, more);
}

/* A function of PCI: its class, and whether it is a bus master. */
static void put_function(uint8_t class, uint8_t subclass, bool master)
{
	uint8_t config[64] = { [4] = master ? 7 : 3, [10] = subclass,
			       [11] = class };

	fake_put_bytes(FUNCTION "/config", config, sizeof(config));
	fake_put(FUNCTION "/enable", "%s", "");
}

static int setup(void **state)
{
	fake_begin(state);
	guest = fake_process(MFN, 16);
	fake_put(LOCKDOWN, "none [integrity] confidentiality\n");
	fake_put(TRIGGER, "%s", "");
	fake_put(CRASH_BYTES, "134217728\n");
	fake_put(PROBE, "%s", "");
	put_function(1, 0, false);
	return 0;
}

static void assert_untouched(void)
{
	assert_false(fake_machine->loaded[0]);
	assert_false(fake_machine->loaded[1]);
	assert_false(fake_has("/run/baton/loaded.dtb"));
	assert_false(fake_has("/run/baton/loaded.door"));
	assert_false(fake_is_stopped(guest));
}

static void expect_panic(int status)
{
	expect_refusal(status, HO_EIO);
	assert_true(fake_holds(TRIGGER, "c"));
	assert_untouched();
	fake_put(TRIGGER, "%s", "");
}

static void expect_none(int status, int code)
{
	expect_refusal(status, code);
	assert_false(fake_holds(TRIGGER, "c"));
	assert_untouched();
}

static void asked_for(void **state)
{
	(void)state;
	expect_ok(baton("precheck --crash-image " TARGET
			" --pid %d --map memfd:guest --name one", FILES,
			(int)guest));
	assert_int_equal(fake_machine->file_loads, 0);
	expect_panic(upgrade("--crash-image"));
	assert_int_equal(fake_machine->file_loads, 1);
	assert_int_equal(fake_machine->loads, 0);
	/* where kexec_load(2) works as well */
	fake_put(LOCKDOWN, "[none] integrity confidentiality\n");
	expect_panic(upgrade("--crash-image"));
	assert_int_equal(fake_machine->loads, 0);
	expect_refusal(upgrade("--crash-image --no-exec"), HO_EUSAGE);
	expect_refusal(upgrade("--crash-image --shutdown"), HO_EUSAGE);
	expect_refusal(upgrade("--crash-image --by-file"), HO_EUSAGE);
}

static void before_the_pause(void **state)
{
	(void)state;
	fake_put(CRASH_BYTES, "0\n");
	expect_none(upgrade("--crash-image"), HO_ECRASHIMAGE);
	expect_refusal(baton("precheck --crash-image " TARGET
			     " --pid %d --map memfd:guest --name one", FILES,
			     (int)guest), HO_EREFUSED);
	fake_put(CRASH_BYTES, "134217728\n");
	fake_put("/sys/devices/system/cpu/online", "1-3\n");
	expect_none(upgrade("--crash-image"), HO_ECRASHIMAGE);
	fake_put("/sys/devices/system/cpu/online", "0-3\n");
	fake_put("/sys/bus/virtio/devices/virtio0/uevent", "%s", "");
	expect_none(upgrade("--crash-image"), HO_EQUIESCE);
	fake_remove("/sys/bus/virtio/devices/virtio0");
	fake_put("/sys/bus/vmbus/devices/disk/uevent", "%s", "");
	expect_none(upgrade("--crash-image"), HO_EQUIESCE);
	fake_remove("/sys/bus/vmbus/devices/disk");
	put_function(1, 0, true);
	fake_put(FUNCTION "/driver/module", "%s", "");
	expect_none(upgrade("--crash-image"), HO_EQUIESCE);
	fake_put(FUNCTION "/config", "short");
	expect_none(upgrade("--crash-image"), HO_EQUIESCE);
	fake_put_bytes(FUNCTION "/config", "", 0);
	fake_remove(FUNCTION);
	fake_put("/sys/kernel/kexec_crash_loaded", "1\n");
	expect_refusal(upgrade("--crash-image"), HO_ESLOT);
	assert_int_equal(fake_machine->file_loads, 0);
}

/* A card beside the disk. Both have a driver. */
static void put_card(void)
{
	uint8_t config[64] = { [4] = 7, [11] = 2 };

	put_function(1, 0, true);
	fake_put(FUNCTION "/driver/unbind", "%s", "");
	fake_put_bytes(OTHER "/config", config, sizeof(config));
	fake_put(OTHER "/enable", "%s", "");
	fake_put(OTHER "/driver/unbind", "%s", "");
}

static bool disk_is_untouched(void)
{
	return fake_length(FUNCTION "/driver/unbind") == 0;
}

/* A disk comes last, wherever it is: what does not stop costs none. */
static void disks_last(void **state)
{
	(void)state;
	put_card();
	expect_none(upgrade("--crash-image"), HO_EQUIESCE);
	assert_true(fake_holds(OTHER "/driver/unbind", "0000:00:09.0"));
	assert_true(disk_is_untouched());
	assert_true(fake_holds(PROBE, "0000:00:09.0"));
	fake_put(LOCKDOWN, "[none] integrity confidentiality\n");
	expect_panic(upgrade("--crash-image"));
	assert_true(fake_holds(FUNCTION "/driver/unbind", "0000:00:03.0"));
	/* back first: the last one that was written, each over what was there */
	assert_true(fake_holds(PROBE, "0000:00:09.0"));
}

/* Its driver has it on four times, and goes without a word. */
static void counted(void **state)
{
	(void)state;
	put_card();
	put_function(1, 0, false);
	fake_machine->enables = 6;
	expect_panic(upgrade("--crash-image"));
	assert_int_equal(fake_machine->enables, 0);
	assert_true(fake_holds(OTHER "/enable", "0"));
}

static void moved(void)
{
	fake_frames(guest, MFN + 64, 16);
}

/* The last look is before any device: disks cannot be taken back. */
static void look_first(void **state)
{
	(void)state;
	put_card();
	fake_put(LOCKDOWN, "[none] integrity confidentiality\n");
	fake_machine->when = "/var/lib/baton/update.json";
	fake_machine->then = moved;
	expect_none(upgrade("--crash-image"), HO_EMIGRATED);
	assert_true(disk_is_untouched());
	assert_int_equal(fake_length(OTHER "/driver/unbind"), 0);
}

/* Its driver is asked, then Linux, then it is bound again. */
static void does_not_stop(void **state)
{
	(void)state;
	put_function(1, 0, true);
	fake_put(FUNCTION "/driver/unbind", "%s", "");
	expect_none(upgrade("--crash-image"), HO_EQUIESCE);
	assert_true(fake_holds(FUNCTION "/driver/unbind", "0000:00:03.0"));
	assert_true(fake_holds(PROBE, "0000:00:03.0"));
	fake_remove(FUNCTION "/driver");
	fake_put(PROBE, "%s", "");
	expect_none(upgrade("--crash-image"), HO_EQUIESCE);
	assert_true(fake_holds(FUNCTION "/enable", "0"));
	assert_false(fake_holds(PROBE, "0000"));
	/* bridges pass on what others do; those that copy by themselves count */
	put_function(6, 4, true);
	expect_panic(upgrade("--crash-image"));
	put_function(6, 0x80, true);
	expect_none(upgrade("--crash-image"), HO_EQUIESCE);
}

/* A pipe that nobody can write to before it is read. */
static int full_pipe(const char *path)
{
	static const char page[4096];
	int fd;

	fake_remove(path);
	assert_int_equal(mkfifo(fake_path(path), 0600), 0);
	fd = __real_open(fake_path(path), O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
	assert_true(fd >= 0);
	while (write(fd, page, sizeof(page)) > 0)
		;
	return fd;
}

/* Somebody would end it while a driver lets go: it is bound again before. */
static void ended_meanwhile(void **state)
{
	char page[4096];
	struct fake_run r;
	int fd, tries;

	(void)state;
	put_function(1, 0, true);
	fake_put(FUNCTION "/driver/unbind", "%s", "");
	fd = full_pipe(FUNCTION "/driver/unbind");
	fake_run_start(&r, 1, "upgrade --crash-image " TARGET
		       " --pid %d --map memfd:guest --name one", FILES,
		       (int)guest);
	for (tries = 0; tries < 1000 && !fake_holds("/err.1", "no return");
	     tries++)
		usleep(10000);
	usleep(500000);
	kill(r.pid, SIGTERM);
	usleep(100000);
	while (read(fd, page, sizeof(page)) > 0)
		;
	close(fd);
	assert_int_equal(fake_run_end(&r), 128 + SIGTERM);
	assert_true(fake_holds(PROBE, "0000:00:03.0"));
	assert_untouched();
}

/* No place but over guests: it is refused, and says what to ask for. */
static void never_by_itself(void **state)
{
	(void)state;
	fake_machine->initrd[0] = fake_machine->initrd[1] = GUEST;
	expect_none(upgrade(""), HO_EDOORPLACE);
	assert_int_equal(fake_machine->file_loads, 3);
	expect_panic(upgrade("--crash-image"));
	fake_machine->crash[0] = FAKE_REGION;
	fake_machine->crash[1] = FAKE_REGION + 0x400000;
	expect_none(upgrade("--crash-image"), HO_ECRASHSMALL);
}

/* No crash image. */
static int setup_jump(void **state)
{
	setup(state);
	fake_put(LOCKDOWN, "[none] integrity confidentiality\n");
	return 0;
}

/* Its registers, after a jump. */
static void expect_jump(uint8_t class, uint8_t subclass, uint8_t command)
{
	uint8_t config[64] = { [4] = command, [10] = subclass, [11] = class };

	assert_int_equal(upgrade(""), FAKE_JUMPED);
	assert_true(fake_is(FUNCTION "/config", config, sizeof(config)));
}

/* Linux stops the devices at a kexec, but those that it has no driver for. */
static void without_driver(void **state)
{
	(void)state;
	put_function(2, 0, true);
	expect_jump(2, 0, 3);
}

static void with_driver(void **state)
{
	(void)state;
	put_function(2, 0, true);
	fake_put(FUNCTION "/driver/module", "%s", "");
	expect_jump(2, 0, 7);
}

static void iommu(void **state)
{
	(void)state;
	put_function(8, 6, true);
	expect_jump(8, 6, 7);
}

/* What was not used up is there still. */
static void unreadable(void **state)
{
	char more[256];

	(void)state;
	fake_put(FUNCTION "/config", "short");
	fake_put("/state", "of a device");
	snprintf(more, sizeof(more), "--state kind=%s --wipe-state",
		 fake_path("/state"));
	expect_refusal(upgrade(more), HO_EQUIESCE);
	assert_true(fake_holds("/state", "of a device"));
	assert_false(fake_is_stopped(guest));
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, fake_end)

#define JUMP(f)	cmocka_unit_test_setup_teardown(f, setup_jump, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(asked_for), WITH(before_the_pause), WITH(disks_last),
		WITH(counted), WITH(look_first), WITH(does_not_stop),
		WITH(ended_meanwhile),
		WITH(never_by_itself),
		JUMP(without_driver), JUMP(with_driver), JUMP(iommu),
		JUMP(unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
