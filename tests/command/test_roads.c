// SPDX-License-Identifier: MIT
/*
 * test_roads.c - roads by which memory that is kept could become RAM of the next
 * instance, closed or refused while the guest runs; on a host that is made up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "fakelibs.h"
#include "fakerun.h"
#include "util.h"

#define MFN	0x20000ull		/* 512 MiB */
#define DRIVERS	0x140000ull		/* 5 GiB */
#define CEDT	"/sys/firmware/acpi/tables/CEDT"

static int collect(pid_t guest)
{
	return baton("collect --pid %d --map memfd:guest --name one -o %s",
		     (int)guest, fake_path("/lu"));
}

static int pack(const char *cmdline, const char *more)
{
	return baton("pack --stream %s --kernel %s --initrd %s --cmdline '%s' %s -o %s",
		     fake_path("/lu"), fake_path("/boot/vmlinuz"),
		     fake_path("/boot/initrd.img"), cmdline, more,
		     fake_path("/blob"));
}

static int setup(void **state)
{
	fake_begin(state);
	expect_ok(collect(fake_process(MFN, 16)));
	return 0;
}

/* RAM of virtio-mem or kmem: its driver has it back at its next start. */
static void driver_ram(void **state)
{
	static const char *const names[] = {
		"System RAM (virtio_mem)", "System RAM (kmem)",
	};
	pid_t there = fake_process(DRIVERS, 16), here = fake_process(MFN, 16);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(names); i++) {
		fake_put("/proc/iomem", "00001000-0009fbff : System RAM\n"
			 "00100000-3fffffff : System RAM\n"
			 "  10000000-17ffffff : Crash kernel\n"
			 "140000000-14fffffff : Persistent Memory\n"
			 "  140000000-147ffffff : %s\n", names[i]);
		expect_refusal(collect(there), HO_EDRIVERRAM);
		assert_non_null(strstr(baton_complained(), "0x140000000"));
		expect_refusal(baton("upgrade --pid %d --map memfd:guest --name one --kernel %s --initrd %s --cmdline x --policy halt",
				     (int)there, fake_path("/boot/vmlinuz"),
				     fake_path("/boot/initrd.img")),
			       HO_EDRIVERRAM);
		assert_null(strstr(baton_complained(), "pausing"));
		assert_false(fake_is_stopped(there));
		expect_ok(collect(here));
	}
}

static void words_that_add(void **state)
{
	(void)state;
	expect_refusal(pack("quiet memmap=exactmap", ""), HO_EADDSRAM);
	expect_refusal(pack("memmap=64M@0x30000000", ""), HO_EADDSRAM);
	expect_refusal(pack("x memmap=64K$0x2000000,1G%1G-2+1", ""),
		       HO_EADDSRAM);
	expect_refusal(pack("quiet", "--policy fallback --fallback-kernel /boot/vmlinuz --fallback-initrd none --fallback-cmdline memmap=exactmap"),
		       HO_EADDSRAM);
	expect_refusal(baton("pack --cold --kernel %s --initrd %s --cmdline memmap=exactmap -o %s",
			     fake_path("/boot/vmlinuz"),
			     fake_path("/boot/initrd.img"), fake_path("/blob")),
		       HO_EADDSRAM);
	expect_ok(pack("quiet memmap=64K$0x2000000", ""));
}

/* One window of 256 MiB. */
static void put_cedt(uint64_t base)
{
	struct {
		char signature[4];
		uint32_t length;
		uint8_t header[28];
		uint16_t type, bytes;
		uint32_t zero;
		uint64_t base, size;
		uint8_t rest[16];
	} __attribute__((packed)) t = {
		.signature = "CEDT", .length = sizeof(t), .type = 1,
		.bytes = 40, .base = base, .size = 256 << 20,
	};

	fake_put_bytes(CEDT, &t, sizeof(t));
}

/* How often the blob has a text. */
static int count(const char *text)
{
	struct diag_log diag;
	struct mapped m;
	const char *at;
	int n = 0;

	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(mapped_open(&m, fake_path("/blob"), HO_EFILE, &diag),
			 0);
	at = (const char *)m.bytes;
	while ((at = memmem(at, (const char *)m.bytes + m.length - at, text,
			    strlen(text)))) {
		n++;
		at++;
	}
	mapped_close(&m);
	return n;
}

#define HALT	"--policy halt"
#define FALLBACK "--policy fallback --fallback-kernel %s --fallback-initrd none --fallback-cmdline y --region 256M+128M"

static void cxl_memory(void **state)
{
	char fallback[512];

	(void)state;
	snprintf(fallback, sizeof(fallback), FALLBACK,
		 fake_path("/boot/vmlinuz"));
	expect_ok(pack("quiet", fallback));
	assert_int_equal(count("cxl_acpi"), 0);
	put_cedt(5ull << 30);			/* no RAM of the firmware */
	expect_ok(pack("quiet", fallback));
	assert_int_equal(count("cxl_acpi"), 0);
	put_cedt(512 << 20);
	expect_ok(pack("quiet", fallback));
	assert_int_equal(count("quiet module_blacklist=cxl_acpi initcall_blacklist=cxl_acpi_init,cxl_acpi_driver_init"), 1);
	/* in the blob, and in the tree of its own */
	assert_int_equal(count("y module_blacklist=cxl_acpi "), 2);
	/* Linux takes the last word of the name alone */
	expect_ok(pack("module_blacklist=a module_blacklist=b,c quiet", HALT));
	assert_int_equal(count("quiet module_blacklist=b,c,cxl_acpi "), 1);
	expect_ok(pack("module_blacklist=a,cxl_acpi quiet initcall_blacklist=cxl_acpi_init,cxl_acpi_driver_init", HALT));
	assert_int_equal(count("cxl_acpi"), 3);
	expect_ok(pack("", HALT));
	assert_int_equal(count("module_blacklist=cxl_acpi "), 1);
	fake_put(CEDT, "CEDT, damaged");
	expect_ok(pack("quiet", ""));
	assert_int_equal(count("cxl_acpi"), 0);
}

/* A guest of Hyper-V as host: its hypervisor adds memory where it likes. */
static void hyper_v(void **state)
{
	char fallback[512];

	(void)state;
	snprintf(fallback, sizeof(fallback), FALLBACK,
		 fake_path("/boot/vmlinuz"));
	expect_ok(pack("quiet", fallback));
	assert_int_equal(count("hv_balloon"), 0);
	fake_put("/sys/bus/vmbus/drivers_probe", "%s", "");
	expect_ok(pack("hv_balloon.hot_add=1", fallback));
	assert_int_equal(count("hv_balloon.hot_add=1 hv_balloon.hot_add=0"), 1);
	/* in the blob, and in the tree of its own */
	assert_int_equal(count("y hv_balloon.hot_add=0"), 2);
	put_cedt(512 << 20);
	expect_ok(pack("quiet", fallback));
	assert_int_equal(count("quiet module_blacklist=cxl_acpi "), 1);
	assert_int_equal(count("hv_balloon.hot_add=0"), 3);
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(driver_ram), WITH(words_that_add), WITH(cxl_memory),
		WITH(hyper_v),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
