/* SPDX-License-Identifier: MIT */
/*
 * types.h - address kinds and ranges used throughout core/.
 *
 * paddr_t and mfn_t are one-field structs, so that mixing a byte address
 * with a frame number does not compile. Ranges are half-open [start, end).
 */
#ifndef CORE_TYPES_H
#define CORE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handover/base.h"

typedef struct { uint64_t v; } paddr_t;	/* physical address, bytes */
typedef struct { uint64_t v; } mfn_t;	/* machine frame number */

static inline paddr_t paddr(uint64_t v) { return (paddr_t){ v }; }
static inline mfn_t mfn(uint64_t v) { return (mfn_t){ v }; }

/* Physical bytes [start, end). Empty when start == end. */
struct range {
	uint64_t start;
	uint64_t end;
};

static inline uint64_t range_bytes(struct range r)
{
	return r.end - r.start;
}

static inline bool range_overlaps(struct range a, struct range b)
{
	return a.start < b.end && b.start < a.end;
}

static inline bool range_covers(struct range outer, struct range inner)
{
	return outer.start <= inner.start && inner.end <= outer.end;
}

#define ARRAY_COUNT(a) (sizeof(a) / sizeof((a)[0]))

#endif /* CORE_TYPES_H */
