/* SPDX-License-Identifier: MIT */
/*
 * placetext.h - places in memory as options and files have them: BASE+SIZE, as
 * in 256M+512M, or SIZE alone.
 */
#ifndef LOADER_PLACETEXT_H
#define LOADER_PLACETEXT_H

#include "types.h"

struct placetext {
	bool has_base;
	uint64_t base;			/* 0 without one */
	uint64_t bytes;			/* never 0 */
};

/* False: something else, or no size. `length` of `text` count. Whether the place
 * ends below 2^64 is for the caller. */
bool placetext_parse(struct placetext *out, const char *text, size_t length);

/* As placetext_parse() reads it; static buffers of the thread, four in turn. */
const char *placetext_of(struct range place);

#endif /* LOADER_PLACETEXT_H */
