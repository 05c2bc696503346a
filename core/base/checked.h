/* SPDX-License-Identifier: MIT */
/*
 * checked.h - size arithmetic that says when it wraps. Every size or address
 * that comes from outside goes through these.
 */
#ifndef CORE_CHECKED_H
#define CORE_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

/* Each returns false, and leaves *out undefined, when the result wraps. */
static inline bool checked_add(uint64_t a, uint64_t b, uint64_t *out)
{
	return !__builtin_add_overflow(a, b, out);
}

/* a * b. False, and *out undefined, when the product wraps. */
static inline bool checked_mul(uint64_t a, uint64_t b, uint64_t *out)
{
	return !__builtin_mul_overflow(a, b, out);
}

/* Round up to a power of two. */
static inline bool checked_align(uint64_t a, uint64_t align, uint64_t *out)
{
	if (!checked_add(a, align - 1, out))
		return false;
	*out &= ~(align - 1);
	return true;
}

/* Round `a` down to a multiple of `align`, a power of two. Never wraps. */
static inline uint64_t align_down(uint64_t a, uint64_t align)
{
	return a & ~(align - 1);
}

/* For values known not to wrap (already validated). */
static inline uint64_t align_up(uint64_t a, uint64_t align)
{
	return (a + align - 1) & ~(align - 1);
}

/* True when `a` is a multiple of `align`, a power of two. */
static inline bool is_aligned(uint64_t a, uint64_t align)
{
	return (a & (align - 1)) == 0;
}

#endif /* CORE_CHECKED_H */
