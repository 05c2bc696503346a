// SPDX-License-Identifier: MIT
/*
 * prove_cold_place.c - where a first boot's region goes: RAM that nothing is in,
 * and the files have room.
 *
 * proof:
 * bound: 2 ranges of RAM, 2 that are taken, 1 module
 * flags: --unwind 4
 */
#include "proof.h"
#include "core/door/cold.c"

static struct hostmap map;
static struct cold c;

/* As the headers promise. */
bool room_listed(const void *list, struct range want, struct range *at)
{
	const struct room_list *l = list;
	uint32_t i;

	for (i = 0; i < l->count; i++)
		if (range_overlaps(l->ranges[i], want)) {
			*at = l->ranges[i];
			return true;
		}
	return false;
}
bool hostmap_is_ram(const struct hostmap *m, struct range r)
{
	uint32_t i;

	for (i = 0; i < m->memory_count; i++)
		if (range_covers(m->memory[i], r))
			return true;
	return false;
}
uint64_t hostmap_region_place(const struct hostmap *m, uint64_t bytes,
			      uint64_t limit, room_taken_fn taken,
			      const void *context)
{
	(void)m, (void)bytes, (void)limit, (void)taken, (void)context;
	return any_u64();
}

int main(void)
{
	struct range taken[2], region = { 0, 0 };
	uint64_t limit = any_u64(), byte = any_u64();
	uint32_t i;

	map.memory_count = any_below(3);
	for (i = 0; i < 2; i++) {
		map.memory[i] = (struct range){ any_u64(), any_u64() };
		assume(map.memory[i].start < map.memory[i].end &&
		       map.memory[i].end <= 1ull << 52);
		taken[i] = (struct range){ any_u64(), any_u64() };
		assume(taken[i].start < taken[i].end);
	}
	c.region_bytes = any_u64() & ~(HO_PAGE_2M_BYTES - 1);
	c.region_base = any_u64() & ~(HO_PAGE_2M_BYTES - 1);
	/* lengths of properties */
	c.target.image.place.end = any_u32();
	c.target.module_count = any_below(2);
	c.target.modules[0].place.end = any_u32();
	if (cold_place(&c, &map, taken, 2, limit, &region, NULL))
		return 0;
	check(region.start >= 0x100000 && region.start < region.end);
	check(region.end <= limit && region.end <= 1ull << 52);
	check(range_bytes(region) >= HO_IMAGES_OFFSET +
	      c.target.image.place.end + c.target.modules[0].place.end *
	      c.target.module_count);
	assume(byte >= region.start && byte < region.end);
	check((map.memory_count > 0 && byte >= map.memory[0].start &&
	       byte < map.memory[0].end) ||
	      (map.memory_count > 1 && byte >= map.memory[1].start &&
	       byte < map.memory[1].end));
	for (i = 0; i < 2; i++)
		check(byte < taken[i].start || byte >= taken[i].end);
	return 0;
}
