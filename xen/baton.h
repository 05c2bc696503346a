/* SPDX-License-Identifier: MIT */
/*
 * baton.h - guests whose memory an earlier hypervisor left in place, for Xen:
 * asm/baton.h there. The patches beside this file call it.
 */
#ifndef ASM_BATON_H
#define ASM_BATON_H

#include <xen/mm.h>

/* Owner of kept frames that no guest has yet. Xen has 0x7ff0 to 0x7ff5. */
#define DOMID_KEPT	0x7ff6

/* In the capabilities (xl info: xen_caps): PV guests, order by order, HVM and
 * PVH guests too; these at once, so that nobody need name their pages. The loader
 * looks for the first word in images as well. */
#define BATON_CAPS	"baton-pv-1 baton-hvm-1 "

struct domain;
struct kept;

extern struct domain *dom_kept;		/* NULL: nothing is kept */

/* Boot, in this order. `max_page` as the memory map has it: what it must be at
 * least. */
unsigned long baton_probe(unsigned long max_page);
/* The boot allocator works; before the frametable is made. */
void baton_map(void);
/* Before arch_init_memory() gives what is no RAM in the map to DOMID_IO: whose the
 * frames are. */
void baton_claim(void);
/* Is `*mfn` a frame that is claimed? Then the last one of those that follow it.
 * Asked in order. */
bool baton_skip(unsigned long *mfn);
/* All CPUs run: the frames get their owner. What is free besides is the heap's. */
void baton_own(void);

/* What was kept for a new domain, which has its handle; NULL: nothing. Cannot fail.
 * While another one of that handle has not run yet the next one gets no memory at
 * all: -EBUSY, below. */
struct kept *baton_link(struct domain *d);
/* The frames kept for [gfn, gfn + 2^order), now the domain's; NULL: none is
 * kept there, take them from the heap; -EOPNOTSUPP: not of this order, -EBUSY:
 * somebody has one of them mapped, or the domain may not have it. */
struct page_info *baton_adopt(struct kept *k, struct domain *d,
			      unsigned long gfn, unsigned int order,
			      unsigned int memflags);
/* A translated domain gets all frames that were kept for it when the first page is
 * asked for, in entries as large as can be: toolstacks up to 4.20 restore page by
 * page. 1: those of [gfn, gfn + 2^order) stand in the physmap. 0: none of them does,
 * use baton_adopt(). -ERESTART: not all of them yet, call again. -EOPNOTSUPP: some
 * of this order do. -EBUSY and what the physmap says: the domain cannot be made. */
int baton_place(struct kept *k, struct domain *d, unsigned long gfn,
		unsigned int order, unsigned int memflags);
/* True: a frame that was kept for a domain that never ran is kept again, and
 * the heap does not get it. */
bool baton_keep_again(struct kept *k, struct domain *d, struct page_info *pg);
/* The domain is dead. */
void baton_forget(struct kept *k, struct domain *d);

#endif /* ASM_BATON_H */
