// SPDX-License-Identifier: MIT
/*
 * placetext.c - see placetext.h.
 */
#include "placetext.h"

#include <stdio.h>
#include <string.h>

#include "number.h"
#include "util.h"

bool placetext_parse(struct placetext *out, const char *text, size_t length)
{
	char copy[64], *plus;

	*out = (struct placetext){ 0 };
	if (length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	plus = strchr(copy, '+');
	if (plus) {
		*plus = '\0';
		out->has_base = true;
		if (!parse_bytes(copy, &out->base))
			return false;
	}
	return parse_bytes(plus ? plus + 1 : copy, &out->bytes) &&
	       out->bytes;
}

const char *placetext_of(struct range place)
{
	static __thread char texts[4][48];
	static __thread unsigned int turn;
	char *text = texts[turn++ % 4];

	snprintf(text, sizeof(texts[0]), "0x%llx+0x%llx",
		 (unsigned long long)place.start,
		 (unsigned long long)range_bytes(place));
	return text;
}
