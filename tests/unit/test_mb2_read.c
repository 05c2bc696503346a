// SPDX-License-Identifier: MIT
/*
 * test_mb2_read.c - multiboot2's information at the door: a good one, EFI's
 * memory map, a screen, and a bad one per check.
 */
#include "cmocka_all.h"
#include "mb2_read.h"
#include "testdoor.h"

static void add_module(uint32_t start, uint32_t end)
{
	uint32_t at = door_add_tag(3, 8 + 5);

	put32(at, start);
	put32(at + 4, end);
	memcpy(arena + at + 8, "cold", 5);
}

static void multiboot2(void **state)
{
	uint32_t old, new;

	(void)state;
	memcpy(arena + door_add_tag(1, 6), "quiet", 6);
	door_add_map();
	add_module(0x3000, 0x4000);
	put64(door_add_tag(12, 8), 0x17f000000);
	old = door_add_tag(14, 20);
	assert_int_equal(door_read_mb2(), 0);
	door_blob_is(0x3000, 0x4000);
	assert_true(door_took(ARENA, ARENA + tag_at + 8));
	assert_int_equal(map.raw_count, 2);
	assert_int_equal(facts.efi.system_table, 0x17f000000);
	assert_int_equal(facts.rsdp, 0);
	assert_int_equal(facts.rsdp_copy, ARENA + old);
	new = door_add_tag(15, 36);
	door_add_tag(14, 20);
	assert_int_equal(door_read_mb2(), 0);
	assert_int_equal(facts.rsdp_copy, ARENA + new);
}

/* No E820 map: EFI's; and one that is there goes before it. */
static void multiboot2_efi(void **state)
{
	static const uint32_t types[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
					  12, 13, 14, 15, 0x80000000 };
	uint32_t at = door_add_tag(17, 8 + 19 * 48), i;

	(void)state;
	put32(at, 48);
	put32(at + 4, 1);
	for (i = 0; i < 16; i++)
		door_put_efi(at + 8 + 48 * i, types[i], i * 2 * MIB, 256, 8);
	door_put_efi(at + 8 + 48 * 16, 7, 40 * MIB, 256, 8 | 1ull << 63);
	door_put_efi(at + 8 + 48 * 17, 7, 42 * MIB, 256, 8 | 1ull << 18);
	door_put_efi(at + 8 + 48 * 18, 7, 44 * MIB, 256, 1);
	assert_int_equal(door_read_mb2(), 0);
	assert_int_equal(facts.efi_map.start, ARENA + at + 8);
	assert_int_equal(range_bytes(facts.efi_map), 19 * 48);
	assert_int_equal(facts.efi.desc_size, 48);
	assert_int_equal(map.raw_count, 19);
	for (i = 0; i < 19; i++)
		assert_int_equal(map.raw[i].type,
				 i < 4 || i == 6 ? E820_RAM :
				 i == 7 ? E820_UNUSABLE :
				 i == 8 ? E820_ACPI : i == 9 ? E820_NVS :
				 i == 13 ? E820_PMEM :
				 i == 17 ? 0xefffffff : E820_RESERVED);
	/* senseless ones, as some firmware has: they are no memory */
	door_put_efi(at + 8, 7, ~0ull - 4095, 2, 8);
	assert_int_equal(door_read_mb2(), 0);
	assert_int_equal(map.raw_count, 18);
	door_put_efi(at + 8, 7, 0, ~0ull, 8 | 1ull << 63);
	assert_int_equal(door_read_mb2(), 0);
	assert_int_equal(map.raw_count, 18);
	door_add_map();
	assert_int_equal(door_read_mb2(), 0);
	assert_int_equal(map.raw_count, 2);
	put32(at, 39);			/* too short for one: no map */
	put32(tag_at - 56 - 8, 99);	/* ... and tag 6 is another */
	assert_int_equal(door_read_mb2(), 0);
	assert_int_equal(map.raw_count, 0);
}

static uint32_t screen_word(uint32_t at, uint32_t bytes)
{
	uint32_t v = 0;

	memcpy(&v, facts.screen + at, bytes);
	return v;
}

