// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * fault.c - a device's file in memory: page faults of 2 MiB, and of 4 KiB where
 * a mapping is not aligned. A private mapping is a view of it that never changes
 * it: 4 KiB, read-only, and copied when it is written to.
 */
#include <linux/mm.h>

#include "compat.h"
#include "memory.h"

/* The extent that holds a byte of the file. */
static struct mem_extent *extent_at(struct mem_device *d, u64 offset)
{
	u32 low = 0, high = d->count;

	if (offset >= d->bytes)
		return NULL;
	while (high - low > 1) {
		u32 middle = (low + high) / 2;

		if (d->extents[middle].offset <= offset)
			low = middle;
		else
			high = middle;
	}
	return &d->extents[low];
}

static vm_fault_t mem_fault(struct vm_fault *vmf)
{
	struct mem_device *d = vmf->vma->vm_file->private_data;
	u64 offset = (u64)vmf->pgoff << PAGE_SHIFT;
	struct mem_extent *e = extent_at(d, offset);
	u64 at;

	if (!e)
		return VM_FAULT_SIGBUS;
	at = e->start + (offset - e->offset);
	if (vmf->cow_page) {
		/* the kernel copies it and puts it */
		vmf->page = pfn_to_page(PHYS_PFN(at));
		get_page(vmf->page);
		return 0;
	}
	return mem_insert_4k(vmf, at);
}

static vm_fault_t fault_2m(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mem_device *d = vma->vm_file->private_data;
	unsigned long address = vmf->address & PMD_MASK;
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	struct mem_extent *e;

	if (!(vma->vm_flags & VM_SHARED) || address < vma->vm_start ||
	    address + PMD_SIZE > vma->vm_end)
		return VM_FAULT_FALLBACK;
	offset += address - vma->vm_start;
	if (!IS_ALIGNED(offset, PMD_SIZE))
		return VM_FAULT_FALLBACK;
	e = extent_at(d, offset);
	if (!e)
		return VM_FAULT_SIGBUS;
	return mem_insert_2m(vmf, e->start + (offset - e->offset));
}

static vm_fault_t mem_huge_fault(struct vm_fault *vmf, mem_fault_size size)
{
	return mem_is_2m(size) ? fault_2m(vmf) : VM_FAULT_FALLBACK;
}

static int mem_may_split(struct vm_area_struct *vma, unsigned long address)
{
	return IS_ALIGNED(address, PMD_SIZE) ? 0 : -EINVAL;
}

static const struct vm_operations_struct mem_vm_ops = {
	.fault = mem_fault,
	.huge_fault = mem_huge_fault,
	.may_split = mem_may_split,
};

int mem_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct mem_device *d = file->private_data;
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	u64 bytes = vma->vm_end - vma->vm_start;

	if (offset > d->bytes || bytes > d->bytes - offset)
		return -ENXIO;
	vma->vm_ops = &mem_vm_ops;
	if (!(vma->vm_flags & VM_SHARED))
		return 0;
	mem_flags_set(vma, VM_HUGEPAGE);
	return 0;
}
