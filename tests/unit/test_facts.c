// SPDX-License-Identifier: MIT
/*
 * test_facts.c - what is made of what a door has read: the RSDP, what is taken,
 * EFI's memory map, and the screen that goes on.
 */
#include "cmocka_all.h"
#include "testdoor.h"

static struct diag_log left_out;

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
	put64(0x1000 + 112, ARENA + ARENA_BYTES - 47);
	assert_int_equal(find(), 0);
	assert_int_equal(facts.rsdp, 0);
	facts.efi.system_table = ARENA + ARENA_BYTES - 119;
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

	for (i = 0; i < ARRAY_COUNT(d); i++)
		door_put_efi(0x3000 + 48 * i, d[i].type, d[i].start,
			     d[i].pages, d[i].attribute);
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

/* What is passed on of it, what is no RAM, and what is no place for a region.
 */
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
	facts.efi_map.end = ARENA + ARENA_BYTES + 1;
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
		door_put_efi(0x3000 + 48 * i, EFI_RUNTIME_DATA, 5 * MIB, 1,
			     EFI_ATTRIBUTE_RUNTIME);
	leaves_out("of 32768 at most");
	/* a BIOS host: nothing is missing */
	facts = (struct facts){ 0 };
	assert_int_equal(take_efi(), 0);
	assert_int_equal(left_out.total, 0);
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
	door_add_map();
	at = door_add_screen(0xb8000, 160, 80, 25, 16 | 2 << 8, 0);
	assert_int_equal(door_read_mb2(), 0);
	assert_int_equal(shown(low)->vga_text.columns, 80);
	assert_int_equal(shown(low)->vga_text.lines, 25);
	assert_int_equal(shown(low)->vga_text.points, 16);
	assert_null(shown(low)->screen_info);
	assert_int_equal(shown(all_low)->vga_text.columns, 0);
	put32(at + 16, 256 + 25);
	assert_int_equal(door_read_mb2(), 0);
	assert_int_equal(shown(low)->vga_text.columns, 0);
	door_setup(NULL);
	door_put_zero();
	arena[0x06] = 3;
	arena[0x07] = 80;
	arena[0x0e] = 50;
	arena[0x0f] = 1;
	arena[0x10] = 8;
	assert_int_equal(door_read_zero(), 0);
	assert_int_equal(shown(low)->vga_text.lines, 50);
	arena[0x06] = 0x12;		/* graphics */
	assert_int_equal(door_read_zero(), 0);
	assert_int_equal(shown(low)->vga_text.columns, 0);
	arena[0x06] = 3;
	arena[0x0f] = 0;		/* no VGA */
	assert_int_equal(door_read_zero(), 0);
	assert_int_equal(shown(low)->vga_text.columns, 0);
}

#define T(f) cmocka_unit_test_setup(f, door_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rsdp_by_efi), T(rsdp_by_copy), T(too_many_taken),
		T(efi_memory), T(efi_left_out), T(text_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
