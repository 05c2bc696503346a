/* SPDX-License-Identifier: MIT */
/*
 * place.h - find room for the target's pieces in the RAM entries of its own
 * map, so that a piece can only land in frames that nobody owns.
 */
#ifndef CORE_PLACE_H
#define CORE_PLACE_H

#include "e820.h"
#include "efi.h"

#define PLACE_MAX 24

struct place {
	const struct e820_map *map;
	const struct efi *efi;		/* whose memory is avoided */
	uint32_t taken_count;
	struct range taken[PLACE_MAX];
};

/* No piece is taken yet. `map` and `efi` must live as long as *p. */
void place_init(struct place *p, const struct e820_map *map,
		const struct efi *efi);

/* Lowest room for `bytes` at `align` inside [min, max) and inside one RAM
 * entry; remembers it. Returns its address, or 0 when there is none or the
 * list of pieces is full (address 0 is never handed out). */
uint64_t place_take(struct place *p, uint64_t bytes, uint64_t align,
		    uint64_t min, uint64_t max);

/* Exactly [start, start + bytes): false when not free. */
bool place_take_at(struct place *p, uint64_t start, uint64_t bytes);

#endif /* CORE_PLACE_H */
