// SPDX-License-Identifier: MIT
/*
 * test_mb2_elf.c - a multiboot2 image as an ELF of either class: its segments
 * and entry, and a bad one per check.
 */
#include "cmocka_all.h"
#include "testelf.h"

static void elf32(void **state)
{
	(void)state;
	elf_good();
	assert_int_equal(mb2.segment_count, 1);
	assert_int_equal(mb2.segments[0].file_offset, 0x1000);
	assert_int_equal(mb2.segments[0].file_bytes, 0x1000);
	assert_int_equal(mb2.segments[0].link_paddr, 0x100000);
	assert_int_equal(mb2.segments[0].memory_bytes, 0x4000);
	assert_int_equal(mb2.link_start, 0x100000);
	assert_int_equal(mb2.link_end, 0x104000);
	assert_int_equal(mb2.entry, 0x100010);
	assert_false(mb2.relocatable);
	assert_int_equal(mb2.align, 4096);
}

static void elf64(void **state)
{
	(void)state;
	elf_put_head64(2, 0x200010);
	elf_put_segment64(0, 0x200000, 0x1000, 0x1000, 0x1000);
	elf_put_segment64(1, 0x400000, 0x2000, 0, 0x10000);
	elf_good();
	assert_int_equal(mb2.segment_count, 2);
	assert_int_equal(mb2.link_start, 0x200000);
	assert_int_equal(mb2.link_end, 0x410000);
	assert_int_equal(mb2.entry, 0x200010);
}

static void segments_are_sorted(void **state)
{
	(void)state;
	elf_put_head32(4, 0x300000);
	elf_put_segment32(0, 0x300000, 0x1000, 0x10, 0x1000);
	elf_put_segment32(1, 0x100000, 0x2000, 0x10, 0x1000);
	elf_put_segment32(2, 0x200000, 0x1800, 0x10, 0x1000);
	elf_put_segment32(3, 0x900000, 0x1800, 0, 0);	/* empty: not counted */
	elf_good();
	assert_int_equal(mb2.segment_count, 3);
	assert_int_equal(mb2.segments[0].link_paddr, 0x100000);
	assert_int_equal(mb2.segments[1].link_paddr, 0x200000);
	assert_int_equal(mb2.segments[2].link_paddr, 0x300000);
	assert_int_equal(mb2.segments[1].file_offset, 0x1800);
	assert_int_equal(mb2.link_end, 0x301000);
}

static void other_program_headers_are_skipped(void **state)
{
	(void)state;
	elf_put_head32(2, 0x100010);
	elf_put_segment32(1, 0, ~0u, ~0u, ~0u);
	put32(PHDRS_AT + sizeof(Elf32_Phdr), PT_NOTE);
	elf_good();
	assert_int_equal(mb2.segment_count, 1);
}

static void not_an_elf(void **state)
{
	(void)state;
	image[0] = 0;
	elf_refused("not an ELF");
	elf_setup(NULL);
	image[EI_CLASS] = ELFCLASSNONE;
	elf_refused("not an ELF");
	image[EI_CLASS] = 3;
	elf_refused("not an ELF");
	elf_setup(NULL);
	image[EI_DATA] = ELFDATA2MSB;
	elf_refused("not an ELF");
	elf_setup(NULL);
	image[offsetof(Elf32_Ehdr, e_machine)] = EM_X86_64;
	elf_refused("not an ELF");
	elf_setup(NULL);
	image[offsetof(Elf32_Ehdr, e_phentsize)] = sizeof(Elf32_Phdr) - 1;
	elf_refused("not an ELF");
}

static void not_an_elf64(void **state)
{
	(void)state;
	elf_put_head64(1, 0x100000);
	elf_put_segment64(0, 0x100000, 0, 0, 0x1000);
	image[offsetof(Elf64_Ehdr, e_machine)] = EM_386;
	elf_refused("not an ELF");
	elf_put_head64(1, 0x100000);
	image[offsetof(Elf64_Ehdr, e_phentsize)] = sizeof(Elf64_Phdr) - 1;
	elf_refused("not an ELF");
}

