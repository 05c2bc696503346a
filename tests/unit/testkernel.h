/* SPDX-License-Identifier: MIT */
/*
 * testkernel.h - a small Linux of two segments with three words that are addresses, and
 * lists of them, packed into a bzImage.
 */
#ifndef TESTS_UNIT_TESTKERNEL_H
#define TESTS_UNIT_TESTKERNEL_H

#include <elf.h>

#include "cmocka_all.h"
#include "testmachine.h"

#define BASE	(16 * MIB)		/* where it is linked to */
#define VIRTUAL	0xffffffff81000000ull
#define ENTRY	0x40			/* from there on, like all that follow */
#define SECOND	(2 * MIB)		/* its second segment */
#define MEMORY	(2 * MIB + 0x5000)	/* what it takes */
/* Its words. */
enum { GROW64 = 0x100, GROW32 = 0x108, SHRINK32 = 0x10c, GROW64_TOO = SECOND + 8 };

/* The ELF file. */
extern struct test_elf {
	Elf64_Ehdr head;
	Elf64_Phdr segments[3];
	uint8_t first[0x200], second[0x20];
	Elf64_Shdr sections[2];
	uint32_t lists[16];
} vmlinux;
extern uint64_t list_words;

#define LISTS(...) do { \
	static const uint32_t words[] = { __VA_ARGS__ }; \
	memcpy(vmlinux.lists, words, sizeof(words)); \
	list_words = ARRAY_COUNT(words); \
} while (0)
#define AT(offset) ((uint32_t)(VIRTUAL + (offset)))

/* `bytes` bytes, 8 at most, as a number. */
void put(uint8_t *at, uint64_t value, size_t bytes);
uint64_t get(const void *at, size_t bytes);

Elf64_Phdr test_segment(uint64_t offset, uint64_t at, uint64_t bytes,
			uint64_t memory);
/* As it should be. */
void test_vmlinux(void);
uint64_t test_vmlinux_bytes(void);

/* The bzImage: setup sectors, code, what is packed, with its size behind it, and
 * code. */
#define SETUP	2048
#define PACKED	(SETUP + 512)
extern uint8_t image[16384];
extern size_t packed_bytes;

/* What packs `vmlinux`, and how many bytes it is then. */
typedef size_t pack_fn(uint8_t *to, size_t room);
extern pack_fn *const ways[5];
pack_fn to_gzip, to_xz, to_lzma, to_lz4, to_zstd;
void make_image(pack_fn *pack);
/* What it says of itself. */
void version_of_image(const char *version);

#endif /* TESTS_UNIT_TESTKERNEL_H */
