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

/* A cursor at the first of `length` bytes. The bytes must live as long as
 * it. */
struct span span_of(const void *bytes, uint64_t length);

/* Bytes not yet read. */
static inline uint64_t span_left(const struct span *s)
{
	return s->length - s->offset;
}

/* Copy the next `bytes` bytes to out and step over them. */
bool span_read(struct span *s, void *out, uint64_t bytes);
/* Copy `bytes` bytes to out that begin `offset` bytes after the cursor, which
 * stays. False: the span ends before. */
bool span_read_at(const struct span *s, uint64_t offset, void *out,
		  uint64_t bytes);
/* Step over the next `bytes` bytes. False: fewer are left. */
bool span_skip(struct span *s, uint64_t bytes);
/* A sub-span of the next `bytes` bytes; steps over them. */
bool span_take(struct span *s, uint64_t bytes, struct span *out);
/* The next 2 bytes as a little-endian number. False: fewer are left. */
bool span_le16(struct span *s, uint16_t *out);
/* The same of 4 bytes. */
bool span_le32(struct span *s, uint32_t *out);
/* The same of 8 bytes. */
bool span_le64(struct span *s, uint64_t *out);
/* The next 4 bytes as a big-endian number. False: fewer are left. */
bool span_be32(struct span *s, uint32_t *out);
/* The same of 8 bytes. */
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
