// SPDX-License-Identifier: MIT
/*
 * test_bootparams_read.c - the zero page at the door: a good one, a kexec's,
 * and a bad one per check.
 */
#include "bootparams_read.h"
#include "cmocka_all.h"
#include "testdoor.h"

static void zero_page(void **state)
{
	(void)state;
	door_put_zero();
	assert_int_equal(door_read_zero(), 0);
	door_blob_is(0x130000000, 0x130005000);
	assert_int_equal(facts.rsdp, 0xf59d0);
	assert_int_equal(facts.efi.system_table, 0x7f000000);
	assert_int_equal(facts.efi_map.end, 0x7e000000 + 480);
	assert_int_equal(facts.efi.desc_size, 48);
	assert_true(door_took(ARENA, ARENA + 4096));
	assert_true(door_took(0x9000, 0x9800));
	assert_true(door_took(0x7e000000, 0x7e000000 + 480));
	assert_true(door_took(ARENA + 0x2000, ARENA + 0x2000 + 16 + 45));
	assert_true(door_took(ARENA + 0x3000, ARENA + 0x3000 + 16 + 100));
	assert_int_equal(map.raw_count, 3);	/* neighbours are one */
	assert_int_equal(map.raw[1].place.end, 65 * MIB);
	memcpy(arena + 0x1c0, "EL32", 4);
	assert_int_equal(door_read_zero(), 0);
	assert_int_equal(facts.efi.system_table, 0);
	arena[0x1e8] = 255;		/* 128 are all there can be */
	assert_int_equal(door_read_zero(), 0);
}

/* A kexec's: the firmware is in virtual mode. */
static void zero_page_of_kexec(void **state)
{
	(void)state;
	door_put_zero();
	put32(0x3008, 4);		/* SETUP_EFI */
	put64(0x3010, 0x7f5eba98);
	put64(0x3020, 0x7f5ead98);
	put64(0x3028, 0x7f5e8000);
	assert_int_equal(door_read_zero(), 0);
	assert_true(facts.efi.virtual_mode && facts.efi.runtime_only);
	assert_int_equal(facts.efi.fw_vendor, 0x7f5eba98);
	assert_int_equal(facts.efi.config_table, 0x7f5ead98);
	assert_int_equal(facts.efi.smbios, 0x7f5e8000);
	put64(0x3028, ~0ull);		/* SMBIOS 3 alone: Linux's word for none */
	assert_int_equal(door_read_zero(), 0);
	assert_int_equal(facts.efi.smbios, 0);
	put64(0x3020, 0);		/* of no use */
	assert_int_equal(door_read_zero(), 0);
	assert_int_equal(facts.efi.system_table, 0);
	put64(0x3020, 0x7f5ead98);
	put32(0x300c, 95);		/* too short: not that */
	assert_int_equal(door_read_zero(), 0);
	assert_false(facts.efi.virtual_mode);
}

static void zero_page_refused(void **state)
{
	(void)state;
	door_put_zero();
	assert_int_equal(bootparams_read(&facts, &map, &nowhere, ARENA,
					 &diag), -HO_EDOOR);
	put64(0x3000, ARENA + 0x2000);	/* a ring */
	assert_int_equal(door_read_zero(), -HO_EDOOR);
	put64(0x3000, ARENA + ARENA_BYTES - 8);
	assert_int_equal(door_read_zero(), -HO_EDOOR);
	put64(0x3000, 0);
	put32(0x300c, ARENA_BYTES);
	assert_int_equal(door_read_zero(), -HO_EDOOR);
	put32(0x300c, 0);
	put32(0x1dc, 0xffffffff);	/* EFI map beyond the last address */
	put32(0x1d0, 0xffffffff);
	assert_int_equal(door_read_zero(), -HO_EDOOR);
	put32(0x1dc, 0);
	put64(0x2d8, ~0ull);		/* an entry that wraps */
	put64(0x2d0, MIB);
	assert_int_equal(door_read_zero(), -HO_EMEMORY);
}

#define T(f) cmocka_unit_test_setup(f, door_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(zero_page), T(zero_page_of_kexec), T(zero_page_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
