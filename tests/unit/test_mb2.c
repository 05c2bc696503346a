// SPDX-License-Identifier: MIT
/*
 * test_mb2.c - multiboot2: a hand-made ELF of either class, every header tag,
 * and a bad image per check.
 */
#include <elf.h>

#include "cmocka_all.h"
#include "mb2.h"

#define GIB4		(1ull << 32)
#define MB2_MAGIC	0xe85250d6
#define HEADER_AT	0x200
#define PHDRS_AT	0x40
#define IMAGE_BYTES	0x3000

static uint8_t image[64 * 1024];
static uint32_t header_at, header_end;
static struct diag_log diag;
static struct mb2_image mb2;

static void put32(uint32_t offset, uint32_t v)
{
	memcpy(image + offset, &v, sizeof(v));
}

/* Length and checksum over what the header has so far. */
static void seal_header(void)
{
	uint32_t bytes = header_end - header_at;

	put32(header_at, MB2_MAGIC);
	put32(header_at + 4, 0);
	put32(header_at + 8, bytes);
	put32(header_at + 12, -(MB2_MAGIC + bytes));
}

static void begin_header(uint32_t at)
{
	memset(image + header_at, 0, header_end - header_at);
	header_at = at;
	header_end = at + 16;
}

static void add_tag(uint16_t type, uint16_t flags, const uint32_t *body,
		    uint32_t words)
{
	put32(header_end, type | (uint32_t)flags << 16);
	put32(header_end + 4, 8 + 4 * words);
	if (words)
		memcpy(image + header_end + 8, body, 4 * words);
	header_end += 8 + 4 * words;
	header_end += -header_end % 8;
}

static void end_header(void)
{
	add_tag(0, 0, NULL, 0);
	seal_header();
}

static void one_tag(uint16_t type, uint16_t flags, const uint32_t *body,
		    uint32_t words)
{
	begin_header(HEADER_AT);
	add_tag(type, flags, body, words);
	end_header();
}

static void put_ehdr32(uint16_t phnum, uint32_t entry)
{
	Elf32_Ehdr e = {
		.e_type = ET_EXEC, .e_machine = EM_386, .e_version = 1,
		.e_entry = entry, .e_phoff = PHDRS_AT, .e_phnum = phnum,
		.e_ehsize = sizeof(e), .e_phentsize = sizeof(Elf32_Phdr),
	};

	memcpy(e.e_ident, ELFMAG "\1\1\1", 7);
	memcpy(image, &e, sizeof(e));
}

static void put_phdr32(uint32_t i, uint32_t paddr, uint32_t offset,
		       uint32_t filesz, uint32_t memsz)
{
	Elf32_Phdr p = {
		.p_type = PT_LOAD, .p_offset = offset, .p_vaddr = paddr,
		.p_paddr = paddr, .p_filesz = filesz, .p_memsz = memsz,
	};

	memcpy(image + PHDRS_AT + i * sizeof(p), &p, sizeof(p));
}

static void put_ehdr64(uint16_t phnum, uint64_t entry)
{
	Elf64_Ehdr e = {
		.e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = 1,
		.e_entry = entry, .e_phoff = PHDRS_AT, .e_phnum = phnum,
		.e_ehsize = sizeof(e), .e_phentsize = sizeof(Elf64_Phdr),
	};

	memcpy(e.e_ident, ELFMAG "\2\1\1", 7);
	memcpy(image, &e, sizeof(e));
}

static void put_phdr64(uint32_t i, uint64_t paddr, uint64_t offset,
		       uint64_t filesz, uint64_t memsz)
{
	Elf64_Phdr p = {
		.p_type = PT_LOAD, .p_offset = offset, .p_vaddr = paddr,
		.p_paddr = paddr, .p_filesz = filesz, .p_memsz = memsz,
	};

	memcpy(image + PHDRS_AT + i * sizeof(p), &p, sizeof(p));
}

