// SPDX-License-Identifier: MIT
/*
 * test_memmap.c - what the running kernel was given as RAM, and what it leaves out:
 * /sys/firmware/memmap beside /proc/iomem, as kernels have shown them. What is
 * not to be taken for left out is the larger part.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "machine.h"
#include "memmap.h"
#include "util.h"

#define FOLDER_MAX 64

static char root[] = "/tmp/test_memmap.XXXXXX", iomem[64];
static struct diag_log diag;
static struct hostmap given, map;
static struct taken out;
static const struct taken nothing;

static void write_text(const char *path, const char *text)
{
	assert_int_equal(file_write(path, text, strlen(text), &diag), 0);
}

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(root));
	snprintf(iomem, sizeof(iomem), "%s/iomem", root);
	return 0;
}

static void remove_all(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s/*", root);
	assert_int_equal(system(command), 0);
}

static int teardown(void **state)
{
	(void)state;
	remove_all();
	return rmdir(root);
}

/* A folder like sysfs's from "START END TYPE;..." */
static int read_given(const char *text)
{
	char copy[1024], path[FOLDER_MAX], file[2 * FOLDER_MAX], *entry, *save;
	char start[32], end[32], type[64];
	int i = 0;

	remove_all();
	snprintf(path, sizeof(path), "%s/memmap", root);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(copy, sizeof(copy), "%s", text);
	for (entry = strtok_r(copy, ";", &save); entry;
	     entry = strtok_r(NULL, ";", &save)) {
		assert_int_equal(sscanf(entry, "%31s %31s %63[^;]", start, end,
					type), 3);
		snprintf(path, sizeof(path), "%s/memmap/%d", root, i++);
		assert_int_equal(mkdir(path, 0700), 0);
		snprintf(file, sizeof(file), "%s/start", path);
		write_text(file, start);
		snprintf(file, sizeof(file), "%s/end", path);
		write_text(file, end);
		snprintf(file, sizeof(file), "%s/type", path);
		write_text(file, type);
	}
	snprintf(path, sizeof(path), "%s/memmap", root);
	diag_init(&diag, HO_STAGE_LOADER);
	given.raw_count = 0;
	i = memmap_read(&given, path, &diag);
	return i ? i : hostmap_settle(&given, &diag);
}

static int left_out(const char *text, const char *command_line,
		    const struct taken *also)
{
	taken_free(&out);
	write_text(iomem, text);
	return memmap_left_out(&out, &given, iomem, command_line, also,
			       &diag);
}

static void is_out(size_t i, uint64_t start, uint64_t end)
{
	assert_true(i < out.count);
	assert_int_equal(out.ranges[i].start, start);
	assert_int_equal(out.ranges[i].end, end);
}

static void is_firmware(uint32_t i, uint64_t start, uint64_t end,
			uint32_t type)
{
	assert_true(i < map.firmware_count);
	assert_int_equal(map.firmware[i].place.start, start);
	assert_int_equal(map.firmware[i].place.end, end);
	assert_int_equal(map.firmware[i].type, type);
}

static void settle_left_out(void)
{
	map = given;
	assert_int_equal(memmap_add_left_out(&map, &out, iomem, &diag), 0);
	assert_int_equal(hostmap_settle(&map, &diag), 0);
}

/* What is special stays so. */
static void types(void **state)
{
	(void)state;
	assert_int_equal(read_given("0x0 0x9fbff System RAM;"
		"0x100000 0x7ffdffff System RAM;"
		"0x7ffe0000 0x7ffeffff ACPI Tables;"
		"0x7fff0000 0x7fffffff ACPI Non-volatile Storage;"
		"0x80000000 0x80000fff Unusable memory;"
		"0x100000000 0x1ffffffff Soft Reserved;"
		"0x200000000 0x2ffffffff Persistent Memory;"
		"0x300000000 0x3ffffffff Persistent Memory (legacy);"
		"0x400000000 0x400000fff Unknown E820 type"), 0);
	map = given;
	assert_int_equal(map.memory_count, 2);
	assert_int_equal(map.firmware_count, 7);
	is_firmware(0, 0x7ffe0000, 0x7fff0000, 3);
	is_firmware(1, 0x7fff0000, 0x80000000, 4);
	is_firmware(2, 0x80000000, 0x80001000, 5);
	is_firmware(3, 0x100000000, 0x200000000, 0xefffffff);
	is_firmware(4, 0x200000000, 0x300000000, 7);
	is_firmware(5, 0x300000000, 0x400000000, 12);
	is_firmware(6, 0x400000000, 0x400001000, 2);
}

/* memmap=64K$0x2000000 memmap=128M!0x18000000 memmap=1M!0x7f000000 */
static void told(void **state)
{
	(void)state;
	assert_int_equal(read_given("0x0 0x9fbff System RAM;"
		"0x9fc00 0x9ffff Reserved;0x100000 0x7ffdffff System RAM"), 0);
	assert_int_equal(left_out(
		"00001000-0009fbff : System RAM\n"
		"00100000-01ffffff : System RAM\n"
		"02000000-0200ffff : Reserved\n"
		"02010000-17ffffff : System RAM\n"
		"  10000000-17ffffff : Crash kernel\n"
		"18000000-1fffffff : Persistent Memory (legacy)\n"
		"  18000000-1fffffff : namespace0.0\n"
		"20000000-7effffff : System RAM\n"
		"  58000000-591fffff : Kernel code\n"
		"7f000000-7f0fffff : Persistent Memory (legacy)\n"
		"  7f000000-7f0fffff : dax1.0\n"
		"    7f000000-7f0fffff : System RAM (kmem)\n"
		"7f100000-7ffdffff : System RAM\n", "", &nothing), 0);
	assert_int_equal(out.count, 3);
	is_out(0, 0x2000000, 0x2010000);
	is_out(1, 0x18000000, 0x20000000);
	is_out(2, 0x7f000000, 0x7f100000);
	settle_left_out();
	assert_int_equal(map.memory_count, 5);
	assert_int_equal(map.memory[2].start, 0x2010000);
	assert_int_equal(map.memory[2].end, 0x18000000);
	assert_int_equal(map.firmware_count, 4);
	is_firmware(1, 0x2000000, 0x2010000, 2);
	is_firmware(2, 0x18000000, 0x20000000, 12);
	is_firmware(3, 0x7f000000, 0x7f100000, 12);
}

