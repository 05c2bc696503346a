/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * memory.h - one device: a list of extents, and what was done to have them.
 */
#ifndef MODULE_MEMORY_H
#define MODULE_MEMORY_H

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/memremap.h>

#include "baton_mem.h"

struct mem_extent {
	u64 start, bytes;
	u64 offset;			/* in the file */
	bool claimed;			/* in the resource tree */
};

struct mem_device {
	struct list_head list;		/* empty: it is removed */
	struct kref references;		/* the list's, the entry's */
	struct dentry *entry;		/* in the file system */
	char name[BATON_MEM_NAME_BYTES];
	u64 bytes;
	u32 count;
	u32 open;			/* files, and through them mappings */
	struct dev_pagemap *pagemap;
	struct mem_extent *extents;
};

/* True when all of it is the firmware's reserved memory, whoever has it. */
bool memory_is_reserved(u64 start, u64 bytes);
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

/* A file of it is opened, -ENXIO when it has been removed; and closed. */
int mem_device_open(struct mem_device *d);
void mem_device_close(struct mem_device *d);
/* One more reference, and one less: the last one frees it. */
struct mem_device *mem_device_get(struct mem_device *d);
void mem_device_put(struct mem_device *d);

/* Its entry in the file system. -ENOMEM. */
int files_add(struct mem_device *d);
void files_remove(struct mem_device *d);
/* The file system itself. */
int files_register(void);
void files_unregister(void);

/* mmap of a device's file; private_data is the device. */
int mem_mmap(struct file *file, struct vm_area_struct *vma);

#endif /* MODULE_MEMORY_H */
