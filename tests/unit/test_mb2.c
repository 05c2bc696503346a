// SPDX-License-Identifier: MIT
/*
 * test_mb2.c - a multiboot2 image's header: where it may be, every tag, and a
 * bad one per check.
 */
#include "cmocka_all.h"
#include "testelf.h"

/* Any multiple of 8 whose header still ends inside the first 32 KiB. */
static void place_of_the_header(void **state)
{
	(void)state;
	elf_begin_header(0x7fe8);
	elf_end_header();
	assert_int_equal(elf_parse(sizeof(image)), 0);
	elf_begin_header(0x7ff0);		/* 8 bytes too far */
	elf_end_header();
	assert_int_equal(elf_parse(sizeof(image)), -HO_ENOTMB2);
	elf_begin_header(0x8000);
	elf_end_header();
	assert_int_equal(elf_parse(sizeof(image)), -HO_ENOTMB2);
	elf_begin_header(0x204);
	elf_end_header();
	elf_refused("no multiboot2 header");
}

static void checksum(void **state)
{
	(void)state;
	image[HEADER_AT + 12]++;
	elf_refused("no multiboot2 header");
	/* a stray magic before the real one is stepped over */
	elf_begin_header(0x400);
	elf_end_header();
	put32(HEADER_AT, MB2_MAGIC);
	elf_good();
}

static void architecture(void **state)
{
	(void)state;
	put32(HEADER_AT + 4, 4);	/* MIPS */
	put32(HEADER_AT + 12, -(MB2_MAGIC + 4 + 24));
	elf_refused("no multiboot2 header");
}

static void length_of_the_header(void **state)
{
	static const uint32_t bad[] = { 0, 15, 0x7e01, 0x80000000,
					UINT32_MAX };
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		put32(HEADER_AT + 8, bad[i]);
		put32(HEADER_AT + 12, -(MB2_MAGIC + bad[i]));
		elf_refused("no multiboot2 header");
	}
	put32(HEADER_AT + 8, 16);	/* no end tag */
	put32(HEADER_AT + 12, -(MB2_MAGIC + 16));
	elf_refused("header tag");
}

static void length_of_a_tag(void **state)
{
	static const uint32_t bad[] = { 0, 7, 9 + 16, UINT32_MAX };
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		elf_one_tag(6, 1, NULL, 0);
		put32(HEADER_AT + 20, bad[i]);
		elf_refused("header tag");
	}
}

/* Tags that are taken as they are, whether optional or not. */
static void harmless_tags(void **state)
{
	static const uint32_t body[3] = { 80, 25, 0 };
	static const struct { uint16_t type; uint32_t words; } tags[] = {
		{ 4, 1 }, { 5, 3 }, { 6, 0 }, { 7, 0 }, { 8, 1 }, { 9, 1 },
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(tags); i++) {
		elf_one_tag(tags[i].type, 0, body, tags[i].words);
		elf_good();
		elf_one_tag(tags[i].type, 1, body, tags[i].words);
		elf_good();
	}
}

static void information_request(void **state)
{
	static const uint32_t known[] = { 1, 4, 6, 14, 21 };
	static const uint32_t strange[] = { 6, 22 };

	(void)state;
	elf_one_tag(1, 0, known, ARRAY_COUNT(known));
	elf_good();
	elf_one_tag(1, 1, strange, ARRAY_COUNT(strange));
	elf_good();
	elf_one_tag(1, 0, strange, ARRAY_COUNT(strange));
	elf_refused("header tag");
}

static void address_and_unknown_tags(void **state)
{
	static const uint32_t address[4] = { 0x100000, 0x100000, 0, 0 };

	(void)state;
	elf_one_tag(2, 0, address, 4);
	elf_refused("header tag");
	elf_one_tag(2, 1, address, 4);
	elf_good();
	elf_one_tag(11, 0, NULL, 0);
	elf_refused("header tag");
	elf_one_tag(UINT16_MAX, 1, address, 3);
	elf_good();
}

static void entry_tag(void **state)
{
	uint32_t entry = 0x103000;

	(void)state;
	elf_one_tag(3, 0, &entry, 1);
	elf_good();
	assert_int_equal(mb2.entry, 0x103000);
	elf_one_tag(3, 0, NULL, 0);
	elf_refused("header tag");
	entry = 0x104000;
	elf_one_tag(3, 0, &entry, 1);
	elf_refused("entry point");
}

static void relocatable_tag(void **state)
{
	uint32_t body[4] = { 0x200000, 0xffffffff, 0x200000, 2 };

	(void)state;
	elf_one_tag(10, 0, body, 4);
	elf_good();
	assert_true(mb2.relocatable);
	assert_true(mb2.min == 0x200000 && mb2.max == GIB4);
	assert_int_equal(mb2.align, 0x200000);
	body[1] = 0x3fffffff;
	body[2] = 1;
	elf_one_tag(10, 0, body, 4);
	elf_good();
	assert_int_equal(mb2.align, 4096);
	assert_int_equal(mb2.max, 0x40000000);
}

static void bad_relocatable_tag(void **state)
{
	uint32_t body[4] = { 0x200000, 0xffffffff, 0x200000, 2 };

	(void)state;
	elf_one_tag(10, 0, body, 3);
	elf_refused("header tag");
	body[2] = 0;
	elf_one_tag(10, 0, body, 4);
	elf_refused("header tag");
	body[2] = 0x300000;
	elf_one_tag(10, 0, body, 4);
	elf_refused("header tag");
	body[2] = 0x1000;
	body[1] = 0x1fffff;
	elf_one_tag(10, 0, body, 4);
	elf_refused("header tag");
}

/* What Xen's own header asks for: info request of 4 and 6, module alignment,
 * optional console, framebuffer, EFI entries, relocatable. */
static void tags_of_xen(void **state)
{
	static const uint32_t request[2] = { 4, 6 };
	static const uint32_t framebuffer[3];
	static const uint32_t console = 3, efi = 0x100020;
	static const uint32_t relocatable[4] = { 0x200000, 0xffffffff,
						 0x200000, 2 };

	(void)state;
	elf_begin_header(HEADER_AT);
	elf_add_tag(1, 0, request, 2);
	elf_add_tag(6, 0, NULL, 0);
	elf_add_tag(10, 1, relocatable, 4);
	elf_add_tag(4, 1, &console, 1);
	elf_add_tag(5, 1, framebuffer, 3);
	elf_add_tag(7, 1, NULL, 0);
	elf_add_tag(9, 1, &efi, 1);
	elf_end_header();
	elf_good();
	assert_true(mb2.relocatable);
	assert_int_equal(mb2.entry, 0x100010);
}

#define T(f) cmocka_unit_test_setup(f, elf_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(place_of_the_header), T(checksum), T(architecture),
		T(length_of_the_header), T(length_of_a_tag), T(harmless_tags),
		T(information_request), T(address_and_unknown_tags),
		T(entry_tag), T(relocatable_tag), T(bad_relocatable_tag),
		T(tags_of_xen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
