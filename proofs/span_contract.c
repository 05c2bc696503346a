// SPDX-License-Identifier: MIT
/*
 * span_contract.c - the cursor, for proofs of what reads by it alone: what span.h
 * promises, and no more. What is read is anything, and nothing is there to be
 * read past it. `span` and `span_numbers` are about the real one.
 */
#include "proof.h"
#include "span.h"

static bool step(struct span *s, uint64_t bytes)
{
	check(s->offset <= s->length);
	if (bytes > span_left(s))
		return false;
	s->offset += bytes;
	return true;
}

struct span span_of(const void *bytes, uint64_t length)
{
	return (struct span){ bytes, length, 0 };
}

bool span_skip(struct span *s, uint64_t bytes)
{
	return step(s, bytes);
}

bool span_take(struct span *s, uint64_t bytes, struct span *out)
{
	if (!step(s, bytes))
		return false;
	*out = span_of(NULL, bytes);
	return true;
}

bool span_le16(struct span *s, uint16_t *out)
{
	*out = any_u16();
	return step(s, sizeof(*out));
}

bool span_le32(struct span *s, uint32_t *out)
{
	*out = any_u32();
	return step(s, sizeof(*out));
}

bool span_le64(struct span *s, uint64_t *out)
{
	*out = any_u64();
	return step(s, sizeof(*out));
}
