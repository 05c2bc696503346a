// SPDX-License-Identifier: MIT
/*
 * testelf.c - see testelf.h.
 */
#include "cmocka_all.h"
#include "testelf.h"

uint8_t image[IMAGE_ROOM];
struct mb2_image mb2;
struct diag_log diag;
static uint32_t header_at, header_end;

/* Length and checksum over what the header has so far. */
static void seal_header(void)
{
	uint32_t bytes = header_end - header_at;

	put32(header_at, MB2_MAGIC);
	put32(header_at + 4, 0);
	put32(header_at + 8, bytes);
	put32(header_at + 12, -(MB2_MAGIC + bytes));
}

void elf_begin_header(uint32_t at)
{
	memset(image + header_at, 0, header_end - header_at);
	header_at = at;
	header_end = at + 16;
}

void elf_add_tag(uint16_t type, uint16_t flags, const uint32_t *body,
		 uint32_t words)
{
	put32(header_end, type | (uint32_t)flags << 16);
	put32(header_end + 4, 8 + 4 * words);
	if (words)
		memcpy(image + header_end + 8, body, 4 * words);
	header_end += 8 + 4 * words;
	header_end += -header_end % 8;
}

void elf_end_header(void)
{
	elf_add_tag(0, 0, NULL, 0);
	seal_header();
}

void elf_one_tag(uint16_t type, uint16_t flags, const uint32_t *body,
		 uint32_t words)
{
	elf_begin_header(HEADER_AT);
	elf_add_tag(type, flags, body, words);
	elf_end_header();
}

void elf_put_head32(uint16_t phnum, uint32_t entry)
{
	Elf32_Ehdr e = {
		.e_type = ET_EXEC, .e_machine = EM_386, .e_version = 1,
		.e_entry = entry, .e_phoff = PHDRS_AT, .e_phnum = phnum,
		.e_ehsize = sizeof(e), .e_phentsize = sizeof(Elf32_Phdr),
	};

	memcpy(e.e_ident, ELFMAG "\1\1\1", 7);
	memcpy(image, &e, sizeof(e));
}

void elf_put_segment32(uint32_t i, uint32_t paddr, uint32_t offset,
		       uint32_t filesz, uint32_t memsz)
{
	Elf32_Phdr p = {
		.p_type = PT_LOAD, .p_offset = offset, .p_vaddr = paddr,
		.p_paddr = paddr, .p_filesz = filesz, .p_memsz = memsz,
	};

	memcpy(image + PHDRS_AT + i * sizeof(p), &p, sizeof(p));
}

void elf_put_head64(uint16_t phnum, uint64_t entry)
{
	Elf64_Ehdr e = {
		.e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = 1,
		.e_entry = entry, .e_phoff = PHDRS_AT, .e_phnum = phnum,
		.e_ehsize = sizeof(e), .e_phentsize = sizeof(Elf64_Phdr),
	};

	memcpy(e.e_ident, ELFMAG "\2\1\1", 7);
	memcpy(image, &e, sizeof(e));
}

void elf_put_segment64(uint32_t i, uint64_t paddr, uint64_t offset,
		       uint64_t filesz, uint64_t memsz)
{
	Elf64_Phdr p = {
		.p_type = PT_LOAD, .p_offset = offset, .p_vaddr = paddr,
		.p_paddr = paddr, .p_filesz = filesz, .p_memsz = memsz,
	};

	memcpy(image + PHDRS_AT + i * sizeof(p), &p, sizeof(p));
}

int elf_setup(void **state)
{
	(void)state;
	memset(image, 0, sizeof(image));
	elf_put_head32(1, 0x100010);
	elf_put_segment32(0, 0x100000, 0x1000, 0x1000, 0x4000);
	header_at = header_end = HEADER_AT;
	elf_begin_header(HEADER_AT);
	elf_end_header();
	diag_init(&diag, HO_STAGE_PLUG);
	return 0;
}

int elf_parse(uint64_t length)
{
	uint8_t *exact = malloc(length + !length);
	int rc;

	memcpy(exact, image, length);
	diag_init(&diag, HO_STAGE_PLUG);
	rc = mb2_parse(&mb2, exact, length, &diag);
	free(exact);
	return rc;
}

void elf_good(void)
{
	assert_int_equal(elf_parse(IMAGE_BYTES), 0);
	assert_int_equal(diag.total, 0);
}

void elf_refused(const char *why)
{
	assert_int_equal(elf_parse(IMAGE_BYTES), -HO_ENOTMB2);
	assert_int_equal(diag.total, 1);
	assert_int_equal(diag.items[0].code, HO_ENOTMB2);
	assert_non_null(strstr(diag.items[0].where, why));
}
