/* SPDX-License-Identifier: MIT */
/*
 * testdoor.h - for the tests of doors: memory as a boot loader leaves it, what is
 * read of it, and makers of a zero page and of multiboot2's tags. Included last:
 * its names are short.
 */
#ifndef TESTS_UNIT_TESTDOOR_H
#define TESTS_UNIT_TESTDOOR_H

#include <string.h>

#include "facts.h"

#define ARENA		0x100000ull	/* where the machine has it */
#define ARENA_BYTES	0x10000u

extern uint8_t arena[ARENA_BYTES];
extern struct physmem memory;		/* the arena */
extern const struct physmem nowhere;	/* nothing can be read */
extern struct hostmap map;
extern struct facts facts;
extern struct diag_log diag;
extern uint32_t tag_at;			/* where the next tag goes */

static inline void put32(uint32_t at, uint32_t v)
{
	memcpy(arena + at, &v, 4);
}

static inline void put64(uint32_t at, uint64_t v)
{
	memcpy(arena + at, &v, 8);
}

static inline void put_e820(uint32_t at, uint64_t start, uint64_t bytes,
			    uint32_t type)
{
	put64(at, start);
	put64(at + 8, bytes);
	put32(at + 16, type);
}

/* cmocka's setup: an empty arena. */
int door_setup(void **state);
/* Is this range one of those that are taken? */
bool door_took(uint64_t start, uint64_t end);
/* The blob's place, which is taken. */
void door_blob_is(uint64_t start, uint64_t end);

/* A zero page with all that is read of one; put, and read to its result. */
void door_put_zero(void);
int door_read_zero(void);

/* A tag of so many bytes of body; returns where the body begins. */
uint32_t door_add_tag(uint32_t type, uint32_t bytes);
/* That of two ranges of E820. */
void door_add_map(void);
/* That of a screen, to which its kind adds `more` bytes; returns the same. */
uint32_t door_add_screen(uint64_t paddr, uint32_t pitch, uint32_t width,
			 uint32_t height, uint32_t bits_and_kind,
			 uint32_t more);
int door_read_mb2(void);

/* A descriptor of EFI's memory map. */
void door_put_efi(uint32_t at, uint32_t type, uint64_t start, uint64_t pages,
		  uint64_t attribute);

#endif /* TESTS_UNIT_TESTDOOR_H */
