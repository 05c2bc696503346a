// SPDX-License-Identifier: MIT
/*
 * prove_maps.c - a line of /proc/PID/maps, whatever stands in it: the path is cut out of
 * the line, and it is the name that was asked for, or ends with it behind a slash.
 *
 * proof:
 * bound: lines of 15 characters, names of 3
 * flags: --unwind 18
 */
#include <string.h>

#include "proof.h"
#include "strcspn.h"

/* ISO C; of " (deleted)", or one letter. */
char *strstr(const char *in, const char *what)
{
	size_t i, j;

	for (i = 0; in[i]; i++) {
		for (j = 0; what[j] && in[i + j] == what[j]; j++)
			;
		if (!what[j])
			return (char *)in + i;
	}
	return NULL;
}

#include "loader/linux/process.c"

int main(void)
{
	uint64_t bytes = any_below(16) + 1, i, last = 0, length = 0;
	char *line = any_bytes(bytes), name[4], *path;
	bool whole, tail;

	line[bytes - 1] = '\0';
	name[3] = '\0';
	path = path_of(line);
	if (!path)
		return 0;
	check(path >= line && path < line + bytes);
	check(*path == '/' || *path == '[' || !*path);
	for (i = 0; path[i]; i++) {
		check(path[i] != '\n');
		last = path[i] == '/' ? i + 1 : last;
	}
	check(path + i < line + bytes);
	if (!path_is(path, name))
		return 0;
	while (name[length])
		length++;
	whole = i == length;
	tail = i - last == length;
	for (i = 0; i < length; i++) {
		whole = whole && name[i] == path[i];
		tail = tail && name[i] == path[last + i];
	}
	check(whole || tail);
	return 0;
}
