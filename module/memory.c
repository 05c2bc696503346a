// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * memory.c - see memory.h.
 */
#include "memory.h"

#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "compat.h"

/* The firmware's "reserved", all of it, and nothing else. */
static int covered(struct resource *r, void *context)
{
	u64 *bytes = context;

	*bytes += resource_size(r);
	return 0;
}

bool memory_is_reserved(u64 start, u64 bytes)
{
	u64 found = 0;

	if (region_intersects(start, bytes, IORESOURCE_MEM,
			      IORES_DESC_RESERVED) != REGION_INTERSECTS)
		return false;
	walk_iomem_res_desc(IORES_DESC_RESERVED, IORESOURCE_MEM, start,
			    start + bytes - 1, &found, covered);
	return found == bytes;
}

int memory_claim(struct mem_device *d)
{
	u32 i;

	for (i = 0; i < d->count; i++) {
		struct mem_extent *e = &d->extents[i];

		if (!memory_is_reserved(e->start, e->bytes))
			return -EPERM;
		if (!request_mem_region(e->start, e->bytes, d->name))
			return -EBUSY;
		e->claimed = true;
	}
	return 0;
}

static void complete_pages(const struct mem_device *d)
{
	u64 at;
	u32 i;

	for (i = 0; i < d->count; i++)
		for (at = 0; at < d->extents[i].bytes; at += PMD_SIZE) {
			mem_complete_2m(d->extents[i].start + at);
			cond_resched();
		}
}

int memory_map_pages(struct mem_device *d)
{
	struct dev_pagemap *p;
	void *map;
	u32 i;

	p = kvzalloc(struct_size(p, ranges, d->count), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	p->type = MEMORY_DEVICE_GENERIC;
	p->vmemmap_shift = MEM_PAGEMAP_SHIFT;
	p->nr_range = d->count;
	for (i = 0; i < d->count; i++)
		p->ranges[i] = (struct range){
			.start = d->extents[i].start,
			.end = d->extents[i].start + d->extents[i].bytes - 1,
		};
	map = memremap_pages(p, NUMA_NO_NODE);
	if (IS_ERR(map)) {
		kvfree(p);
		return PTR_ERR(map);
	}
	complete_pages(d);
	d->pagemap = p;
	return 0;
}

void memory_let_go(struct mem_device *d)
{
	u32 i;

	if (d->pagemap) {
		memunmap_pages(d->pagemap);
		kvfree(d->pagemap);
		d->pagemap = NULL;
	}
	for (i = 0; d->extents && i < d->count; i++) {
		struct mem_extent *e = &d->extents[i];

		if (e->claimed)
			release_mem_region(e->start, e->bytes);
		e->claimed = false;
	}
}

bool memory_used(const struct mem_device *d)
{
	u64 pfn, end;
	u32 i;

	for (i = 0; d->pagemap && i < d->count; i++) {
		pfn = PHYS_PFN(d->extents[i].start);
		end = pfn + PHYS_PFN(d->extents[i].bytes);
		for (; pfn < end; pfn++) {
			if (page_ref_count(pfn_to_page(pfn)) > 1)
				return true;
			/* a guest may have a billion of them */
			if (!(pfn % PTRS_PER_PMD))
				cond_resched();
		}
	}
	return false;
}