/* ELF32, one segment at 1 MiB, an empty multiboot2 header. */
static int setup(void **state)
{
	(void)state;
	memset(image, 0, sizeof(image));
	put_ehdr32(1, 0x100010);
	put_phdr32(0, 0x100000, 0x1000, 0x1000, 0x4000);
	header_at = header_end = HEADER_AT;
	begin_header(HEADER_AT);
	end_header();
	diag_init(&diag, HO_STAGE_PLUG);
	return 0;
}

/* Parse a block of exactly that length, so that ASan sees a byte too far. */
static int parse_bytes(uint64_t length)
{
	uint8_t *exact = malloc(length + !length);
	int rc;

	memcpy(exact, image, length);
	diag_init(&diag, HO_STAGE_PLUG);
	rc = mb2_parse(&mb2, exact, length, &diag);
	free(exact);
	return rc;
}

static void good(void)
{
	assert_int_equal(parse_bytes(IMAGE_BYTES), 0);
	assert_int_equal(diag.total, 0);
}

static void refused(const char *why)
{
	assert_int_equal(parse_bytes(IMAGE_BYTES), -HO_ENOTMB2);
	assert_int_equal(diag.total, 1);
	assert_int_equal(diag.items[0].code, HO_ENOTMB2);
	assert_non_null(strstr(diag.items[0].where, why));
}

static void elf32(void **state)
{
	(void)state;
	good();
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
	put_ehdr64(2, 0x200010);
	put_phdr64(0, 0x200000, 0x1000, 0x1000, 0x1000);
	put_phdr64(1, 0x400000, 0x2000, 0, 0x10000);
	good();
	assert_int_equal(mb2.segment_count, 2);
	assert_int_equal(mb2.link_start, 0x200000);
	assert_int_equal(mb2.link_end, 0x410000);
	assert_int_equal(mb2.entry, 0x200010);
}

static void segments_are_sorted(void **state)
{
	(void)state;
	put_ehdr32(4, 0x300000);
	put_phdr32(0, 0x300000, 0x1000, 0x10, 0x1000);
	put_phdr32(1, 0x100000, 0x2000, 0x10, 0x1000);
	put_phdr32(2, 0x200000, 0x1800, 0x10, 0x1000);
	put_phdr32(3, 0x900000, 0x1800, 0, 0);	/* empty: not counted */
	good();
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
	put_ehdr32(2, 0x100010);
	put_phdr32(1, 0, ~0u, ~0u, ~0u);
	put32(PHDRS_AT + sizeof(Elf32_Phdr), PT_NOTE);
	good();
	assert_int_equal(mb2.segment_count, 1);
}

static void not_an_elf(void **state)
{
	(void)state;
	image[0] = 0;
	refused("not an ELF");
	setup(NULL);
	image[EI_CLASS] = ELFCLASSNONE;
	refused("not an ELF");
	image[EI_CLASS] = 3;
	refused("not an ELF");
	setup(NULL);
	image[EI_DATA] = ELFDATA2MSB;
	refused("not an ELF");
	setup(NULL);
	image[offsetof(Elf32_Ehdr, e_machine)] = EM_X86_64;
	refused("not an ELF");
	setup(NULL);
	image[offsetof(Elf32_Ehdr, e_phentsize)] = sizeof(Elf32_Phdr) - 1;
	refused("not an ELF");
}

static void not_an_elf64(void **state)
{
	(void)state;
	put_ehdr64(1, 0x100000);
	put_phdr64(0, 0x100000, 0, 0, 0x1000);
	image[offsetof(Elf64_Ehdr, e_machine)] = EM_386;
	refused("not an ELF");
	put_ehdr64(1, 0x100000);
	image[offsetof(Elf64_Ehdr, e_phentsize)] = sizeof(Elf64_Phdr) - 1;
	refused("not an ELF");
}

/* Cut anywhere, down to nothing, in both classes: refused or whole. */
static void truncated(void **state)
{
	uint64_t length;

	(void)state;
	for (length = 0; length < 0x2000; length += length < 0x300 ? 1 : 61)
		assert_int_equal(parse_bytes(length), -HO_ENOTMB2);
	assert_int_equal(parse_bytes(0x2000), 0);
	put_ehdr64(1, 0x100000);
	put_phdr64(0, 0x100000, 0x1000, 0x1000, 0x1000);
	for (length = 0; length < 0x2000; length += length < 0x300 ? 1 : 61)
		assert_int_equal(parse_bytes(length), -HO_ENOTMB2);
	assert_int_equal(parse_bytes(0x2000), 0);
}

