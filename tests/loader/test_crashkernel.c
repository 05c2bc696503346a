// SPDX-License-Identifier: MIT
/*
 * test_crashkernel.c - the region of crashkernel= by /proc/iomem, and why there
 * is none: files and texts of this test.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checked.h"
#include "cmocka_all.h"
#include "crashkernel.h"
#include "iomem.h"

static struct diag_log diag;
static char path[] = "/tmp/test_crashkernel.XXXXXX";

static int setup(void **state)
{
	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	return 0;
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static const char *file_of(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return path;
}

#define NO_CRASH "00100000-3ffdffff : System RAM\n"

static int region_of(struct range *r, const char *iomem)
{
	return crashkernel_region_of(r, file_of(iomem), "", "", &diag);
}

static void crash_kernel(void **state)
{
	struct range r;

	(void)state;
	assert_int_equal(region_of(&r,
		"00001000-0009fbff : System RAM\n"
		"00100000-3ffdffff : System RAM\n"
		"  10000000-17ffffff : Crash kernel\n"), 0);
	assert_int_equal(r.start, 0x10000000);
	assert_int_equal(r.end, 0x18000000);
	/* a low piece beside one above 4 GiB: the high one */
	assert_int_equal(region_of(&r,
		"  ad000000-bcffffff : Crash kernel\n"
		"  140000000-147ffffff : Crash kernel\n"), 0);
	assert_int_equal(r.start, 0x140000000);
	assert_int_equal(region_of(&r, NO_CRASH), -HO_ENOREGION);
	assert_int_equal(region_of(&r, ""), -HO_ENOREGION);
	assert_int_equal(crashkernel_region_of(&r, "/nowhere", "", "", &diag),
			 -HO_EIO);
}

#define HIDDEN \
	"00000000-00000000 : Reserved\n" \
	"00000000-00000000 : System RAM\n"

/* Zeroes are what a reader without privilege sees: nothing is known then. */
static void iomem_hidden(void **state)
{
	struct range r, first = { 0, 4096 };
	bool found, ram;

	(void)state;
	assert_int_equal(region_of(&r, HIDDEN
		"  00000000-00000000 : Crash kernel\n"), -HO_EPERM);
	assert_int_equal(error_exit(HO_EPERM), HO_EXIT_PERMISSION);
	assert_int_equal(region_of(&r, HIDDEN), -HO_EPERM);
	assert_int_equal(iomem_crash_region(file_of(HIDDEN), &r, &found,
					    &diag), -HO_EPERM);
	assert_int_equal(iomem_is_ram(file_of(HIDDEN), first, &ram, &diag),
			 -HO_EPERM);
	assert_false(ram);
	assert_int_equal(iomem_is_ram("/nowhere", first, &ram, &diag),
			 -HO_EIO);
}

static void iomem_ram(void **state)
{
	static const char text[] =
		"00000000-00000fff : Reserved\n"
		"00001000-0009fbff : System RAM\n"
		"40000000-4fffffff : Reserved\n"
		"  48000000-4bffffff : System RAM (kmem)\n"
		"nonsense\n"
		"60000000-5fffffff : System RAM\n"
		"00000000-ffffffffffffffff : System RAM\n";
	static const struct {
		struct range r;
		bool ram;
	} cases[] = {
		{ { 0, 0x1000 }, false }, { { 0, 0x1001 }, true },
		{ { 0x9fc00, 0xa0000 }, false },
		{ { 0x4bfff000, 0x4c000000 }, true },
		{ { 0x4c000000, 0x4d000000 }, false },
		{ { 0x5ffff000, 0x60001000 }, false },
	};
	bool ram;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		assert_int_equal(iomem_is_ram(file_of(text), cases[i].r, &ram,
					      &diag), 0);
		assert_int_equal(ram, cases[i].ram);
	}
}

/* No region: what was asked for, and what the kernel said to it. */
static void crash_kernel_failed(void **state)
{
	static const struct {
		const char *log, *said;
	} cases[] = {
		{ "<6>[    0.000000] Command line: crashkernel=1G@1G failed\n"
		  "<6>[    0.004000] crashkernel reservation failed - memory is in use.\n",
		  "crashkernel reservation failed - memory is in use." },
		{ "[    0.0] crashkernel reservation failed - No suitable area found.\n",
		  "crashkernel reservation failed - No suitable area found." },
		{ "<4>[    0.010000] cannot allocate crashkernel (size:0x40000000)\n",
		  "cannot allocate crashkernel (size:0x40000000)" },
		{ "<4>crashkernel: Memory value expected",
		  "crashkernel: Memory value expected" },
		{ "<6>[    0.0] Ignoring crashkernel for a Xen PV domain\n",
		  "Ignoring crashkernel for a Xen PV domain" },
		/* what a user wrote, what went well, what is about others */
		{ "<12>[    9.0] crashkernel reservation failed\n", NULL },
		{ "<6>[    0.0] crashkernel reserved: 0x1 - 0x2 (128 MB)\n",
		  NULL },
		{ "<6>[    0.0] Reserving 128MB of memory at 832MB for crashkernel\n",
		  NULL },
		{ "<4>[    1.0] ata1: failed to resume link\n", NULL },
		{ "", NULL }, { "<", NULL }, { "[", NULL }, { "<6>[", NULL },
	};
	char said[HO_WHERE_BYTES];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		assert_int_equal(crashkernel_complaint(cases[i].log, said,
						       sizeof(said)),
				 !!cases[i].said);
		if (cases[i].said)
			assert_string_equal(said, cases[i].said);
	}
}

static void no_region_why(void **state)
{
	static const struct {
		const char *cmdline, *log, *where;
	} cases[] = {
		{ "quiet xcrashkernel=1G", "", "no crashkernel= on" },
		{ "crashkernel=1G@1G", "", "nothing for crashkernel=1G@1G" },
		{ "crashkernel=64M quiet crashkernel=1G@1G\n",
		  "<6>[    0.0] crashkernel reservation failed - memory is in use.\n",
		  "crashkernel=1G@1G failed: crashkernel reservation failed - memory is in use." },
	};
	struct range r;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		diag_init(&diag, HO_STAGE_LOADER);
		assert_int_equal(crashkernel_region_of(&r, file_of(NO_CRASH),
						       cases[i].cmdline,
						       cases[i].log, &diag),
				 -HO_ENOREGION);
		assert_non_null(strstr(diag.items[0].where, cases[i].where));
	}
	/* a place is what KASLR takes: none is advised */
	assert_non_null(strstr(error_remedy(HO_ENOREGION), "crashkernel=SIZE"));
	assert_null(strstr(error_remedy(HO_ENOREGION), "M@"));
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(crash_kernel), T(iomem_hidden), T(iomem_ram),
		T(crash_kernel_failed), T(no_region_why),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