/* mem=1G: what is behind it is nowhere; efi_fake_mem=: has a type of its own */
static void cut_off(void **state)
{
	(void)state;
	assert_int_equal(read_given("0x0 0x9ffff System RAM;"
		"0x100000 0x7fffffff System RAM;"
		"0x100000000 0x17fffffff System RAM"), 0);
	assert_int_equal(left_out("00100000-3fffffff : System RAM\n", "mem=1G",
				  &nothing), 0);
	assert_int_equal(out.count, 2);
	is_out(0, 0x40000000, 0x80000000);
	is_out(1, 0x100000000, 0x180000000);
	assert_int_equal(left_out("00100000-7fffffff : System RAM\n"
		"100000000-13fffffff : System RAM\n"
		"140000000-17fffffff : Soft Reserved\n"
		"  140000000-17fffffff : dax0.0\n", "", &nothing), 0);
	assert_int_equal(out.count, 1);
	settle_left_out();
	is_firmware(0, 0x140000000, 0x180000000, 0xefffffff);
}

/* After an update: kept frames, region, and gaps that are not plugged were
 * given as reserved; the region of a fallback is all that was given as RAM; a
 * plain boot has page 0 and the ROMs; where memory was hot-added inside of what
 * is reserved, it is RAM. */
static void nobody_said_so(void **state)
{
	(void)state;
	assert_int_equal(read_given("0x0 0x9fbff System RAM;"
		"0x100000 0xfffffff System RAM;"
		"0x10000000 0x1fffffff Reserved;"
		"0x20000000 0x20000fff Reserved;"
		"0x20001000 0x7ffdffff System RAM;"
		"0x100000000 0x107ffffff Reserved;"
		"0x108000000 0x10fffffff System RAM"), 0);
	assert_int_equal(left_out(
		"00000000-00000fff : Reserved\n"
		"00001000-0009fbff : System RAM\n"
		"00100000-0fffffff : System RAM\n"
		"10000000-1fffffff : Reserved\n"
		"20000000-20000fff : Reserved\n"
		"20001000-2fffffff : System RAM\n"
		"30000000-7ffdffff : System RAM\n"
		"100000000-17fffffff : Reserved\n"
		"  108000000-10fffffff : System RAM\n", "", &nothing), 0);
	assert_int_equal(out.count, 0);
	settle_left_out();
	assert_int_equal(map.memory_count, given.memory_count);
}

/* An initrd's ACPI tables are in this kernel's RAM, wherever it has put them:
 * they do not add up over a chain. The firmware's, which it did not name, are
 * somebody's. */
static void tables(void **state)
{
	static const char text[] = "00100000-6fffffff : System RAM\n"
		"70000000-7000ffff : ACPI Tables\n"
		"70010000-7fffffff : System RAM\n";

	(void)state;
	assert_int_equal(read_given("0x100000 0x7fffffff System RAM"), 0);
	assert_int_equal(left_out(text, "memmap=64K$0x2000000 a#b\n",
				  &nothing), 0);
	assert_int_equal(out.count, 0);
	assert_int_equal(left_out(text,
		"quiet memmap=1M!1G memmap=64K#0x70000000\n", &nothing), 0);
	assert_int_equal(out.count, 1);
	settle_left_out();
	is_firmware(0, 0x70000000, 0x70010000, 3);
}

/* memmap=SIZE$BASE is a way to reserve the region. */
static void region(void **state)
{
	struct range r = { 0x20000000, 0x30000000 };
	const struct taken also = { .ranges = &r, .count = 1 };

	(void)state;
	assert_int_equal(read_given("0x100000 0x7fffffff System RAM"), 0);
	assert_int_equal(left_out("00100000-1fffffff : System RAM\n"
		"20000000-30ffffff : Reserved\n"
		"31000000-7fffffff : System RAM\n", "", &also), 0);
	assert_int_equal(out.count, 1);
	is_out(0, 0x30000000, 0x31000000);
}

static void hidden(void **state)
{
	(void)state;
	assert_int_equal(read_given("0x100000 0x7fffffff System RAM"), 0);
	assert_int_equal(left_out("00000000-00000000 : Reserved\n"
		"00000000-00000000 : System RAM\n", "", &nothing), -HO_EPERM);
	assert_int_equal(left_out("", "", &nothing), -HO_EPERM);
	taken_free(&out);
	assert_int_equal(memmap_left_out(&out, &given, "/nowhere", "",
					 &nothing, &diag), -HO_EIO);
	assert_int_equal(memmap_add_left_out(&map, &out, "/nowhere", &diag),
			 -HO_EIO);
	assert_int_equal(memmap_read(&map, "/nowhere", &diag), -HO_EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types), cmocka_unit_test(told),
		cmocka_unit_test(cut_off), cmocka_unit_test(nobody_said_so),
		cmocka_unit_test(tables), cmocka_unit_test(region),
		cmocka_unit_test(hidden),
	};
	int failed = cmocka_run_group_tests(tests, setup, teardown);

	taken_free(&out);
	return failed;
}
