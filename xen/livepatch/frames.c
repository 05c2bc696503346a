// SPDX-License-Identifier: MIT
/*
 * frames.c - frames that were no RAM in the memory map, in a Xen that runs. It has
 * them as DOMID_IO's, if it has a page_info for them at all: without any RAM in the
 * map a group of 256 MiB has neither page_info nor M2P, and is made here what
 * arch_init_memory() would have made of it.
 */
#include <xen/domain_page.h>
#include <xen/lib.h>
#include <xen/livepatch.h>
#include <xen/mm.h>
#include <xen/numa.h>
#include <asm/baton.h>
#include <asm/page.h>
#include <asm/pv/domain.h>

#include "keep.h"
#include "payload.h"

#define LARGE_BYTES	(1ul << L2_PAGETABLE_SHIFT)
#define LARGE_PAGES	(1ul << PAGETABLE_ORDER)
#define COMPAT_MFNS	((RDWR_COMPAT_MPT_VIRT_END - \
			  RDWR_COMPAT_MPT_VIRT_START) / sizeof(uint32_t))

/* page_alloc.c: each node's free pages by zone; NULL: it has no heap */
extern unsigned long *avail[MAX_NUMNODES];

/* Is there anything at this address of Xen's? */
static bool is_mapped(unsigned long va)
{
	l4_pgentry_t l4e = idle_pg_table[l4_table_offset(va)];
	l3_pgentry_t *l3t, l3e;
	l2_pgentry_t *l2t, l2e;
	l1_pgentry_t *l1t, l1e;

	if (!(l4e_get_flags(l4e) & _PAGE_PRESENT))
		return false;
	l3t = map_domain_page(l4e_get_mfn(l4e));
	l3e = l3t[l3_table_offset(va)];
	unmap_domain_page(l3t);
	if (!(l3e_get_flags(l3e) & _PAGE_PRESENT))
		return false;
	if (l3e_get_flags(l3e) & _PAGE_PSE)
		return true;
	l2t = map_domain_page(l3e_get_mfn(l3e));
	l2e = l2t[l2_table_offset(va)];
	unmap_domain_page(l2t);
	if (!(l2e_get_flags(l2e) & _PAGE_PRESENT))
		return false;
	if (l2e_get_flags(l2e) & _PAGE_PSE)
		return true;
	l1t = map_domain_page(l2e_get_mfn(l2e));
	l1e = l1t[l1_table_offset(va)];
	unmap_domain_page(l1t);
	return l1e_get_flags(l1e) & _PAGE_PRESENT;
}

/* Memory of Xen's at `va`, all bytes of it `fill`; MFN: the first page's. */
static int map_new(unsigned long va, unsigned int order, int fill, mfn_t *mfn)
{
	struct page_info *pg = alloc_domheap_pages(NULL, order, 0);

	if (!pg)
		return -ENOMEM;
	*mfn = page_to_mfn(pg);
	if (map_pages_to_xen(va, *mfn, 1ul << order, PAGE_HYPERVISOR))
		return -ENOMEM;
	memset((void *)va, fill, PAGE_SIZE << order);
	return 0;
}

/* A large page where there is nothing; else page by page what is missing. */
static int make_infos(unsigned long first)
{
	unsigned long va = (unsigned long)mfn_to_page(_mfn(first));
	unsigned long end = va + PDX_GROUP_COUNT * sizeof(struct page_info);
	bool none = true;
	unsigned long at;
	mfn_t mfn;
	int rc = 0;

	for (at = va; at < end; at += PAGE_SIZE)
		none &= !is_mapped(at);
	if (none && end - va == LARGE_BYTES)
		return map_new(va, PAGETABLE_ORDER, 0, &mfn);
	for (at = va; at < end && !rc; at += PAGE_SIZE)
		if (!is_mapped(at))
			rc = map_new(at, 0, 0, &mfn);
	return rc;
}

/* The guests' view: all page tables share this part of Xen's. */
static int show_m2p(unsigned long va, mfn_t mfn)
{
	l3_pgentry_t *l3t, *l3e;
	l2_pgentry_t *l2t;
	int rc = 0;

	l3t = map_domain_page(l4e_get_mfn(idle_pg_table[l4_table_offset(va)]));
	l3e = &l3t[l3_table_offset(va)];
	if (!(l3e_get_flags(*l3e) & _PAGE_PRESENT)) {
		struct page_info *pg = alloc_domheap_page(NULL, 0);

		if (pg) {
			clear_domain_page(page_to_mfn(pg));
			l3e_write(l3e, l3e_from_page(pg, __PAGE_HYPERVISOR_RO |
							 _PAGE_USER));
		} else
			rc = -ENOMEM;
	}
	if (!rc) {
		l2t = map_domain_page(l3e_get_mfn(*l3e));
		/* not global: user mode of a guest must not see it */
		l2e_write(&l2t[l2_table_offset(va)],
			  l2e_from_mfn(mfn, _PAGE_PSE | _PAGE_USER |
					    _PAGE_PRESENT));
		unmap_domain_page(l2t);
	}
	unmap_domain_page(l3t);
	return rc;
}

