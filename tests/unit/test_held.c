// SPDX-License-Identifier: MIT
/*
 * test_held.c - facts of the firmware that differ between a blob and the kernel
 * that hands over, each one alone.
 */
#include <stdlib.h>

#include "cmocka_all.h"
#include "held.h"

#define MAP_AT		0x5000

static uint8_t kernel_map[3 * 48], blob_map[2 * 48];
static struct facts facts;
static struct hostmap map;
static struct blob blob;
static struct physmem memory;
static struct diag_log diag;

static void descriptor(uint8_t *at, uint32_t type, uint64_t start)
{
	uint64_t words[5] = { type, start, 0xffffffff00000000 + start, 16,
			      1ull << 63 };

	memcpy(at, words, sizeof(words));
}

static int setup(void **state)
{
	const struct efi efi = {
		.system_table = 0x7f000000, .virtual_mode = true,
		.runtime_only = true, .fw_vendor = 0x7f001000,
		.config_table = 0x7f002000, .smbios = 0x7f003000,
		.secure_boot = 3, .desc_size = 48, .desc_version = 1,
	};
	int i;

	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	facts = (struct facts){ .rsdp = 0, .efi = efi,
		.efi_map = { MAP_AT, MAP_AT + sizeof(kernel_map) } };
	for (i = 0; i < 3; i++)
		descriptor(kernel_map + 48 * i, 5, 0x7e000000 + 0x10000 * i);
	memory = (struct physmem){ MAP_AT, MAP_AT + sizeof(kernel_map),
		(uintptr_t)kernel_map - MAP_AT };
	memcpy(blob_map, kernel_map + 48, sizeof(blob_map));
	memset(&blob, 0, sizeof(blob));
	blob.efi = efi;
	blob.efi.map = blob_map;
	blob.efi.map_bytes = sizeof(blob_map);
	blob.acpi_rsdp = 0x7f010014;
	map.raw_count = 0;
	hostmap_add(&map, 0x100000, 0x7e000000, E820_RAM, &diag);
	hostmap_add(&map, 0x7f010000, 0x7f020000, E820_ACPI, &diag);
	hostmap_add(&map, 0x7f020000, 0x7f030000, E820_RESERVED, &diag);
	return 0;
}

static int check(void)
{
	diag_init(&diag, HO_STAGE_LOADER);
	return held_check(&facts, &map, &memory, &blob, &diag);
}

static void the_same(void **state)
{
	(void)state;
	assert_int_equal(check(), 0);
	blob.acpi_rsdp = 0;
	assert_int_equal(check(), 0);
	/* BIOS: nothing is said of EFI, and kexec names the RSDP */
	setup(NULL);
	memset(&blob.efi, 0, sizeof(blob.efi));
	memset(&facts.efi, 0, sizeof(facts.efi));
	facts.rsdp = blob.acpi_rsdp = 0xf5240;
	assert_int_equal(check(), 0);
}

static void tables(void **state)
{
	uint64_t *const words[] = {
		&blob.efi.system_table, &blob.efi.fw_vendor,
		&blob.efi.config_table, &blob.efi.smbios,
	};
	uint32_t *const halves[] = {
		&blob.efi.secure_boot, &blob.efi.desc_version,
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(words); i++) {
		setup(NULL);
		*words[i] ^= 0x1000;
		assert_int_equal(check(), -HO_EOTHERFACTS);
	}
	for (i = 0; i < ARRAY_COUNT(halves); i++) {
		setup(NULL);
		*halves[i] = 2;
		assert_int_equal(check(), -HO_EOTHERFACTS);
	}
	/* a blob without EFI: its target would not be locked */
	setup(NULL);
	memset(&blob.efi, 0, sizeof(blob.efi));
	assert_int_equal(check(), -HO_EOTHERFACTS);
	setup(NULL);
	memset(&facts.efi, 0, sizeof(facts.efi));
	assert_int_equal(check(), -HO_EOTHERFACTS);
}

static void efi_map(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(blob_map); i++) {
		uint32_t into = i % 48;

		blob_map[i] ^= 1;
		/* padding means nothing */
		assert_int_equal(check(), (into >= 4 && into < 8) ||
				 into >= 40 ? 0 : -HO_EOTHERFACTS);
		blob_map[i] ^= 1;
	}
	memory.end = MAP_AT + 48;	/* the kernel's is out of reach */
	assert_int_equal(check(), -HO_EOTHERFACTS);
}

static void rsdp(void **state)
{
	(void)state;
	blob.acpi_rsdp = 0x200000;		/* RAM */
	assert_int_equal(check(), -HO_EOTHERFACTS);
	blob.acpi_rsdp = 0x7f020000;		/* reserved: perhaps a guest's */
	assert_int_equal(check(), -HO_EOTHERFACTS);
	blob.acpi_rsdp = 0x7f01fff0;		/* over the end */
	assert_int_equal(check(), -HO_EOTHERFACTS);
	blob.acpi_rsdp = ~0ull - 8;
	assert_int_equal(check(), -HO_EOTHERFACTS);
	blob.acpi_rsdp = 0x7f010014;
	facts.rsdp = 0x7f010028;		/* the kernel has another */
	assert_int_equal(check(), -HO_EOTHERFACTS);
}

/* A region would be there, and root's bytes in it. */
static void memory_of_others(void **state)
{
	static const struct range good[] = {
		{ 0x100000, 0x7e000000 }, { 0x7e010000, 0x7e020000 },
		{ 0x7f020000, 0x7f030000 },	/* reserved: perhaps a guest's */
	}, bad[] = {
		{ 0x7f01f000, 0x7f021000 }, { 0x7f000000, 0x7f800000 },
		{ 0x7f030000, 0x7f031000 },	/* NVS */
		{ 0x7e00f000, 0x7e010000 },	/* EFI's data */
		{ 0x7e02f000, 0x7e040000 },	/* EFI's code */
	};
	uint32_t i;

	(void)state;
	descriptor(kernel_map, 6, 0x7e000000);
	descriptor(kernel_map + 48, 4, 0x7e010000);	/* a table in RAM */
	memcpy(blob_map, kernel_map + 48, sizeof(blob_map));
	hostmap_add(&map, 0x7f030000, 0x7f040000, E820_NVS, &diag);
	for (i = 0; i < ARRAY_COUNT(good); i++)
		blob.memory[i] = good[i];
	blob.memory_count = i;
	assert_int_equal(check(), 0);
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		blob.memory[1] = bad[i];
		assert_int_equal(check(), -HO_EOTHERFACTS);
	}
	blob.memory[1] = good[1];
	facts.rsdp = blob.acpi_rsdp = 0x7dfffff0;
	assert_int_equal(check(), -HO_EOTHERFACTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_same, setup),
		cmocka_unit_test_setup(tables, setup),
		cmocka_unit_test_setup(efi_map, setup),
		cmocka_unit_test_setup(rsdp, setup),
		cmocka_unit_test_setup(memory_of_others, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
