// SPDX-License-Identifier: MIT
/*
 * symbols.c - see symbols.h.
 */
#include "symbols.h"

#include "libc.h"

const char *symbol_of(uint64_t offset, uint32_t *into)
{
	const char *name = stub_symbol_names, *found = "?";
	uint32_t i;

	*into = 0;
	for (i = 0; i < stub_symbol_count && stub_symbol_at[i] <= offset;
	     i++) {
		found = name;
		*into = offset - stub_symbol_at[i];
		name += strlen(name) + 1;
	}
	return found;
}
