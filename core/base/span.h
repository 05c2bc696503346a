/* SPDX-License-Identifier: MIT */
/*
 * span.h - the bounded cursor over untrusted bytes. Nothing in core/ reads
 * outside bytes in any other way. Reads copy, so alignment does not matter.
 *
 * A failed read leaves the cursor where it was and returns false; the caller
 * names the error.
 */
#ifndef CORE_SPAN_H
#define CORE_SPAN_H

#include "types.h"

struct span {
	const uint8_t *bytes;
	uint64_t length;	/* of the whole span */
	uint64_t offset;	/* of the next byte; offset <= length */
};

struct span span_of(const void *bytes, uint64_t length);

static inline uint64_t span_left(const struct span *s)
{
	return s->length - s->offset;
}

/* Copy the next `bytes` bytes to out and step over them. */
bool span_read(struct span *s, void *out, uint64_t bytes);
bool span_skip(struct span *s, uint64_t bytes);
/* A sub-span of the next `bytes` bytes; steps over them. */
bool span_take(struct span *s, uint64_t bytes, struct span *out);
bool span_le16(struct span *s, uint16_t *out);
bool span_le32(struct span *s, uint32_t *out);
bool span_le64(struct span *s, uint64_t *out);
bool span_be32(struct span *s, uint32_t *out);
bool span_be64(struct span *s, uint64_t *out);

/* Unaligned loads for hot loops over a span that was bounded beforehand. */
static inline uint64_t load_le64(const uint8_t *p)
{
	uint64_t v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;	/* x86-64 only: memory is little-endian */
}

/* True when all bytes are zero. */
bool bytes_are_zero(const void *bytes, uint64_t length);

#endif /* CORE_SPAN_H */
