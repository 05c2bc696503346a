/* SPDX-License-Identifier: MIT */
/*
 * pattern.h - what the holder writes and whoever comes later expects: each
 * 8-byte word is a function of its own machine address, so that a page that
 * was moved, swapped with another or copied shows as well as one that was
 * changed.
 */
#ifndef TEST_IMAGES_PATTERN_H
#define TEST_IMAGES_PATTERN_H

#include <stdint.h>

/* The finaliser of MurmurHash3 over the address: every bit depends on all. */
static inline uint64_t pattern(uint64_t paddr)
{
	uint64_t v = paddr ^ 0x6261746f6e000001ull;

	v ^= v >> 33;
	v *= 0xff51afd7ed558ccdull;
	v ^= v >> 33;
	v *= 0xc4ceb9fe1a85ec53ull;
	return v ^ v >> 33;
}

#endif /* TEST_IMAGES_PATTERN_H */
