/* SPDX-License-Identifier: MIT */
/*
 * testbzimage.h - a kernel for tests: what the reader of bzImages wants to see,
 * and nothing else.
 */
#ifndef TESTS_UNIT_TESTBZIMAGE_H
#define TESTS_UNIT_TESTBZIMAGE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define TEST_BZIMAGE_BYTES	8192

/* Boot protocol 2.15, 64-bit entry, relocatable; 4 MiB to run in, at 16 MiB. */
static inline void test_bzimage(uint8_t k[TEST_BZIMAGE_BYTES])
{
	static const uint32_t init_size = 4 << 20, alignment = 2 << 20;
	static const uint64_t pref_address = 16 << 20;

	memset(k, 0, TEST_BZIMAGE_BYTES);
	k[0x1f1] = 3;
	memcpy(k + 0x1fe, "\x55\xaa\xeb\x6aHdrS\x0f\x02", 10);
	memcpy(k + 0x230, &alignment, 4);
	memcpy(k + 0x234, "\x01\x00\x7f\x00\xff\x07", 6);
	memcpy(k + 0x258, &pref_address, 8);
	memcpy(k + 0x260, &init_size, 4);
}

/* The same, which says what it is: "RELEASE (who@where) VERSION". */
static inline void test_bzimage_of(uint8_t k[TEST_BZIMAGE_BYTES],
				   const char *release, const char *version)
{
	test_bzimage(k);
	k[0x20e] = 0x80;		/* behind the header */
	k[0x20f] = 1;
	sprintf((char *)k + 0x380, "%s (who@where) %s", release, version);
}

#endif /* TESTS_UNIT_TESTBZIMAGE_H */