/* 1024x768 of 32 bits; EFI's if there is EFI, wherever its tag stands. */
static void multiboot2_screen(void **state)
{
	uint32_t at;

	(void)state;
	door_add_map();
	at = door_add_screen(0x480000000, 4096, 1024, 768, 32 | 1 << 8, 6);
	memcpy(arena + at + 24, "\x10\x08\x09\x07\x00\x06", 6);
	assert_int_equal(door_read_mb2(), 0);
	assert_true(facts.has_screen);
	assert_int_equal(facts.screen[0x0f], 0x23);
	assert_int_equal(screen_word(0x1c, 4), 48);	/* 64 KiB */
	put64(door_add_tag(12, 8), 0x7f000000);
	assert_int_equal(door_read_mb2(), 0);
	assert_int_equal(facts.screen[0x0f], 0x70);
	assert_int_equal(screen_word(0x12, 2), 1024);
	assert_int_equal(screen_word(0x14, 2), 768);
	assert_int_equal(screen_word(0x16, 2), 32);
	assert_int_equal(screen_word(0x18, 4), 0x80000000);
	assert_int_equal(screen_word(0x3a, 4), 4);
	assert_int_equal(screen_word(0x1c, 4), 4096 * 768);
	assert_int_equal(screen_word(0x24, 2), 4096);
	assert_memory_equal(facts.screen + 0x26, "\x08\x10\x07\x09\x06\x00",
			    6);
	put32(at + 16, 65536);
	assert_int_equal(door_read_mb2(), 0);
	assert_false(facts.has_screen);
	put32(at + 16, 768);
	put32(at + 20, 16 | 3 << 8);	/* something else */
	assert_int_equal(door_read_mb2(), 0);
	assert_false(facts.has_screen);
}

/* One tag more than the good ones, as bad as can be. */
static int with_tag(uint32_t type, uint32_t bytes, uint32_t word)
{
	door_setup(NULL);
	door_add_map();
	put32(door_add_tag(type, bytes), word);
	return door_read_mb2();
}

static void multiboot2_refused(void **state)
{
	(void)state;
	assert_int_equal(mb2_info_read(&facts, &map, &nowhere, ARENA, &diag),
			 -HO_EDOOR);
	assert_int_equal(with_tag(3, 7, 0), -HO_EDOOR);
	assert_int_equal(with_tag(3, 9, 0x1000), -HO_EDOOR);	/* end 0 */
	assert_int_equal(with_tag(6, 7, 24), -HO_EDOOR);
	assert_int_equal(with_tag(6, 8, 23), -HO_EDOOR);
	assert_int_equal(with_tag(6, 8, 24), 0);
	assert_int_equal(with_tag(8, 23, 1), -HO_EDOOR);
	assert_int_equal(with_tag(8, 24, 1), 0);	/* indexed */
	assert_int_equal(with_tag(12, 7, 1), -HO_EDOOR);
	assert_int_equal(with_tag(17, 7, 1), -HO_EDOOR);
	assert_int_equal(with_tag(18, 0, 0), -HO_EDOOR);
	door_setup(NULL);
	door_add_map();
	add_module(0x3000, 0x4000);
	add_module(0x5000, 0x6000);
	assert_int_equal(door_read_mb2(), -HO_EDOOR);
	door_setup(NULL);
	door_add_map();
	put32(12, 7);			/* shorter than its head */
	assert_int_equal(door_read_mb2(), -HO_EDOOR);
	put32(12, ARENA_BYTES);
	assert_int_equal(door_read_mb2(), -HO_EDOOR);
	put32(12, 8 + 8 + 48);
	assert_int_equal(door_read_mb2(), 0);
	put32(0, tag_at + 2);		/* its last tag is cut: kexec-tools */
	assert_int_equal(door_read_mb2(), 0);
	put32(0, tag_at - 1);
	assert_int_equal(door_read_mb2(), -HO_EDOOR);
	put32(0, 7);
	assert_int_equal(door_read_mb2(), -HO_EDOOR);
	put32(0, ARENA_BYTES + 1);
	assert_int_equal(door_read_mb2(), -HO_EDOOR);
	put32(0, 0xffffffff);
	assert_int_equal(door_read_mb2(), -HO_EDOOR);
}

#define T(f) cmocka_unit_test_setup(f, door_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(multiboot2), T(multiboot2_efi), T(multiboot2_screen),
		T(multiboot2_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
