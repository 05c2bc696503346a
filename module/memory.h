/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * memory.h - one device: a list of extents, and what was done to have them.
 */
#ifndef MODULE_MEMORY_H
#define MODULE_MEMORY_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/memremap.h>

#include "baton_mem.h"

struct mem_extent {
	u64 start, bytes;
	u64 offset;			/* in the file */
	bool claimed;			/* in the resource tree */
};

struct mem_device {
	struct list_head list;
	struct device dev;
	struct cdev cdev;
	char name[BATON_MEM_NAME_BYTES];
	u64 bytes;
	u32 count;
	u32 open;			/* files, and through them mappings */
	struct dev_pagemap *pagemap;
	struct mem_extent *extents;
};

/* Claim the extents in the kernel's resource tree: -EPERM when one is not
 * wholly the firmware's reserved memory, -EBUSY when something has it. */
int memory_claim(struct mem_device *d);
/* Struct pages and a place in the direct map. */
int memory_map_pages(struct mem_device *d);
/* Undo whatever was done of both. */
void memory_let_go(struct mem_device *d);
/* True when anything but the device itself holds a page. (Pinned pages
 * outlive mappings.) */
bool memory_used(const struct mem_device *d);

/* mmap of a device's file; private_data is the device. */
int mem_mmap(struct file *file, struct vm_area_struct *vma);

#endif /* MODULE_MEMORY_H */
