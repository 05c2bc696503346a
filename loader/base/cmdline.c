// SPDX-License-Identifier: MIT
/*
 * cmdline.c - see cmdline.h.
 */
#include "cmdline.h"

#include <string.h>

#include "cmdword.h"

const char *cmdline_value(const char *line, const char *name, size_t *length)
{
	const char *found = NULL;
	size_t prefix = strlen(name);
	struct cmdword w;

	*length = 0;
	while (cmdword_next(&line, &w))
		if (!strncmp(w.at, name, prefix)) {
			found = w.at + prefix;
			*length = w.length - prefix;
		}
	return found;
}
