// SPDX-License-Identifier: MIT
/*
 * cmdline.c - see cmdline.h.
 */
#include "cmdline.h"

#include <string.h>

#define BLANKS " \n"

const char *cmdline_value(const char *line, const char *name, size_t *length)
{
	const char *at = line, *found = NULL;
	size_t prefix = strlen(name), word;

	*length = 0;
	while (*(at += strspn(at, BLANKS))) {
		word = strcspn(at, BLANKS);
		if (!strncmp(at, name, prefix)) {
			found = at + prefix;
			*length = word - prefix;
		}
		at += word;
	}
	return found;
}