static void program_headers(void **state)
{
	const Elf32_Off far = 0xfffffff0;

	(void)state;
	put_ehdr32(0, 0x100010);
	refused("program headers");
	put_ehdr32(UINT16_MAX, 0x100010);	/* run past the file */
	refused("program headers");
	put_ehdr32(1, 0x100010);
	memcpy(image + offsetof(Elf32_Ehdr, e_phoff), &far, sizeof(far));
	refused("program headers");
}

static void program_headers_wrap(void **state)
{
	const Elf64_Off far = UINT64_MAX - 8;

	(void)state;
	put_ehdr64(2, 0x100000);
	memcpy(image + offsetof(Elf64_Ehdr, e_phoff), &far, sizeof(far));
	refused("program headers");
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
	put_ehdr64(1, 0x100000);
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		put_phdr64(0, bad[i][0], bad[i][1], bad[i][2], bad[i][3]);
		refused("program headers");
	}
	put_phdr64(0, 0x100000, IMAGE_BYTES, 0, GIB4 - 0x100000);
	good();
	assert_true(mb2.link_end == GIB4);
}

static void overlapping_segments(void **state)
{
	(void)state;
	put_ehdr32(2, 0x100000);
	put_phdr32(0, 0x101000, 0, 0x10, 0x1000);
	put_phdr32(1, 0x100000, 0, 0x10, 0x1001);
	refused("program headers");
	put_phdr32(1, 0x100000, 0, 0x10, 0x1000);
	good();
	put_phdr32(1, 0x101800, 0, 0x10, 0x10);
	refused("program headers");
}

static void number_of_segments(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i <= MB2_SEGMENTS_MAX; i++)
		put_phdr32(i, 0x100000 + 0x1000 * i, 0, 0x10, 0x1000);
	put_ehdr32(MB2_SEGMENTS_MAX, 0x100000);
	begin_header(0x400);
	end_header();
	good();
	assert_int_equal(mb2.segment_count, MB2_SEGMENTS_MAX);
	put_ehdr32(MB2_SEGMENTS_MAX + 1, 0x100000);
	refused("program headers");
}

static void entry_point(void **state)
{
	static const uint32_t bad[] = { 0, 0xfffff, 0x104000, UINT32_MAX };
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		put_ehdr32(1, bad[i]);
		refused("entry point");
	}
	put_ehdr32(1, 0x103fff);
	good();
}

/* Header */

/* Any multiple of 8 whose header still ends inside the first 32 KiB. */
static void place_of_the_header(void **state)
{
	(void)state;
	begin_header(0x7fe8);
	end_header();
	assert_int_equal(parse_bytes(sizeof(image)), 0);
	begin_header(0x7ff0);		/* 8 bytes too far */
	end_header();
	assert_int_equal(parse_bytes(sizeof(image)), -HO_ENOTMB2);
	begin_header(0x8000);
	end_header();
	assert_int_equal(parse_bytes(sizeof(image)), -HO_ENOTMB2);
	begin_header(0x204);
	end_header();
	refused("no multiboot2 header");
}

static void checksum(void **state)
{
	(void)state;
	image[HEADER_AT + 12]++;
	refused("no multiboot2 header");
	/* a stray magic before the real one is stepped over */
	begin_header(0x400);
	end_header();
	put32(HEADER_AT, MB2_MAGIC);
	good();
}

static void architecture(void **state)
{
	(void)state;
	put32(HEADER_AT + 4, 4);	/* MIPS */
	put32(HEADER_AT + 12, -(MB2_MAGIC + 4 + 24));
	refused("no multiboot2 header");
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
		refused("no multiboot2 header");
	}
	put32(HEADER_AT + 8, 16);	/* no end tag */
	put32(HEADER_AT + 12, -(MB2_MAGIC + 16));
	refused("header tag");
}

