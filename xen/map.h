/* SPDX-License-Identifier: MIT */
/*
 * map.h - what claim.c wants of map.c, at boot.
 */
#ifndef XEN_MAP_H
#define XEN_MAP_H

#include <xen/types.h>

#define HOLE_END	(MB(16) >> PAGE_SHIFT)	/* arch_init_memory() unmaps holes */

/* What it takes, in ticks of the TSC */
struct map_ticks {
	uint64_t read, map, sort, own;
};
extern struct map_ticks map_ticks;

/* Say why in a line; nothing that was found is believed any more. */
void map_refuse(const char *why);
/* Was all of it read, and does it hold? */
bool map_attached(void);
/* Into the direct map, where they have a place. */
void map_show(unsigned long mfn, unsigned long pages, unsigned int flags);
/* What is nobody's, and was not in the memory map, is the heap's. */
void map_plug(void);
/* The region, out of the direct map. */
void map_hide(void);

#endif /* XEN_MAP_H */
