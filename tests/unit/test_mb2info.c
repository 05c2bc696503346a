// SPDX-License-Identifier: MIT
/*
 * test_mb2info.c - multiboot2's boot information, read back tag by tag.
 */
#include "cmocka_all.h"
#include "mb2.h"

#define GIB4		(1ull << 32)

static struct e820_entry entries[16];
static struct e820_map map = {
	.entries = entries, .capacity = ARRAY_COUNT(entries),
};
static uint64_t info_store[1024];
static uint8_t *const info = (uint8_t *)info_store;

static uint64_t get(const uint8_t *bytes, uint32_t offset, uint32_t count)
{
	uint64_t v = 0;

	memcpy(&v, bytes + offset, count);
	return v;
}

static void add_entry(uint64_t start, uint64_t end, uint32_t type)
{
	entries[map.count++] = (struct e820_entry){ { start, end }, type };
}

static int setup(void **state)
{
	(void)state;
	map.count = 0;
	add_entry(0, 0x9f000, E820_RAM);
	add_entry(0x9f000, 0x100000, E820_RESERVED);
	add_entry(0x100000, 0x40000000, E820_RAM);
	add_entry(0x7ffe0000, 0x80000000, E820_ACPI);
	return 0;
}

/* Write it and check the frame: total, 8-byte steps, the end tag, and that
 * nothing is written behind it. */
static void write_info(const struct mb2_info_input *in)
{
	uint64_t bytes = mb2_info_bytes(in);
	uint32_t at = 8;

	assert_true(bytes + 8 <= sizeof(info_store));
	memset(info, 0xa5, sizeof(info_store));
	mb2_info_fill(info, in);
	assert_int_equal(get(info, 0, 4), bytes);
	assert_int_equal(get(info, 4, 4), 0);
	assert_int_equal(bytes % 8, 0);
	while (get(info, at, 4)) {
		uint32_t tag = get(info, at + 4, 4);

		assert_true(tag >= 8);
		assert_true(bytes_are_zero(info + at + tag, -tag % 8));
		at += tag + -tag % 8;
		assert_true(at + 8 <= bytes);
	}
	assert_int_equal(get(info, at + 4, 4), 8);
	assert_int_equal(at + 8, bytes);
	assert_int_equal(info[bytes], 0xa5);
}

/* The nth tag of a type, NULL: none. */
static const uint8_t *tag(uint32_t type, uint32_t n)
{
	uint32_t at = 8;

	while (get(info, at, 4)) {
		uint32_t bytes = get(info, at + 4, 4);

		if (get(info, at, 4) == type && n-- == 0)
			return info + at;
		at += bytes + -bytes % 8;
	}
	return NULL;
}

static struct mb2_info_input input(void)
{
	return (struct mb2_info_input){
		.cmdline = "console=com1 baton=0x10000000",
		.loader_name = "baton", .map = &map,
	};
}

static void strings(void **state)
{
	struct mb2_info_input in = input();

	(void)state;
	write_info(&in);
	assert_int_equal(get(tag(1, 0), 4, 4), 8 + strlen(in.cmdline) + 1);
	assert_string_equal((const char *)tag(1, 0) + 8, in.cmdline);
	assert_string_equal((const char *)tag(2, 0) + 8, "baton");
	assert_null(tag(1, 1));
	assert_null(tag(3, 0));
	assert_null(tag(21, 0));
}

/* Every remainder of a string's length to the 8-byte steps. */
static void padding(void **state)
{
	struct mb2_info_input in = input();
	char text[20];
	uint32_t length;

	(void)state;
	for (length = 0; length < sizeof(text); length++) {
		memset(text, 'x', length);
		text[length] = '\0';
		in.cmdline = text;
		write_info(&in);
		assert_string_equal((const char *)tag(1, 0) + 8, text);
	}
}

static void modules(void **state)
{
	static const struct mb2_module modules[] = {
		{ 0x1000000, 0x1234567, "dom0" },
		{ 0xfffff000, 0xffffffff, "" },
	};
	struct mb2_info_input in = input();

	(void)state;
	in.module_count = 2;
	in.modules = modules;
	write_info(&in);
	assert_int_equal(get(tag(3, 0), 8, 4), 0x1000000);
	assert_int_equal(get(tag(3, 0), 12, 4), 0x1234567);
	assert_string_equal((const char *)tag(3, 0) + 16, "dom0");
	assert_int_equal(get(tag(3, 0), 4, 4), 16 + 5);
	assert_int_equal(get(tag(3, 1), 8, 4), 0xfffff000);
	assert_int_equal(get(tag(3, 1), 4, 4), 16 + 1);
	assert_null(tag(3, 2));
}