/* For guests of 32 bits, whose M2P ends below 1 TiB. */
static int make_compat_m2p(unsigned long first)
{
	unsigned long offset = first * sizeof(uint32_t) & ~(LARGE_BYTES - 1);
	unsigned long va = RDWR_COMPAT_MPT_VIRT_START + offset;
	mfn_t mfn;
	int rc;

	if (!opt_pv32 || first >= COMPAT_MFNS || is_mapped(va))
		return 0;
	rc = map_new(va, PAGETABLE_ORDER, 0xff, &mfn);
	if (!rc)
		l2e_write(compat_idle_pg_table_l2 + l2_table_offset(offset),
			  l2e_from_mfn(mfn, _PAGE_PSE | _PAGE_PRESENT));
	return rc;
}

static int make_m2p(unsigned long first)
{
	unsigned long offset = first * sizeof(unsigned long) &
			       ~(LARGE_BYTES - 1);
	unsigned long va = RDWR_MPT_VIRT_START + offset;
	mfn_t mfn;
	int rc = 0;

	if (!is_mapped(va))
		rc = map_new(va, PAGETABLE_ORDER, 0xff, &mfn);
	if (!rc && !is_mapped(RO_MPT_VIRT_START + offset))
		rc = show_m2p(RO_MPT_VIRT_START + offset, mfn);
	return rc ?: make_compat_m2p(first);
}

/* As assign_io_page() in arch_init_memory(). */
static void give_to_io(unsigned long mfn)
{
	struct page_info *pg = mfn_to_page(_mfn(mfn));

	memset(pg, 0, sizeof(*pg));
	set_gpfn_from_mfn(mfn, INVALID_M2P_ENTRY);
	pg->u.inuse.type_info = kept_type;
	page_set_owner(pg, dom_io);
	pg->count_info = KEPT_COUNT;
}

/* The group of `mfn`, so that all of it is valid. */
static int open_group(unsigned long mfn)
{
	unsigned long first = mfn & ~(PDX_GROUP_COUNT - 1ul), i;
	unsigned long end = first + PDX_GROUP_COUNT;
	int rc = make_infos(first);

	rc = rc ?: make_m2p(first);
	for (i = first; i < end && !rc; i++)
		if (!mfn_valid(_mfn(i)))
			give_to_io(i);
	if (rc)
		return rc;
	smp_wmb();
	set_pdx_range(first, end);
	if (max_page < end) {
		max_pdx = mfn_to_pdx(_mfn(end - 1)) + 1;
		max_page = end;
	}
	return 0;
}

/* Has it a place in the direct map and the frametable, whatever PDX leaves out? */
static bool has_place(unsigned long mfn, unsigned long pages)
{
	unsigned long last = mfn + pages - 1;
	unsigned long pdx = mfn_to_pdx(_mfn(last));

	return pages && last >= mfn && !((mfn | last) & pfn_hole_mask) &&
	       last < 1ul << (paddr_bits - PAGE_SHIFT) &&
	       pdx - mfn_to_pdx(_mfn(mfn)) == last - mfn &&
	       pdx < FRAMETABLE_NR &&
	       pdx < PFN_DOWN(HYPERVISOR_VIRT_END - DIRECTMAP_VIRT_START);
}

static int refuse(unsigned long mfn, const char *why)
{
	printk(XENLOG_ERR "baton: no guest goes on in place: mfn %#lx %s\n",
	       mfn, why);
	return -EINVAL;
}

/* The node of a frame, as Xen would find it when it frees that; NUMA_NO_NODE: none,
 * or one that has no heap, as the map had no RAM of it. */
static nodeid_t node_of(unsigned long mfn)
{
	unsigned long at = paddr_to_pdx(pfn_to_paddr(mfn)) >> memnode_shift;
	nodeid_t node;

	if (memnodemapsize && at >= memnodemapsize)
		return NUMA_NO_NODE;
	node = memnodemap[at];
	return node < MAX_NUMNODES && avail[node] ? node : NUMA_NO_NODE;
}

static bool has_heap(unsigned long mfn, unsigned long end)
{
	for (; mfn < end; mfn++)
		if (node_of(mfn) == NUMA_NO_NODE)
			return false;
	return true;
}

int frames_open(unsigned long mfn, unsigned long pages)
{
	unsigned long i, end = mfn + pages;
	int rc = 0;

	if (!has_place(mfn, pages))
		return refuse(mfn, "is out of reach");
	if (!has_heap(mfn, end))
		return refuse(mfn, "is of a node without a heap");
	/* what is behind the last frame of all gets valid with it */
	if (end > max_page && max_page & (PDX_GROUP_COUNT - 1))
		rc = open_group(max_page);
	for (i = mfn; i < end && !rc; i = (i | (PDX_GROUP_COUNT - 1)) + 1)
		if (!mfn_valid(_mfn(i)))
			rc = open_group(i);
	if (rc)
		return rc;
	for (i = mfn; i < end; i++) {
		const struct page_info *pg = mfn_to_page(_mfn(i));

		if (page_get_owner(pg) != dom_io ||
		    pg->count_info != KEPT_COUNT ||
		    pg->u.inuse.type_info != kept_type)
			return refuse(i, "is somebody's");
	}
	return map_pages_to_xen((unsigned long)mfn_to_virt(mfn), _mfn(mfn),
				pages, PAGE_HYPERVISOR);
}
