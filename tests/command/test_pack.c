// SPDX-License-Identifier: MIT
/*
 * test_pack.c - pack, and what reads blobs: inspect, check, load; from end to end
 * and refused, on a host that is made up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakelibs.h"
#include "fakerun.h"
#include "handover/entry.h"
#include "testbzimage.h"

#define MFN	0x20000ull		/* 512 MiB */

#define COLD	"--kernel %s --initrd %s --cmdline quiet --cold"
#define REFERENCE "handover-abi/golden/v2-reference.dtb"
#define STUB	"/usr/lib/baton/stub.bin"

static int pack(const char *more)
{
	return baton("pack --stream %s " TARGET " %s -o %s", fake_path("/lu"),
		     FILES, more, fake_path("/blob"));
}

/* A guest, collected and packed. */
static int setup(void **state)
{
	fake_begin(state);
	expect_ok(baton("collect --pid %d --map memfd:guest --name one -o %s",
			(int)fake_process(MFN, 16), fake_path("/lu")));
	expect_ok(pack(""));
	return 0;
}

static void pack_refuses(void **state)
{
	static const struct {
		const char *more;
		int code;
	} cases[] = {
		{ "--policy never", HO_EUSAGE },
		{ "--digest md5", HO_EUSAGE },
		{ "--uart x", HO_EUSAGE },
		{ "--uart 0x10000", HO_EUSAGE },
		{ "--e820-budget 4", HO_EUSAGE },
		{ "--inline-max x", HO_EUSAGE },
		{ "--region 256M", HO_EUSAGE },
		{ "--region 256M+128M,", HO_EUSAGE },
		{ "--target bsd", HO_ETARGET },
		{ "--kernel /nowhere/kernel", HO_EFILE },
		{ "--initrd /nowhere/initrd", HO_EINITRD },
		{ "--stub /nowhere/stub", HO_ESTUB },
		{ "--memory-map /nowhere/map", HO_EFILE },
		{ "--policy fallback --fallback-kernel /nowhere/k", HO_EFILE },
		{ "--policy fallback --fallback-initrd /nowhere/i", HO_EINITRD },
		{ "--region 256M+1M", HO_EREGIONSMALL },
		{ "--region 256M+2M", HO_EREGIONSMALL },
		{ "--stream /nowhere/lu", HO_EFILE },
		{ "--next-region what", HO_EUSAGE },
		{ "more", HO_EUSAGE },
		{ "--what", HO_EUSAGE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		int status = pack(cases[i].more);

		print_message("  %s\n", cases[i].more);
		expect_refusal(status, cases[i].code);
	}
	expect_refusal(baton("pack --kernel x"), HO_EUSAGE);
	expect_ok(pack("--region 8G+128M"));
	expect_refusal(baton("check %s", fake_path("/blob")), HO_EREGIONRAM);
	fake_put("/proc/iomem", "00100000-3fffffff : System RAM\n");
	fake_put("/proc/cmdline", "quiet\n");
	expect_refusal(pack(""), HO_ENOREGION);
}

/* Targets that are not Linux, and their files. */
static void pack_others(void **state)
{
	static const struct {
		const char *options;
		int code;
	} cases[] = {
		{ "--target multiboot2", HO_EUSAGE },
		{ "--target multiboot2 --kernel /nowhere/k", HO_EFILE },
		{ "--target multiboot2 --kernel handover-abi/README.md",
		  HO_ENOTMB2 },
		{ "--target multiboot2 --kernel handover-abi/README.md --module '/nowhere/m x'",
		  HO_EFILE },
		{ "--target multiboot2 --kernel handover-abi/README.md --initrd x",
		  HO_EUSAGE },
		{ "--target xen --kernel handover-abi/README.md", HO_EUSAGE },
		{ "--kernel handover-abi/README.md --initrd none",
		  HO_ENOTBZIMAGE },
		{ "--kernel handover-abi/README.md --module x", HO_EUSAGE },
		{ "--initrd none", HO_EUSAGE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		int status = baton("pack --stream %s --cmdline quiet %s -o %s",
				   fake_path("/lu"), cases[i].options,
				   fake_path("/x"));

		print_message("  %s\n", cases[i].options);
		/* what a file is check looks at */
		if (!status)
			status = baton("check %s", fake_path("/x"));
		expect_refusal(status, cases[i].code);
	}
}

static void pack_multiboot(void **state)
{
	(void)state;
	fake_xen_image("/boot/mb2");
	expect_ok(baton("pack --stream %s --target multiboot2 --kernel %s --module '%s some words' --cmdline quiet -o %s",
			fake_path("/lu"), fake_path("/boot/mb2"),
			fake_path("/boot/initrd.img"), fake_path("/blob")));
	expect_ok(baton("check %s", fake_path("/blob")));
	expect_said(baton("inspect %s", fake_path("/blob")), "multiboot2");
	expect_ok(baton("load %s", fake_path("/blob")));
	assert_int_equal(baton("exec"), FAKE_JUMPED);
}

/* What the firmware has that cannot be used, and RAM that was left out. */
static void odd_host(void **state)
{
	(void)state;
	fake_put("/sys/firmware/acpi/tables/WDAT", "WDAT, but not one");
	fake_put("/proc/cmdline", "quiet crashkernel=128M mem=1G\n");
	fake_put("/proc/iomem",
		 "00001000-0009fbff : System RAM\n"
		 "00100000-2fffffff : System RAM\n"
		 "  10000000-17ffffff : Crash kernel\n");
	expect_ok(pack(""));
	assert_non_null(strstr(baton_complained(), "WDAT"));
	assert_non_null(strstr(baton_complained(), "is not System RAM"));
	expect_ok(baton("check %s", fake_path("/blob")));
	fake_remove("/sys/firmware/memmap");
	expect_refusal(pack(""), HO_EIO);
	expect_refusal(baton("region --advise"), HO_EIO);
}

/* For scripts: the table alone, or why there is none. */
static void inspect_tables(void **state)
{
	char blob[128];

	(void)state;
	snprintf(blob, sizeof(blob), "%s", fake_path("/blob"));
	expect_ok(baton("inspect --columns name,extents,pid -n %s", blob));
	assert_int_equal(strncmp(baton_said(), "one ", 4), 0);
	expect_said(baton("inspect --columns memory --json %s", blob),
		    "\"memory\": 65536");
	expect_refusal(baton("inspect --columns uuid %s", blob), HO_EUSAGE);
	expect_refusal(baton("inspect --columns name --extents %s", blob),
		       HO_EUSAGE);
	expect_refusal(baton("inspect -n --json %s", blob), HO_EUSAGE);
	/* the stream is not in the blob, and its file is gone */
	expect_said(baton("inspect " REFERENCE), "not shown");
	expect_refusal(baton("inspect -n " REFERENCE), HO_EFILE);
	expect_refusal(baton("inspect --columns name --json " REFERENCE),
		       HO_EFILE);
}

static void pack_well(void **state)
{
	static const char *const more[] = {
		"--policy halt", "--policy reset", "--policy fallback,reset",
		"--digest xxh64", "--uart none", "--uart 0x2f8,115200",
		"--e820-budget 3200", "--region 0x10000000+0x8000000",
		"--inline-max 1M", "--next-region 64M",
		"--region 256M+64M,384M+2M",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(more); i++) {
		int status = pack(more[i]);

		print_message("  %s\n", more[i]);
		expect_ok(status);
		expect_ok(baton("inspect %s", fake_path("/blob")));
		expect_ok(baton("inspect --json %s", fake_path("/blob")));
		expect_said(baton("map %s", fake_path("/blob")), "region");
	}
	expect_ok(baton("pack " COLD " --region 64M --policy halt -o %s",
			FILES, fake_path("/cold")));
	expect_refusal(baton("inspect %s", fake_path("/cold")),
		       HO_EBLOBCOMPAT);
	expect_refusal(baton("load %s", fake_path("/cold")), HO_EBLOBCOMPAT);
	expect_refusal(baton("pack " COLD " --policy fallback -o %s",
			     FILES, fake_path("/cold")), HO_EUSAGE);
}

/* How many ranges a kernel of that release is told of. */
static void expect_entries(const char *release, const char *more,
			   const char *entries)
{
	static uint8_t k[TEST_BZIMAGE_BYTES];

	test_bzimage_of(k, release, "#1 SMP");
	fake_put_bytes("/boot/vmlinuz", k, sizeof(k));
	expect_ok(pack(more));
	expect_said(baton("inspect %s", fake_path("/blob")), entries);
}

static void map_entries(void **state)
{
	(void)state;
	expect_entries("6.1.0-50-amd64", "", " 500 map entries");
	expect_entries("6.16.12", "", " 500 map entries");
	expect_entries("6.17.0", "", " 200 map entries");
	expect_entries("10.0.1", "", " 200 map entries");
	expect_entries("7.3.4", "--e820-budget 3200", " 3200 map entries");
	expect_entries("what", "", " 500 map entries");
}

static void files_that_are_not_blobs(void **state)
{
	static const char *const commands[] = { "check", "check --json",
		"inspect", "load" };
	size_t i;

	(void)state;
	fake_put("/rubbish", "this is not a tree");
	for (i = 0; i < ARRAY_COUNT(commands); i++) {
		expect_refusal(baton("%s %s", commands[i],
				     fake_path("/nothing")), HO_EFILE);
		assert_int_not_equal(baton("%s %s", commands[i],
					   fake_path("/rubbish")), 0);
		expect_refusal(baton("%s", commands[i]), HO_EUSAGE);
		expect_refusal(baton("%s --what x", commands[i]), HO_EUSAGE);
	}
	expect_refusal(baton("load --layout x y"), HO_EUSAGE);
	expect_refusal(baton("map %s", fake_path("/nothing")), HO_EFILE);
	expect_refusal(baton("map --what x"), HO_EUSAGE);
	/* others may write it */
	assert_int_equal(chmod(fake_path("/blob"), 0666), 0);
	expect_refusal(baton("load %s", fake_path("/blob")), HO_EOWNER);
	assert_int_equal(chmod(fake_path("/blob"), 0600), 0);
	/* a file of it is another */
	fake_put("/boot/initrd.img", "another one\n");
	expect_refusal(baton("check %s", fake_path("/blob")), HO_EDIGEST);
	expect_refusal(baton("load %s", fake_path("/blob")), HO_EDIGEST);
	assert_false(fake_machine->loaded[0]);
	assert_false(fake_has("/run/baton/loaded.dtb"));
}

/* The stub's header is looked at when it is packed, and once more when it is
 * loaded: then the file may be another. */
static void stub_of_another_version(void **state)
{
	const uint32_t newer[] = { HO_ABI_VERSION + 1, HO_ABI_VERSION };

	(void)state;
	fake_put_at(STUB, offsetof(struct ho_stub_header, compat), &newer[0],
		    4);
	expect_refusal(pack(""), HO_EBLOBVERSION);
	expect_refusal(baton("load %s", fake_path("/blob")), HO_EBLOBVERSION);
	fake_put_at(STUB, offsetof(struct ho_stub_header, compat), &newer[1],
		    4);
	expect_ok(pack(""));
	/* it reads only what is newer than what is written */
	fake_put_at(STUB, offsetof(struct ho_stub_header, abi_min), &newer[0],
		    4);
	expect_refusal(pack(""), HO_EBLOBVERSION);
	fake_put_at(STUB, offsetof(struct ho_stub_header, image_bytes),
		    &newer[0], 4);
	expect_refusal(pack(""), HO_ESTUB);
	fake_put(STUB, "short");
	expect_refusal(pack(""), HO_ESTUB);
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(pack_refuses), WITH(pack_others), WITH(pack_multiboot),
		WITH(odd_host), WITH(pack_well), WITH(map_entries), WITH(inspect_tables),
		WITH(stub_of_another_version),
		WITH(files_that_are_not_blobs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
