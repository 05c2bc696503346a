// SPDX-License-Identifier: MIT
/*
 * test_facts.c - what boot loaders leave at the doors: zero page, multiboot2
 * information, PVH's start info; good ones, and a bad one per check.
 */
#include <stdlib.h>

#include "bootparams_read.h"
#include "cmocka_all.h"
#include "mb2_read.h"
#include "pvh.h"

#define ARENA	0x100000ull
#define BYTES	0x10000u

static uint8_t arena[BYTES] __attribute__((aligned(4096)));
static const struct physmem outside = { 0, 0, 0 };
static struct physmem memory;
static struct hostmap map;
static struct facts facts;
static struct diag_log left_out, diag;
static uint32_t tag_at;

static int setup(void **state)
{
	(void)state;
	memset(arena, 0, sizeof(arena));
	memory = (struct physmem){ ARENA, ARENA + BYTES,
				   (uintptr_t)arena - ARENA };
	diag_init(&diag, HO_STAGE_LOADER);
	map.raw_count = 0;
	tag_at = 8;
	return 0;
}

static void put32(uint32_t at, uint32_t v)
{
	memcpy(arena + at, &v, 4);
}

static void put64(uint32_t at, uint64_t v)
{
	memcpy(arena + at, &v, 8);
}

static void put_e820(uint32_t at, uint64_t start, uint64_t bytes,
		     uint32_t type)
{
	put64(at, start);
	put64(at + 8, bytes);
	put32(at + 16, type);
}

static bool is_taken(uint64_t start, uint64_t end)
{
	uint32_t i;

	for (i = 0; i < facts.taken_count; i++)
		if (facts.taken[i].start == start &&
		    facts.taken[i].end == end)
			return true;
	return false;
}

static void blob_is(uint64_t start, uint64_t end)
{
	assert_int_equal(facts.blob.start, start);
	assert_int_equal(facts.blob.end, end);
	assert_true(is_taken(start, end));
}

/* -- zero page ---------------------------------------------------------- */

static int read_zero(void)
{
	map.raw_count = 0;
	return bootparams_read(&facts, &map, &memory, ARENA, &diag);
}

static void put_zero(void)
{
	arena[0x1e8] = 2;
	put_e820(0x2d0, 0, 0x9fc00, 1);
	put_e820(0x2e4, MIB, 63 * MIB, 1);
	put32(0x218, 0x30000000);	/* ramdisk */
	put32(0x0c0, 1);
	put32(0x21c, 0x5000);
	put64(0x070, 0xf59d0);		/* RSDP */
	put32(0x228, 0x9000);		/* command line */
	memcpy(arena + 0x1c0, "EL64", 4);
	put32(0x1c4, 0x7f000000);	/* system table */
	put32(0x1c8, 48);
	put32(0x1cc, 1);
	put32(0x1d0, 0x7e000000);
	put32(0x1d4, 480);
	put64(0x250, ARENA + 0x2000);	/* setup_data: E820, then another */
	put64(0x2000, ARENA + 0x3000);
	put32(0x2008, 1);
	put32(0x200c, 45);		/* two entries and a bit */
	put_e820(0x2010, 64 * MIB, MIB, 1);
	put_e820(0x2024, 65 * MIB, MIB, 3);
	put32(0x3008, 9);
	put32(0x300c, 100);
}

static void zero_page(void **state)
{
	(void)state;
	put_zero();
	assert_int_equal(read_zero(), 0);
	blob_is(0x130000000, 0x130005000);
	assert_int_equal(facts.rsdp, 0xf59d0);
	assert_int_equal(facts.efi.system_table, 0x7f000000);
	assert_int_equal(facts.efi_map.end, 0x7e000000 + 480);
	assert_int_equal(facts.efi.desc_size, 48);
	assert_true(is_taken(ARENA, ARENA + 4096));
	assert_true(is_taken(0x9000, 0x9800));
	assert_true(is_taken(0x7e000000, 0x7e000000 + 480));
	assert_true(is_taken(ARENA + 0x2000, ARENA + 0x2000 + 16 + 45));
	assert_true(is_taken(ARENA + 0x3000, ARENA + 0x3000 + 16 + 100));
	assert_int_equal(map.raw_count, 3);	/* neighbours are one */
	assert_int_equal(map.raw[1].place.end, 65 * MIB);
	memcpy(arena + 0x1c0, "EL32", 4);
	assert_int_equal(read_zero(), 0);
	assert_int_equal(facts.efi.system_table, 0);
	arena[0x1e8] = 255;		/* 128 are all there can be */
	assert_int_equal(read_zero(), 0);
}

