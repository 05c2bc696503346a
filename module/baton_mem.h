/* SPDX-License-Identifier: MIT */
/*
 * baton_mem.h - what /dev/baton-mem is asked: make a device of a list of
 * extents that a handover kept, so that they can be mapped as one file.
 *
 *   fd = open("/dev/baton-mem"); ioctl(fd, BATON_MEM_CREATE, &create);
 *   mount("baton", "/dev/baton", "baton"): all that there are, one file each
 *   mmap(open("/dev/baton/NAME"), MAP_SHARED): the extents, in their order
 *   mmap(open("/dev/baton/NAME"), MAP_PRIVATE): a view of them, in which a page is
 *                                                copied when it is written to
 *   mmap(open("/dev/baton-mem"), PROT_READ): reserved memory, the offset is the
 *   physical address; never to be written: EPERM, also for what is not reserved.
 *   Since 0.7
 *
 * The kernel believes nothing but its own resource tree: an extent that is
 * not wholly in ranges of the firmware map that are reserved, or that
 * anything else uses, is refused.
 */
#ifndef BATON_MEM_H
#define BATON_MEM_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define BATON_MEM_CONTROL	"/dev/baton-mem"
#define BATON_MEM_FOLDER	"/dev/baton"
#define BATON_MEM_FILES		"baton"	/* the file system's type */
#define BATON_MEM_MAGIC		0xba701234 /* its statfs.f_type */
#define BATON_MEM_NAME_BYTES	96
#define BATON_MEM_EXTENTS_MAX	(1 << 20)

/* Physical bytes, multiples of 2 MiB. */
struct baton_mem_extent {
	__u64 start;
	__u64 bytes;
};

struct baton_mem_create {
	char  name[BATON_MEM_NAME_BYTES]; /* letters, digits, "-_." */
	__u64 extents;			/* struct baton_mem_extent * */
	__u32 count;
	__u32 reserved;			/* 0 */
};

struct baton_mem_name {
	char name[BATON_MEM_NAME_BYTES];
};

/* 0 also when the same device is there already; EEXIST: another one of this
 * name; EPERM: not reserved memory; EBUSY: used by something else. */
#define BATON_MEM_CREATE	_IOW(0xba, 1, struct baton_mem_create)
/* EBUSY: it is open, mapped, or its pages are in use; ENOENT. */
#define BATON_MEM_REMOVE	_IOW(0xba, 2, struct baton_mem_name)
/* Would that be EBUSY? Nothing is removed: 0, EBUSY, ENOENT. ENOTTY: a module
 * before 0.6. */
#define BATON_MEM_USED		_IOW(0xba, 3, struct baton_mem_name)

#endif /* BATON_MEM_H */
