// SPDX-License-Identifier: MIT
/*
 * test_emulator.c - what baton-qemu makes of QEMU's command line as libvirt writes it:
 * kept memory in place of hugetlbfs, of a memfd, of each NUMA node; everything else
 * as it was; and no QEMU where kept memory is missing.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "emulator.h"

#define UUID	"596fc37c-4fa8-4116-b3b8-d3dbe2e1249d"
#define HUGE	"{\"qom-type\":\"memory-backend-file\",\"id\":\"pc.ram\",\"mem-path\":\"/dev/hugepages/libvirt/qemu/1-vm\",\"share\":true,\"x-use-canonical-path-for-ramblock-id\":false,\"prealloc\":true,\"size\":4096}"
#define NODE	"{\"qom-type\":\"memory-backend-memfd\",\"id\":\"ram-node1\",\"hugetlb\":true,\"hugetlbsize\":2097152,\"share\":true,\"size\":4096,\"host-nodes\":[0],\"policy\":\"bind\"}"
#define SECRET	"{\"qom-type\":\"secret\",\"id\":\"masterKey0\",\"format\":\"raw\"}"

static char folder[] = "/tmp/emulator-XXXXXX";
static struct emulator e;
static char *args[16];

static void make(const char *name, int bytes)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_int_equal(ftruncate(fd, bytes), 0);
	close(fd);
}

static void take_away(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
}

static bool change(const char *first, const char *second, bool incoming)
{
	char *words[] = { "/x/baton-qemu", "-name", "guest=vm", "-uuid", UUID,
			  "-object", SECRET, "-object", (char *)first,
			  "-object", (char *)second,
			  incoming ? "-incoming" : NULL, "defer", NULL };

	memcpy(args, words, sizeof(words));
	e = (struct emulator){ .memory = folder, .images = folder };
	return emulator_change(&e, args);
}

/* The same with images in something of this name in the folder. */
static bool change_with(const char *images, const char *first,
			const char *second)
{
	char path[256];

	change(first, second, true);
	snprintf(path, sizeof(path), "%s/%s", folder, images);
	e.images = path;
	return emulator_change(&e, args);
}

static void replaced(void **state)
{
	char want[512];

	(void)state;
	make(UUID ".pc.ram", 4096);
	make(UUID ".ram-node1", 4096);
	/* it came back, by a migration say, long after it was adopted */
	assert_true(change(HUGE, NODE, true));
	assert_int_equal(e.replaced, 0);
	assert_string_equal(args[8], HUGE);
	assert_string_equal(args[10], NODE);
	make(UUID ".save", 1);
	assert_true(change(HUGE, NODE, true));
	assert_int_equal(e.replaced, 2);
	assert_string_equal(args[6], SECRET);
	snprintf(want, sizeof(want), "{\"qom-type\":\"memory-backend-file\",\"id\":\"pc.ram\",\"size\":4096,\"x-use-canonical-path-for-ramblock-id\":false,\"mem-path\":\"%s/" UUID ".pc.ram\",\"share\":true,\"align\":2097152}",
		 folder);
	assert_string_equal(args[8], want);
	snprintf(want, sizeof(want), "{\"qom-type\":\"memory-backend-file\",\"id\":\"ram-node1\",\"size\":4096,\"mem-path\":\"%s/" UUID ".ram-node1\",\"share\":true,\"align\":2097152}",
		 folder);
	assert_string_equal(args[10], want);
	free(args[8]);
	free(args[10]);
	/* a cold start has nothing of it */
	assert_true(change(HUGE, NODE, false));
	assert_int_equal(e.replaced, 0);
	assert_string_equal(args[8], HUGE);
}

static void missing(void **state)
{
	(void)state;
	take_away(UUID ".ram-node1");
	take_away(UUID ".pc.ram");
	assert_false(change(HUGE, NODE, true));
	assert_non_null(strstr(e.why, "no kept memory"));
	make(UUID ".pc.ram", 4096);
	assert_false(change(HUGE, NODE, true));
	assert_non_null(strstr(e.why, "ram-node1"));
	free(args[8]);
	assert_false(change(SECRET, SECRET, true));
	assert_non_null(strstr(e.why, "no memory backends"));
	take_away(UUID ".save");
	/* or perhaps one of ours */
	make("images", 1);
	take_away(UUID ".pc.ram");
	assert_false(change_with("images", HUGE, NODE));
	assert_non_null(strstr(e.why, "no kept memory"));
	take_away("images");
	assert_true(change_with("images", HUGE, NODE));
	assert_int_equal(e.replaced, 0);
	make(UUID ".save", 1);
	make(UUID ".pc.ram", 8192);
	assert_false(change(HUGE, SECRET, true));
	assert_non_null(strstr(e.why, "another size"));
	assert_false(change("qom-type=memory-backend-ram,id=pc.ram,size=4096",
			    SECRET, true));
	assert_false(change("{\"qom-type\":\"memory-backend-ram\",\"id\":\"../x\",\"size\":1}",
			    SECRET, true));
	assert_false(change("{\"qom-type\":", SECRET, true));
	assert_non_null(strstr(e.why, "no memory backends"));
	take_away(UUID ".pc.ram");
	take_away(UUID ".save");
}

/* libvirt asks what it can do. */
static void probe(void **state)
{
	char *words[] = { "q", "-S", "-no-user-config", "-nodefaults",
			  "-nographic", "-machine", "none,accel=kvm:tcg",
			  "-qmp", "unix:/x,server=on", "-daemonize", NULL };
	char *copy[sizeof(words) / sizeof(*words)];

	(void)state;
	memcpy(copy, words, sizeof(words));
	e = (struct emulator){ .memory = folder, .images = folder };
	assert_true(emulator_change(&e, copy));
	assert_memory_equal(copy, words, sizeof(words));
}

static int setup(void **state)
{
	(void)state;
	return !mkdtemp(folder);
}

static int teardown(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaced), cmocka_unit_test(missing),
		cmocka_unit_test(probe),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
