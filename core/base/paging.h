/* SPDX-License-Identifier: MIT */
/*
 * paging.h - the stub's own page tables: 4 or 5 levels, only what is asked
 * for, identity but for what is shown in the upper half. Builds tables in
 * memory; who loads them is no matter of it. Intel SDM volume 3, chapter 4.
 */
#ifndef CORE_PAGING_H
#define CORE_PAGING_H

#include <stdbool.h>
#include <stdint.h>

#include "handover/base.h"

#define PAGING_WRITE	1
#define PAGING_EXECUTE	2
#define PAGING_DEVICE	4		/* uncached */

/* The upper canonical half begins here. */
#define PAGING_UPPER	0xffff800000000000

struct paging {
	uint64_t (*pool)[512];		/* page-aligned, identity-mapped */
	uint32_t pool_pages;
	uint32_t used;
	int levels;			/* 4 or 5 */
	bool gib_pages;
	uint64_t *root;
};

/* Empty tables of 4 or 5 `levels` in `pool`, of `pool_pages` pages,
 * page-aligned and mapped at its physical address. Returns -HO_EPAGETABLE when
 * the pool has not even one page. */
int paging_init(struct paging *p, void *pool, uint32_t pool_pages, int levels,
		bool gib_pages);

/*
 * Map [start, end) to itself, readable and as `flags` say. Rounded out to
 * 4 KiB; larger pages where they fit. A later call overrides an earlier one
 * and splits its large pages. HO_EPAGETABLE when the pool is empty, or when
 * the levels do not reach that far (2^47 with 4, 2^56 with 5).
 */
int paging_map(struct paging *p, uint64_t start, uint64_t end,
	       unsigned int flags);
#define PAGING_UPPER	0xffff800000000000
/*
 * [pa, pa + bytes) at `va`, which is in the upper canonical half, where
 * nothing else is mapped: read-only, not executable, whole 4 KiB pages.
 * Several of these, one behind the other, show as one piece what lies apart.
 * HO_EPAGETABLE when the pool is empty.
 */
int paging_show_at(struct paging *p, uint64_t va, uint64_t pa,
		   uint64_t bytes);
/* Nothing is in the upper half any more; the caller flushes the TLB. */
void paging_drop_upper(struct paging *p);

/*
 * A window: the one page at `va` of which the caller alone decides what it
 * shows. Returns the entry for paging_show(), NULL: HO_EPAGETABLE.
 */
uint64_t *paging_window(struct paging *p, uint64_t va);
/* The 4 KiB at pa, read-only, not executable. The caller drops the old page
 * from the TLB. */
void paging_show(uint64_t *window, uint64_t pa);

#endif /* CORE_PAGING_H */
