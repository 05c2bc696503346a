// SPDX-License-Identifier: MIT
/*
 * span.c - see span.h.
 */
#include "span.h"

#include <string.h>

struct span span_of(const void *bytes, uint64_t length)
{
	return (struct span){ .bytes = bytes, .length = length };
}

bool span_read(struct span *s, void *out, uint64_t bytes)
{
	if (bytes > span_left(s))
		return false;
	memcpy(out, s->bytes + s->offset, bytes);
	s->offset += bytes;
	return true;
}

bool span_read_at(const struct span *s, uint64_t offset, void *out,
		  uint64_t bytes)
{
	struct span at = *s;

	return span_skip(&at, offset) && span_read(&at, out, bytes);
}

bool span_skip(struct span *s, uint64_t bytes)
{
	if (bytes > span_left(s))
		return false;
	s->offset += bytes;
	return true;
}

bool span_take(struct span *s, uint64_t bytes, struct span *out)
{
	if (bytes > span_left(s))
		return false;
	*out = span_of(s->bytes + s->offset, bytes);
	s->offset += bytes;
	return true;
}

bool span_le16(struct span *s, uint16_t *out)
{
	return span_read(s, out, sizeof(*out));
}

bool span_le32(struct span *s, uint32_t *out)
{
	return span_read(s, out, sizeof(*out));
}

bool span_le64(struct span *s, uint64_t *out)
{
	return span_read(s, out, sizeof(*out));
}

bool span_be32(struct span *s, uint32_t *out)
{
	if (!span_read(s, out, sizeof(*out)))
		return false;
	*out = __builtin_bswap32(*out);
	return true;
}

bool span_be64(struct span *s, uint64_t *out)
{
	if (!span_read(s, out, sizeof(*out)))
		return false;
	*out = __builtin_bswap64(*out);
	return true;
}

bool bytes_are_zero(const void *bytes, uint64_t length)
{
	const uint8_t *p = bytes;
	uint64_t i;

	for (i = 0; i < length; i++)
		if (p[i])
			return false;
	return true;
}
