/* SPDX-License-Identifier: MIT */
/*
 * testwalk.h - for the tests of the pass: a machine, a stream that a test writes,
 * and the pass over it. Included last: its names are short.
 */
#ifndef TESTS_UNIT_TESTWALK_H
#define TESTS_UNIT_TESTWALK_H

#include "testmachine.h"

extern struct machine m;		/* 2 GiB, a region of 16 MiB */
extern struct stream_text s;
extern struct pass pass;
extern const uint64_t word_2m;		/* an extent of 2 MiB */

/* cmocka's, around each test: an empty stream. */
int walk_setup(void **state);
int walk_teardown(void **state);

/* Two good domains; the extents of the first are given. */
void walk_two_domains(const uint64_t *words, uint32_t count, uint64_t frames);
/* The pass over it ends with this code, which is its first; 0: none. */
void walk_expect(int code);

#endif /* TESTS_UNIT_TESTWALK_H */
