// SPDX-License-Identifier: MIT
/*
 * number.c - see number.h.
 */
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Digits, behind 0x hexadecimal ones; *text becomes what follows. */
static bool take_number(const char **text, int base, uint64_t *out)
{
	const char *digits = *text;
	char *end;

	if (!strncmp(digits, "0x", 2)) {
		digits += 2;
		base = 16;
	}
	/* strtoull() itself would take blanks and signs */
	if (base == 16 ? !isxdigit((unsigned char)*digits)
		       : !isdigit((unsigned char)*digits))
		return false;
	errno = 0;
	*out = strtoull(digits, &end, base);
	*text = end;
	return !errno;
}

bool number_parse(const char *text, uint64_t min, uint64_t max,
		  uint64_t *out)
{
	uint64_t v;

	if (!take_number(&text, 10, &v) || *text || v < min || v > max)
		return false;
	*out = v;
	return true;
}

bool hex_range_parse(const char *text, uint64_t *start, uint64_t *end)
{
	return take_number(&text, 16, start) && *text++ == '-' &&
	       take_number(&text, 16, end) && !*text;
}

bool parse_bytes(const char *text, uint64_t *out)
{
	unsigned int shift = 0;
	uint64_t v;

	if (!take_number(&text, 10, &v))
		return false;
	switch (*text) {
	case 'K': case 'k': shift = 10; text++; break;
	case 'M': case 'm': shift = 20; text++; break;
	case 'G': case 'g': shift = 30; text++; break;
	case 'T': case 't': shift = 40; text++; break;
	}
	*out = v << shift;
	return !*text && *out >> shift == v;
}

uint64_t number_in(const char *path, uint64_t min, uint64_t max)
{
	uint64_t number = 0;
	char text[32];

	return text_read(path, text, sizeof(text)) &&
	       number_parse(text, min, max, &number) ? number : 0;
}