static void load_base(void **state)
{
	struct mb2_info_input in = input();

	(void)state;
	in.relocatable = true;
	in.load_base = 0xfee00000;
	write_info(&in);
	assert_int_equal(get(tag(21, 0), 4, 4), 12);
	assert_int_equal(get(tag(21, 0), 8, 4), 0xfee00000);
}

static void basic_memory(void **state)
{
	struct mb2_info_input in = input();

	(void)state;
	write_info(&in);
	assert_int_equal(get(tag(4, 0), 4, 4), 16);
	assert_int_equal(get(tag(4, 0), 8, 4), 0x9f000 / 1024);
	assert_int_equal(get(tag(4, 0), 12, 4), (0x40000000 - 0x100000) /
			 1024);
	/* 4 TiB do not wrap, and at most 640 KiB are low */
	map.count = 0;
	add_entry(0, GIB4 * 1024, E820_RAM);
	write_info(&in);
	assert_int_equal(get(tag(4, 0), 8, 4), 640);
	assert_int_equal(get(tag(4, 0), 12, 4),
			 (GIB4 * 1024 - 0x100000) / 1024);
	map.count = 0;
	add_entry(0x100000, 0x100000 + GIB4 * 1024 * 2, E820_RAM);
	write_info(&in);
	assert_int_equal(get(tag(4, 0), 8, 4), 0);
	assert_int_equal(get(tag(4, 0), 12, 4), UINT32_MAX);
	map.count = 0;
	write_info(&in);
	assert_true(get(tag(4, 0), 8, 8) == 0);
}

static void map_entry_is(uint32_t i, uint64_t start, uint64_t end,
			 uint32_t type)
{
	const uint8_t *at = tag(6, 0) + 16 + 24 * i;

	assert_true(get(at, 0, 8) == start);
	assert_true(get(at, 8, 8) == end - start);
	assert_int_equal(get(at, 16, 4), type);
	assert_int_equal(get(at, 20, 4), 0);
}

static void map_of_memory(void **state)
{
	struct mb2_info_input in = input();
	uint32_t i;

	(void)state;
	write_info(&in);
	assert_int_equal(get(tag(6, 0), 4, 4), 16 + 24 * 4);
	assert_int_equal(get(tag(6, 0), 8, 4), 24);
	assert_int_equal(get(tag(6, 0), 12, 4), 0);
	for (i = 0; i < 4; i++)
		map_entry_is(i, entries[i].place.start, entries[i].place.end,
			     entries[i].type);
}

static void map_across_4g(void **state)
{
	struct mb2_info_input in = input();

	(void)state;
	map.count = 0;
	add_entry(0xc0000000, GIB4 - 0x1000, E820_RAM);
	add_entry(GIB4 - 0x1000, GIB4 + 0x40000000, E820_RAM);
	add_entry(GIB4 + 0x40000000, GIB4 * 16, E820_RESERVED);
	write_info(&in);
	assert_int_equal(get(tag(6, 0), 4, 4), 16 + 24 * 4);
	map_entry_is(0, 0xc0000000, GIB4 - 0x1000, 1);
	map_entry_is(1, GIB4 - 0x1000, GIB4, 1);
	map_entry_is(2, GIB4, GIB4 + 0x40000000, 1);
	map_entry_is(3, GIB4 + 0x40000000, GIB4 * 16, 2);
}

/* Entries that only touch 4 GiB stay whole. */
static void map_at_4g(void **state)
{
	struct mb2_info_input in = input();

	(void)state;
	map.count = 0;
	add_entry(0x100000, GIB4, E820_RAM);
	add_entry(GIB4, 2 * GIB4, E820_RAM);
	write_info(&in);
	assert_int_equal(get(tag(6, 0), 4, 4), 16 + 24 * 2);
	map_entry_is(0, 0x100000, GIB4, 1);
	map_entry_is(1, GIB4, 2 * GIB4, 1);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(strings), T(padding), T(modules),
		T(load_base), T(basic_memory), T(map_of_memory),
		T(map_across_4g), T(map_at_4g),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