/* A kexec's: the firmware is in virtual mode. */
static void zero_page_of_kexec(void **state)
{
	(void)state;
	put_zero();
	put32(0x3008, 4);		/* SETUP_EFI */
	put64(0x3010, 0x7f5eba98);
	put64(0x3020, 0x7f5ead98);
	put64(0x3028, 0x7f5e8000);
	assert_int_equal(read_zero(), 0);
	assert_true(facts.efi.virtual_mode && facts.efi.runtime_only);
	assert_int_equal(facts.efi.fw_vendor, 0x7f5eba98);
	assert_int_equal(facts.efi.config_table, 0x7f5ead98);
	assert_int_equal(facts.efi.smbios, 0x7f5e8000);
	put64(0x3020, 0);		/* of no use */
	assert_int_equal(read_zero(), 0);
	assert_int_equal(facts.efi.system_table, 0);
	put64(0x3020, 0x7f5ead98);
	put32(0x300c, 95);		/* too short: not that */
	assert_int_equal(read_zero(), 0);
	assert_false(facts.efi.virtual_mode);
}

static void zero_page_refused(void **state)
{
	(void)state;
	put_zero();
	assert_int_equal(bootparams_read(&facts, &map, &outside, ARENA,
					 &diag), -HO_EDOOR);
	put64(0x3000, ARENA + 0x2000);	/* a ring */
	assert_int_equal(read_zero(), -HO_EDOOR);
	put64(0x3000, ARENA + BYTES - 8);
	assert_int_equal(read_zero(), -HO_EDOOR);
	put64(0x3000, 0);
	put32(0x300c, BYTES);
	assert_int_equal(read_zero(), -HO_EDOOR);
	put32(0x300c, 0);
	put32(0x1dc, 0xffffffff);	/* EFI map beyond the last address */
	put32(0x1d0, 0xffffffff);
	assert_int_equal(read_zero(), -HO_EDOOR);
	put32(0x1dc, 0);
	put64(0x2d8, ~0ull);		/* an entry that wraps */
	put64(0x2d0, MIB);
	assert_int_equal(read_zero(), -HO_EMEMORY);
}

/* -- multiboot2 --------------------------------------------------------- */

static int read_mb2(void)
{
	map.raw_count = 0;
	return mb2_info_read(&facts, &map, &memory, ARENA, &diag);
}

/* A tag of so many bytes of body; returns where the body begins. */
static uint32_t add_tag(uint32_t type, uint32_t bytes)
{
	uint32_t body = tag_at + 8;

	put32(tag_at, type);
	put32(tag_at + 4, 8 + bytes);
	tag_at = (body + bytes + 7) & ~7u;
	put32(tag_at, 0);		/* the last one, till there is more */
	put32(tag_at + 4, 8);
	put32(0, tag_at + 8);
	return body;
}

static void add_module(uint32_t start, uint32_t end)
{
	uint32_t at = add_tag(3, 8 + 5);

	put32(at, start);
	put32(at + 4, end);
	memcpy(arena + at + 8, "cold", 5);
}

static void add_map(void)
{
	uint32_t at = add_tag(6, 8 + 2 * 24);

	put32(at, 24);
	put_e820(at + 8, 0, 0x9f000, 1);
	put_e820(at + 32, MIB, MIB, 1);
}

static void multiboot2(void **state)
{
	uint32_t old, new;

	(void)state;
	memcpy(arena + add_tag(1, 6), "quiet", 6);
	add_map();
	add_module(0x3000, 0x4000);
	put64(add_tag(12, 8), 0x17f000000);
	old = add_tag(14, 20);
	assert_int_equal(read_mb2(), 0);
	blob_is(0x3000, 0x4000);
	assert_true(is_taken(ARENA, ARENA + tag_at + 8));
	assert_int_equal(map.raw_count, 2);
	assert_int_equal(facts.efi.system_table, 0x17f000000);
	assert_int_equal(facts.rsdp, 0);
	assert_int_equal(facts.rsdp_copy, ARENA + old);
	new = add_tag(15, 36);
	add_tag(14, 20);
	assert_int_equal(read_mb2(), 0);
	assert_int_equal(facts.rsdp_copy, ARENA + new);
}

