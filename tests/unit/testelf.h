/* SPDX-License-Identifier: MIT */
/*
 * testelf.h - for the tests of multiboot2 images: an ELF of either class with a
 * multiboot2 header, made by hand. Included last: its names are short.
 */
#ifndef TESTS_UNIT_TESTELF_H
#define TESTS_UNIT_TESTELF_H

#include <elf.h>
#include <string.h>

#include "mb2.h"

#define GIB4		(1ull << 32)
#define MB2_MAGIC	0xe85250d6
#define HEADER_AT	0x200
#define PHDRS_AT	0x40
#define IMAGE_BYTES	0x3000		/* of those, elf_good() reads so many */
#define IMAGE_ROOM	(64 * 1024)

extern uint8_t image[IMAGE_ROOM];
extern struct mb2_image mb2;		/* what was read of it */
extern struct diag_log diag;

static inline void put32(uint32_t offset, uint32_t v)
{
	memcpy(image + offset, &v, sizeof(v));
}

/* cmocka's setup: ELF32, one segment at 1 MiB, an empty multiboot2 header. */
int elf_setup(void **state);

void elf_put_head32(uint16_t phnum, uint32_t entry);
void elf_put_segment32(uint32_t i, uint32_t paddr, uint32_t offset,
		       uint32_t filesz, uint32_t memsz);
void elf_put_head64(uint16_t phnum, uint64_t entry);
void elf_put_segment64(uint32_t i, uint64_t paddr, uint64_t offset,
		       uint64_t filesz, uint64_t memsz);

/* Another multiboot2 header in place of the one that is there: tags, and the end
 * that seals it; the last one has one tag. */
void elf_begin_header(uint32_t at);
void elf_add_tag(uint16_t type, uint16_t flags, const uint32_t *body,
		 uint32_t words);
void elf_end_header(void);
void elf_one_tag(uint16_t type, uint16_t flags, const uint32_t *body,
		 uint32_t words);

/* Parse a block of exactly that length, so that ASan sees a byte too far. */
int elf_parse(uint64_t length);
/* The first IMAGE_BYTES are read, or refused with this in the reason. */
void elf_good(void);
void elf_refused(const char *why);

#endif /* TESTS_UNIT_TESTELF_H */
