/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * compat.h - what the kernels from 6.1 on name or do differently. No other file
 * here asks for a version.
 *
 * How a page gets into a process: up to 6.16 by its number, marked as a device's.
 * From 6.17 on there is no such mark, and what is mapped by number can be pinned by
 * nobody. There a page is mapped as what it is: counted, and 2 MiB at once must be
 * one compound page, which memremap_pages() makes by vmemmap_shift.
 */
#ifndef MODULE_COMPAT_H
#define MODULE_COMPAT_H

#include <linux/fs.h>
#include <linux/huge_mm.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/version.h>

#define MEM_2M_ORDER	(PMD_SHIFT - PAGE_SHIFT)

static inline void mem_flags_set(struct vm_area_struct *vma,
				 unsigned long flags)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, flags);
#else
	vma->vm_flags |= flags;
#endif
}

static inline void mem_flags_clear(struct vm_area_struct *vma,
				   unsigned long flags)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_clear(vma, flags);
#else
	vma->vm_flags &= ~flags;
#endif
}

static inline void mem_set_times(struct inode *inode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	simple_inode_init_ts(inode);
#else
	inode->i_atime = inode->i_mtime = inode->i_ctime =
		current_time(inode);
#endif
}

/* What huge_fault is asked for. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
typedef unsigned int mem_fault_size;

static inline bool mem_is_2m(mem_fault_size size)
{
	return size == MEM_2M_ORDER;
}
#else
typedef enum page_entry_size mem_fault_size;

static inline bool mem_is_2m(mem_fault_size size)
{
	return size == PE_SIZE_PMD;
}
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
#define MEM_PAGEMAP_SHIFT MEM_2M_ORDER

static inline vm_fault_t mem_insert_4k(struct vm_fault *vmf, u64 at)
{
	return vmf_insert_page_mkwrite(vmf, pfn_to_page(PHYS_PFN(at)),
				       vmf->flags & FAULT_FLAG_WRITE);
}

static inline vm_fault_t mem_insert_2m(struct vm_fault *vmf, u64 at)
{
	return vmf_insert_folio_pmd(vmf, page_folio(pfn_to_page(PHYS_PFN(at))),
				    vmf->flags & FAULT_FLAG_WRITE);
}

/*
 * One compound page at a 2 MiB boundary is whole. Before a mending of 7.1 the
 * kernel left all but its first 128 struct pages as they were, where it has them
 * since its start, because other memory of the same 128 MiB is RAM. So the last
 * one says of all whether they were made: a guest waits for this. All tails of a
 * compound page are the same.
 */
static inline void mem_complete_2m(u64 at)
{
	struct page *head = pfn_to_page(PHYS_PFN(at));
	unsigned long i;

	if (page_folio(head + (1UL << MEM_2M_ORDER) - 1) == page_folio(head))
		return;
	for (i = 2; i < 1UL << MEM_2M_ORDER; i++)
		if (page_folio(head + i) != page_folio(head))
			memcpy(head + i, head + i - 1, sizeof(*head));
}
#else
#include <linux/pfn_t.h>

#define MEM_PAGEMAP_SHIFT 0

static inline vm_fault_t mem_insert_4k(struct vm_fault *vmf, u64 at)
{
	return vmf_insert_mixed(vmf->vma, vmf->address,
				phys_to_pfn_t(at, PFN_DEV | PFN_MAP));
}

static inline vm_fault_t mem_insert_2m(struct vm_fault *vmf, u64 at)
{
	return vmf_insert_pfn_pmd(vmf, phys_to_pfn_t(at, PFN_DEV | PFN_MAP),
				  vmf->flags & FAULT_FLAG_WRITE);
}

static inline void mem_complete_2m(u64 at)
{
}
#endif

#endif /* MODULE_COMPAT_H */
