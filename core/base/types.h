/* SPDX-License-Identifier: MIT */
/*
 * types.h - ranges of memory, half-open [start, end), in bytes.
 */
#ifndef CORE_TYPES_H
#define CORE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handover/base.h"

/* Physical bytes [start, end). Empty when start == end. */
struct range {
	uint64_t start;
	uint64_t end;
};

/* Length in bytes. */
static inline uint64_t range_bytes(struct range r)
{
	return r.end - r.start;
}

/* True when the two, neither of them empty, have a byte in common. */
static inline bool range_overlaps(struct range a, struct range b)
{
	return a.start < b.end && b.start < a.end;
}

/* True when every byte of `inner` is in `outer`. */
static inline bool range_covers(struct range outer, struct range inner)
{
	return outer.start <= inner.start && inner.end <= outer.end;
}

#define MIB		(1024ull * 1024)
#define GIB		(1024 * MIB)
#define LIMIT_4G	(4 * GIB)	/* what 32 bits can address */

#define ARRAY_COUNT(a) (sizeof(a) / sizeof((a)[0]))

#endif /* CORE_TYPES_H */
