// SPDX-License-Identifier: MIT
/*
 * prove_iomem.c - a line of /proc/iomem, whatever stands in it: the range has a size,
 * and the name is in the line.
 *
 * proof:
 * bound: lines of 40 characters
 * flags: --unwind 43
 */
#include <stdio.h>
#include <string.h>

#include "proof.h"
#include "strcspn.h"

/* Of two numbers as many as it finds; POSIX. */
static int two_numbers(const char *line, const char *format, uint64_t *a,
		       uint64_t *b)
{
	int found = any_below(4);

	(void)line, (void)format;
	if (found > 0 && found < 3)
		*a = any_u64();
	if (found == 2)
		*b = any_u64();
	return found == 3 ? EOF : found;
}
#define sscanf two_numbers

/* Of " : " alone. */
char *strstr(const char *in, const char *what)
{
	size_t i;

	check(what[0] == ' ' && what[1] == ':' && what[2] == ' ' && !what[3]);
	for (i = 0; in[i]; i++)
		if (in[i] == ' ' && in[i + 1] == ':' && in[i + 2] == ' ')
			return (char *)in + i;
	return NULL;
}

#include "loader/linux/iomem.c"

int main(void)
{
	uint64_t bytes = any_below(41) + 1, i;
	char *line = any_bytes(bytes);
	const char *name = NULL;
	struct range place;

	line[bytes - 1] = '\0';
	if (!parse_line(line, &place, &name))
		return 0;
	check(place.start < place.end);
	check(name > line && name < line + bytes);
	for (i = 0; name[i]; i++)
		check(name[i] != '\n');
	check(name + i < line + bytes);
	return 0;
}