static void length_of_a_tag(void **state)
{
	static const uint32_t bad[] = { 0, 7, 9 + 16, UINT32_MAX };
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		one_tag(6, 1, NULL, 0);
		put32(HEADER_AT + 20, bad[i]);
		refused("header tag");
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
		one_tag(tags[i].type, 0, body, tags[i].words);
		good();
		one_tag(tags[i].type, 1, body, tags[i].words);
		good();
	}
}

static void information_request(void **state)
{
	static const uint32_t known[] = { 1, 4, 6, 14, 21 };
	static const uint32_t strange[] = { 6, 22 };

	(void)state;
	one_tag(1, 0, known, ARRAY_COUNT(known));
	good();
	one_tag(1, 1, strange, ARRAY_COUNT(strange));
	good();
	one_tag(1, 0, strange, ARRAY_COUNT(strange));
	refused("header tag");
}

static void address_and_unknown_tags(void **state)
{
	static const uint32_t address[4] = { 0x100000, 0x100000, 0, 0 };

	(void)state;
	one_tag(2, 0, address, 4);
	refused("header tag");
	one_tag(2, 1, address, 4);
	good();
	one_tag(11, 0, NULL, 0);
	refused("header tag");
	one_tag(UINT16_MAX, 1, address, 3);
	good();
}

static void entry_tag(void **state)
{
	uint32_t entry = 0x103000;

	(void)state;
	one_tag(3, 0, &entry, 1);
	good();
	assert_int_equal(mb2.entry, 0x103000);
	one_tag(3, 0, NULL, 0);
	refused("header tag");
	entry = 0x104000;
	one_tag(3, 0, &entry, 1);
	refused("entry point");
}

static void relocatable_tag(void **state)
{
	uint32_t body[4] = { 0x200000, 0xffffffff, 0x200000, 2 };

	(void)state;
	one_tag(10, 0, body, 4);
	good();
	assert_true(mb2.relocatable);
	assert_true(mb2.min == 0x200000 && mb2.max == GIB4);
	assert_int_equal(mb2.align, 0x200000);
	body[1] = 0x3fffffff;
	body[2] = 1;
	one_tag(10, 0, body, 4);
	good();
	assert_int_equal(mb2.align, 4096);
	assert_int_equal(mb2.max, 0x40000000);
}

static void bad_relocatable_tag(void **state)
{
	uint32_t body[4] = { 0x200000, 0xffffffff, 0x200000, 2 };

	(void)state;
	one_tag(10, 0, body, 3);
	refused("header tag");
	body[2] = 0;
	one_tag(10, 0, body, 4);
	refused("header tag");
	body[2] = 0x300000;
	one_tag(10, 0, body, 4);
	refused("header tag");
	body[2] = 0x1000;
	body[1] = 0x1fffff;
	one_tag(10, 0, body, 4);
	refused("header tag");
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
	begin_header(HEADER_AT);
	add_tag(1, 0, request, 2);
	add_tag(6, 0, NULL, 0);
	add_tag(10, 1, relocatable, 4);
	add_tag(4, 1, &console, 1);
	add_tag(5, 1, framebuffer, 3);
	add_tag(7, 1, NULL, 0);
	add_tag(9, 1, &efi, 1);
	end_header();
	good();
	assert_true(mb2.relocatable);
	assert_int_equal(mb2.entry, 0x100010);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(elf32), T(elf64), T(segments_are_sorted),
		T(other_program_headers_are_skipped), T(not_an_elf),
		T(not_an_elf64), T(truncated), T(program_headers),
		T(program_headers_wrap), T(bad_segments),
		T(overlapping_segments), T(number_of_segments),
		T(entry_point), T(place_of_the_header), T(checksum),
		T(architecture), T(length_of_the_header), T(length_of_a_tag),
		T(harmless_tags), T(information_request),
		T(address_and_unknown_tags), T(entry_tag),
		T(relocatable_tag), T(bad_relocatable_tag), T(tags_of_xen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
