// SPDX-License-Identifier: MIT
/*
 * testdoor.c - see testdoor.h.
 */
#include "bootparams_read.h"
#include "cmocka_all.h"
#include "mb2_read.h"
#include "testdoor.h"

uint8_t arena[ARENA_BYTES] __attribute__((aligned(4096)));
struct physmem memory;
const struct physmem nowhere;
struct hostmap map;
struct facts facts;
struct diag_log diag;
uint32_t tag_at;

int door_setup(void **state)
{
	(void)state;
	memset(arena, 0, sizeof(arena));
	memory = (struct physmem){ ARENA, ARENA + ARENA_BYTES,
				   (uintptr_t)arena - ARENA };
	diag_init(&diag, HO_STAGE_LOADER);
	map.raw_count = 0;
	tag_at = 8;
	return 0;
}

bool door_took(uint64_t start, uint64_t end)
{
	uint32_t i;

	for (i = 0; i < facts.taken_count; i++)
		if (facts.taken[i].start == start &&
		    facts.taken[i].end == end)
			return true;
	return false;
}

void door_blob_is(uint64_t start, uint64_t end)
{
	assert_int_equal(facts.blob.start, start);
	assert_int_equal(facts.blob.end, end);
	assert_true(door_took(start, end));
}

int door_read_zero(void)
{
	map.raw_count = 0;
	return bootparams_read(&facts, &map, &memory, ARENA, &diag);
}

void door_put_zero(void)
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

int door_read_mb2(void)
{
	map.raw_count = 0;
	return mb2_info_read(&facts, &map, &memory, ARENA, &diag);
}

uint32_t door_add_tag(uint32_t type, uint32_t bytes)
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

void door_add_map(void)
{
	uint32_t at = door_add_tag(6, 8 + 2 * 24);

	put32(at, 24);
	put_e820(at + 8, 0, 0x9f000, 1);
	put_e820(at + 32, MIB, MIB, 1);
}

uint32_t door_add_screen(uint64_t paddr, uint32_t pitch, uint32_t width,
			 uint32_t height, uint32_t bits_and_kind, uint32_t more)
{
	uint32_t at = door_add_tag(8, 24 + more);

	put64(at, paddr);
	put32(at + 8, pitch);
	put32(at + 12, width);
	put32(at + 16, height);
	put32(at + 20, bits_and_kind);
	return at;
}

void door_put_efi(uint32_t at, uint32_t type, uint64_t start, uint64_t pages,
		  uint64_t attribute)
{
	put32(at, type);
	put64(at + 8, start);
	put64(at + 24, pages);
	put64(at + 32, attribute);
}