static void put_efi(uint32_t at, uint32_t type, uint64_t start,
		    uint64_t pages, uint64_t attribute)
{
	put32(at, type);
	put64(at + 8, start);
	put64(at + 24, pages);
	put64(at + 32, attribute);
}

/* No E820 map: EFI's; and one that is there goes before it. */
static void multiboot2_efi(void **state)
{
	static const uint32_t types[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
					  12, 13, 14, 15, 0x80000000 };
	uint32_t at = add_tag(17, 8 + 19 * 48), i;

	(void)state;
	put32(at, 48);
	put32(at + 4, 1);
	for (i = 0; i < 16; i++)
		put_efi(at + 8 + 48 * i, types[i], i * 2 * MIB, 256, 8);
	put_efi(at + 8 + 48 * 16, 7, 40 * MIB, 256, 8 | 1ull << 63);
	put_efi(at + 8 + 48 * 17, 7, 42 * MIB, 256, 8 | 1ull << 18);
	put_efi(at + 8 + 48 * 18, 7, 44 * MIB, 256, 1);
	assert_int_equal(read_mb2(), 0);
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
	put_efi(at + 8, 7, ~0ull - 4095, 2, 8);
	assert_int_equal(read_mb2(), -HO_EMEMORY);
	put_efi(at + 8, 7, 0, ~0ull, 8);
	assert_int_equal(read_mb2(), -HO_EMEMORY);
	add_map();
	assert_int_equal(read_mb2(), 0);
	assert_int_equal(map.raw_count, 2);
	put32(at, 39);			/* too short for one: no map */
	put32(tag_at - 56 - 8, 99);	/* ... and tag 6 is another */
	assert_int_equal(read_mb2(), 0);
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
	add_map();
	at = add_tag(8, 30);
	put64(at, 0x480000000);
	put32(at + 8, 4096);
	put32(at + 12, 1024);
	put32(at + 16, 768);
	put32(at + 20, 32 | 1 << 8);
	memcpy(arena + at + 24, "\x10\x08\x09\x07\x00\x06", 6);
	assert_int_equal(read_mb2(), 0);
	assert_true(facts.has_screen);
	assert_int_equal(facts.screen[0x0f], 0x23);
	assert_int_equal(screen_word(0x1c, 4), 48);	/* 64 KiB */
	put64(add_tag(12, 8), 0x7f000000);
	assert_int_equal(read_mb2(), 0);
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
	assert_int_equal(read_mb2(), 0);
	assert_false(facts.has_screen);
	put32(at + 16, 768);
	put32(at + 20, 16 | 3 << 8);	/* something else */
	assert_int_equal(read_mb2(), 0);
	assert_false(facts.has_screen);
}

static const struct range low = { 0, 0x9f000 }, all_low = { 0, 0xa1000 };

/* What goes on of the screen in `facts`, on a host with this memory. */
static const struct blob *shown(struct range ram)
{
	static struct blob b;

	b = (struct blob){ .memory_count = 1, .memory = { ram } };
	facts_show_screen(&facts, &b);
	return &b;
}

/* A VGA's text mode, 80x25 by multiboot2, 80x50 by a zero page. */
static void text_mode(void **state)
{
	uint32_t at;

	(void)state;
	add_map();
	at = add_tag(8, 24);
	put64(at, 0xb8000);
	put32(at + 8, 160);
	put32(at + 12, 80);
	put32(at + 16, 25);
	put32(at + 20, 16 | 2 << 8);
	assert_int_equal(read_mb2(), 0);
	assert_int_equal(shown(low)->vga_text.columns, 80);
	assert_int_equal(shown(low)->vga_text.lines, 25);
	assert_int_equal(shown(low)->vga_text.points, 16);
	assert_null(shown(low)->screen_info);
	assert_int_equal(shown(all_low)->vga_text.columns, 0);
	put32(at + 16, 256 + 25);
	assert_int_equal(read_mb2(), 0);
	assert_int_equal(shown(low)->vga_text.columns, 0);
	setup(NULL);
	put_zero();
	arena[0x06] = 3;
	arena[0x07] = 80;
	arena[0x0e] = 50;
	arena[0x0f] = 1;
	arena[0x10] = 8;
	assert_int_equal(read_zero(), 0);
	assert_int_equal(shown(low)->vga_text.lines, 50);
	arena[0x06] = 0x12;		/* graphics */
	assert_int_equal(read_zero(), 0);
	assert_int_equal(shown(low)->vga_text.columns, 0);
	arena[0x06] = 3;
	arena[0x0f] = 0;		/* no VGA */
	assert_int_equal(read_zero(), 0);
	assert_int_equal(shown(low)->vga_text.columns, 0);
}

