/* SPDX-License-Identifier: MIT */
/* testgolden.h - golden files for tests, which are run from the top of the tree. */
#ifndef TESTS_UNIT_TESTGOLDEN_H
#define TESTS_UNIT_TESTGOLDEN_H

#include <stdio.h>

#include "cmocka_all.h"

/* All of handover-abi/golden/NAME, which fits into `room` bytes; its length. */
static inline uint64_t golden_read(const char *name, void *to, uint64_t room)
{
	char path[128];
	uint64_t got;
	FILE *f;

	snprintf(path, sizeof(path), "handover-abi/golden/%s", name);
	f = fopen(path, "rb");
	assert_non_null(f);
	got = fread(to, 1, room, f);
	assert_true(got);
	assert_int_equal(fgetc(f), EOF);
	fclose(f);
	return got;
}

#endif /* TESTS_UNIT_TESTGOLDEN_H */