/* Cut anywhere, down to nothing, in both classes: refused or whole. */
static void truncated(void **state)
{
	uint64_t length;

	(void)state;
	for (length = 0; length < 0x2000; length += length < 0x300 ? 1 : 61)
		assert_int_equal(elf_parse(length), -HO_ENOTMB2);
	assert_int_equal(elf_parse(0x2000), 0);
	elf_put_head64(1, 0x100000);
	elf_put_segment64(0, 0x100000, 0x1000, 0x1000, 0x1000);
	for (length = 0; length < 0x2000; length += length < 0x300 ? 1 : 61)
		assert_int_equal(elf_parse(length), -HO_ENOTMB2);
	assert_int_equal(elf_parse(0x2000), 0);
}

static void program_headers(void **state)
{
	const Elf32_Off far = 0xfffffff0;

	(void)state;
	elf_put_head32(0, 0x100010);
	elf_refused("program headers");
	elf_put_head32(UINT16_MAX, 0x100010);	/* run past the file */
	elf_refused("program headers");
	elf_put_head32(1, 0x100010);
	memcpy(image + offsetof(Elf32_Ehdr, e_phoff), &far, sizeof(far));
	elf_refused("program headers");
}

static void program_headers_wrap(void **state)
{
	const Elf64_Off far = UINT64_MAX - 8;

	(void)state;
	elf_put_head64(2, 0x100000);
	memcpy(image + offsetof(Elf64_Ehdr, e_phoff), &far, sizeof(far));
	elf_refused("program headers");
}

static void bad_segments(void **state)
{
	static const uint64_t bad[][4] = {
		/* paddr, offset, filesz, memsz */
		{ 0x100000, IMAGE_BYTES + 1, 0, 0x1000 },
		{ 0x100000, IMAGE_BYTES - 1, 2, 0x1000 },
		{ 0x100000, UINT64_MAX, 2, 0x1000 },
		{ 0x100000, 2, UINT64_MAX, UINT64_MAX },
		{ 0x100000, 0x1000, 0x1001, 0x1000 },
		{ 0x100000, 0, 0x10, UINT64_MAX },
		{ 0x100000, 0, 0x10, GIB4 - 0x100000 + 1 },
		{ GIB4, 0, 0x10, 0x10 },
		{ UINT64_MAX - 0xf, 0, 0x10, 0x10 },
	};
	uint32_t i;

	(void)state;
	elf_put_head64(1, 0x100000);
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		elf_put_segment64(0, bad[i][0], bad[i][1], bad[i][2],
				  bad[i][3]);
		elf_refused("program headers");
	}
	elf_put_segment64(0, 0x100000, IMAGE_BYTES, 0, GIB4 - 0x100000);
	elf_good();
	assert_true(mb2.link_end == GIB4);
}

static void overlapping_segments(void **state)
{
	(void)state;
	elf_put_head32(2, 0x100000);
	elf_put_segment32(0, 0x101000, 0, 0x10, 0x1000);
	elf_put_segment32(1, 0x100000, 0, 0x10, 0x1001);
	elf_refused("program headers");
	elf_put_segment32(1, 0x100000, 0, 0x10, 0x1000);
	elf_good();
	elf_put_segment32(1, 0x101800, 0, 0x10, 0x10);
	elf_refused("program headers");
}

static void number_of_segments(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i <= MB2_SEGMENTS_MAX; i++)
		elf_put_segment32(i, 0x100000 + 0x1000 * i, 0, 0x10, 0x1000);
	elf_put_head32(MB2_SEGMENTS_MAX, 0x100000);
	elf_begin_header(0x400);
	elf_end_header();
	elf_good();
	assert_int_equal(mb2.segment_count, MB2_SEGMENTS_MAX);
	elf_put_head32(MB2_SEGMENTS_MAX + 1, 0x100000);
	elf_refused("program headers");
}

static void entry_point(void **state)
{
	static const uint32_t bad[] = { 0, 0xfffff, 0x104000, UINT32_MAX };
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		elf_put_head32(1, bad[i]);
		elf_refused("entry point");
	}
	elf_put_head32(1, 0x103fff);
	elf_good();
}

#define T(f) cmocka_unit_test_setup(f, elf_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(elf32), T(elf64), T(segments_are_sorted),
		T(other_program_headers_are_skipped), T(not_an_elf),
		T(not_an_elf64), T(truncated), T(program_headers),
		T(program_headers_wrap), T(bad_segments),
		T(overlapping_segments), T(number_of_segments), T(entry_point),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