/* One tag more than the good ones, as bad as can be. */
static int with_tag(uint32_t type, uint32_t bytes, uint32_t word)
{
	setup(NULL);
	add_map();
	put32(add_tag(type, bytes), word);
	return read_mb2();
}

static void multiboot2_refused(void **state)
{
	(void)state;
	assert_int_equal(mb2_info_read(&facts, &map, &outside, ARENA, &diag),
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
	setup(NULL);
	add_map();
	add_module(0x3000, 0x4000);
	add_module(0x5000, 0x6000);
	assert_int_equal(read_mb2(), -HO_EDOOR);
	setup(NULL);
	add_map();
	put32(12, 7);			/* shorter than its head */
	assert_int_equal(read_mb2(), -HO_EDOOR);
	put32(12, BYTES);
	assert_int_equal(read_mb2(), -HO_EDOOR);
	put32(12, 8 + 8 + 48);
	assert_int_equal(read_mb2(), 0);
	put32(0, tag_at + 2);		/* its last tag is cut: kexec-tools */
	assert_int_equal(read_mb2(), 0);
	put32(0, tag_at - 1);
	assert_int_equal(read_mb2(), -HO_EDOOR);
	put32(0, 7);
	assert_int_equal(read_mb2(), -HO_EDOOR);
	put32(0, BYTES + 1);
	assert_int_equal(read_mb2(), -HO_EDOOR);
	put32(0, 0xffffffff);
	assert_int_equal(read_mb2(), -HO_EDOOR);
}

/* -- PVH ---------------------------------------------------------------- */

static int read_pvh(void)
{
	map.raw_count = 0;
	return pvh_read(&facts, &map, &memory, ARENA, &diag);
}

static void put_pvh(void)
{
	put32(0, 0x336ec578);
	put32(4, 1);
	put32(12, 1);
	put64(16, ARENA + 0x100);
	put64(32, 0xf5a80);
	put64(40, ARENA + 0x200);
	put32(48, 2);
	put64(0x100, 0x40000000);
	put64(0x108, 0x12345);
	put_e820(0x200, 0, 0x9fc00, 1);
	put_e820(0x218, MIB, MIB, 1);
}

static void start_info(void **state)
{
	(void)state;
	put_pvh();
	assert_int_equal(read_pvh(), 0);
	blob_is(0x40000000, 0x40012345);
	assert_true(is_taken(ARENA, ARENA + 56));
	assert_true(is_taken(ARENA + 0x100, ARENA + 0x120));
	assert_int_equal(facts.rsdp, 0xf5a80);
	assert_int_equal(map.raw_count, 2);
	put32(12, 0);			/* no module, wherever they were */
	put64(16, 0);
	assert_int_equal(read_pvh(), 0);
	assert_int_equal(range_bytes(facts.blob), 0);
}

static int spoiled_pvh(uint32_t at, uint64_t v)
{
	setup(NULL);
	put_pvh();
	put64(at, v);
	return read_pvh();
}

static void start_info_refused(void **state)
{
	(void)state;
	assert_int_equal(pvh_read(&facts, &map, &outside, ARENA, &diag),
			 -HO_EDOOR);
	assert_int_equal(spoiled_pvh(0, 0x1336ec577), -HO_EDOOR);
	assert_int_equal(spoiled_pvh(4, 0), -HO_EDOOR);
	assert_int_equal(spoiled_pvh(12, 2ull), -HO_EDOOR);	/* at 0 */
	assert_int_equal(spoiled_pvh(16, ARENA + BYTES - 31), -HO_EDOOR);
	assert_int_equal(spoiled_pvh(40, ARENA + BYTES - 47), -HO_EDOOR);
	assert_int_equal(spoiled_pvh(48, 0xffffffff), -HO_EDOOR);
	assert_int_equal(spoiled_pvh(0x100, ~0ull), -HO_EDOOR);
	assert_int_equal(spoiled_pvh(0x200, ~0ull), -HO_EMEMORY);
	setup(NULL);
	put_pvh();
	put32(12, 2);
	put64(0x120, 0x50000000);
	put64(0x128, 1);
	assert_int_equal(read_pvh(), -HO_EDOOR);
}

/* -- the RSDP ----------------------------------------------------------- */

static void put_systab(uint32_t tables)
{
	static const uint8_t acpi20[16] = {
		0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11,
		0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81,
	};

	put64(0x1000 + 104, 2);
	put64(0x1000 + 112, ARENA + tables);
	memcpy(arena + tables + 24, acpi20, 16);
	put64(tables + 40, 0x7f77e014);
}

static int find(void)
{
	map.raw_count = 0;
	facts.rsdp = 0;
	return facts_find_rsdp(&facts, &map, &memory, &diag);
}

static void rsdp_by_efi(void **state)
{
	(void)state;
	facts = (struct facts){ .efi.system_table = ARENA + 0x1000,
				.rsdp_copy = ARENA };
	put_systab(0x2000);
	assert_int_equal(find(), 0);
	assert_int_equal(facts.rsdp, 0x7f77e014);
	assert_int_equal(map.raw_count, 0);
	put64(0x1000 + 104, 1);		/* the other table alone */
	facts.rsdp_copy = 0;
	assert_int_equal(find(), 0);
	assert_int_equal(facts.rsdp, 0);
	put64(0x1000 + 104, 1025);
	assert_int_equal(find(), 0);
	assert_int_equal(facts.rsdp, 0);
	put64(0x1000 + 104, 2);
	put64(0x1000 + 112, ARENA + BYTES - 47);
	assert_int_equal(find(), 0);
	assert_int_equal(facts.rsdp, 0);
	facts.efi.system_table = ARENA + BYTES - 119;
	assert_int_equal(find(), 0);
	assert_int_equal(facts.rsdp, 0);
}

/* What is said goes first; a copy's page is no RAM. */
static void rsdp_by_copy(void **state)
{
	(void)state;
	facts = (struct facts){ .rsdp_copy = 0x4ff0 };
	assert_int_equal(find(), 0);
	assert_int_equal(facts.rsdp, 0x4ff0);
	hostmap_add(&map, 0, MIB, E820_RAM, &diag);
	assert_int_equal(hostmap_settle(&map, &diag), 0);
	assert_int_equal(map.memory_count, 2);
	assert_int_equal(map.memory[0].end, 0x4000);
	assert_int_equal(map.memory[1].start, 0x6000);
	assert_int_equal(map.firmware[0].type, E820_ACPI);
	facts.rsdp = 0xf59d0;
	map.raw_count = 0;
	assert_int_equal(facts_find_rsdp(&facts, &map, &memory, &diag), 0);
	assert_int_equal(facts.rsdp, 0xf59d0);
	assert_int_equal(map.raw_count, 0);
}

static void too_many_taken(void **state)
{
	uint32_t i;

	(void)state;
	facts = (struct facts){ 0 };
	for (i = 0; i < FACTS_TAKEN_MAX; i++)
		assert_int_equal(facts_take(&facts, i, 1, &diag), 0);
	assert_int_equal(facts_take(&facts, 5, 0, &diag), 0);
	assert_int_equal(facts_take(&facts, 5, 1, &diag), -HO_EDOOR);
	facts.taken_count = 0;
	assert_int_equal(facts_take(&facts, ~0ull, 2, &diag), -HO_EDOOR);
}

/* Six descriptors of 48 bytes at ARENA + 0x3000, as GRUB leaves them. */
static void put_efi_map(void)
{
	static const struct { uint64_t type, start, pages, attribute; } d[] = {
		{ EFI_CONVENTIONAL, MIB, 256, 0xf },
		{ EFI_BOOT_CODE, 2 * MIB, 16, 0xf },
		{ EFI_LOADER_DATA, 3 * MIB, 16, 0xf },
		{ EFI_BOOT_DATA, 4 * MIB, 16, 0xf },
		{ EFI_RUNTIME_DATA, 5 * MIB, 16, EFI_ATTRIBUTE_RUNTIME },
		{ EFI_ACPI, 6 * MIB, 16, 0xf },
	};
	uint32_t i;

	for (i = 0; i < ARRAY_COUNT(d); i++) {
		put64(0x3000 + 48 * i, d[i].type);
		put64(0x3000 + 48 * i + 8, d[i].start);
		put64(0x3000 + 48 * i + 24, d[i].pages);
		put64(0x3000 + 48 * i + 32, d[i].attribute);
	}
	facts = (struct facts){
		.efi = { .system_table = ARENA, .desc_size = 48 },
		.efi_map = { ARENA + 0x3000, ARENA + 0x3000 + 6 * 48 },
	};
}

static int take_efi(void)
{
	static uint8_t out[HO_EFI_MAP_BYTES_MAX];

	diag_init(&left_out, HO_STAGE_LOADER);
	return facts_take_efi(&facts, &map, &memory, out, &left_out, &diag);
}

/* What is passed on of it, what is no RAM, and what is no place for a region. */
static void efi_memory(void **state)
{
	(void)state;
	put_efi_map();
	map.raw_count = 0;
	hostmap_add(&map, MIB, 16 * MIB, E820_RAM, &diag);
	assert_int_equal(take_efi(), 0);
	assert_int_equal(efi_count(&facts.efi), 4);
	assert_int_equal(efi_descriptor(&facts.efi, 0).type, EFI_BOOT_CODE);
	assert_int_equal(efi_descriptor(&facts.efi, 2).type,
			 EFI_RUNTIME_DATA);
	assert_int_equal(facts.taken_count, 3);
	assert_int_equal(facts.taken[0].start, 2 * MIB);
	assert_int_equal(facts.taken[2].end, 5 * MIB + 16 * 4096);
	assert_int_equal(hostmap_settle(&map, &diag), 0);
	assert_int_equal(map.memory_count, 2);
	assert_int_equal(map.memory[0].end, 5 * MIB);
	assert_int_equal(efi_check(&facts.efi, map.memory, map.memory_count,
				   &diag), 0);
	/* a kexec's: boot services are over */
	put_efi_map();
	facts.efi.runtime_only = true;
	assert_int_equal(take_efi(), 0);
	assert_int_equal(efi_count(&facts.efi), 1);
	assert_int_equal(facts.taken_count, 1);
	assert_int_equal(left_out.total + diag.total, 0);
}

/* Take what put_efi_map() and the test have made: no EFI, which is no refusal,
 * and the reason is given. */
static void leaves_out(const char *why)
{
	assert_int_equal(take_efi(), 0);
	assert_int_equal(facts.efi.system_table, 0);
	assert_int_equal(facts.taken_count, 0);
	assert_int_equal(diag.total, 0);
	assert_int_equal(left_out.total, 1);
	assert_int_equal(left_out.items[0].code, HO_EEFI);
	assert_non_null(strstr(left_out.items[0].where, why));
	put_efi_map();
}

static void efi_left_out(void **state)
{
	const uint32_t count = HO_EFI_MAP_BYTES_MAX / 48 + 1;
	uint32_t i;

	(void)state;
	put_efi_map();
	facts.efi_map.end = ARENA + BYTES + 1;
	leaves_out("out of reach, at 0x103000..");
	facts.efi_map.end = facts.efi_map.start;
	leaves_out(": 0 bytes, descriptors of 48; 0 to pass on");
	facts.efi.desc_size = 44;
	leaves_out("descriptors of 44");
	put64(0x3000 + 4 * 48 + 8, 5 * MIB + 1);
	leaves_out("entry 2: 0x500001..0x510001 type 6: not a range");
	/* one more than there is room for */
	facts.efi_map.end = facts.efi_map.start + 48 * count;
	for (i = 0; i < count; i++)
		put_efi(0x3000 + 48 * i, EFI_RUNTIME_DATA, 5 * MIB, 1,
			EFI_ATTRIBUTE_RUNTIME);
	leaves_out("of 32768 at most");
	/* a BIOS host: nothing is missing */
	facts = (struct facts){ 0 };
	assert_int_equal(take_efi(), 0);
	assert_int_equal(left_out.total, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(zero_page, setup),
		cmocka_unit_test_setup(zero_page_of_kexec, setup),
		cmocka_unit_test_setup(zero_page_refused, setup),
		cmocka_unit_test_setup(multiboot2, setup),
		cmocka_unit_test_setup(multiboot2_efi, setup),
		cmocka_unit_test_setup(multiboot2_screen, setup),
		cmocka_unit_test_setup(text_mode, setup),
		cmocka_unit_test_setup(multiboot2_refused, setup),
		cmocka_unit_test_setup(start_info, setup),
		cmocka_unit_test_setup(start_info_refused, setup),
		cmocka_unit_test_setup(rsdp_by_efi, setup),
		cmocka_unit_test_setup(rsdp_by_copy, setup),
		cmocka_unit_test_setup(too_many_taken, setup),
		cmocka_unit_test_setup(efi_memory, setup),
		cmocka_unit_test_setup(efi_left_out, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
