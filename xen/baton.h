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
 * PVH guests too. The loader looks for it in images as well. */
#define BATON_CAPS	"baton-pv-1 "

struct domain;

extern struct domain *dom_kept;		/* NULL: nothing is kept */

/* Boot, in this order. `max_page` as the memory map has it: what it must be at
 * least. */
unsigned long baton_probe(unsigned long max_page);
/* The boot allocator works; before the frametable is made. */
void baton_map(void);
/* What is no RAM in the map is DOMID_IO's by now. */
void baton_claim(void);

/* A new domain, which has its handle: d->kept is set if one like it is kept.
 * Cannot fail. */
void baton_link(struct domain *d);
/* The frames kept for [gfn, gfn + 2^order), now the domain's; NULL: none is
 * kept there, take them from the heap; -EOPNOTSUPP: not of this order, -EBUSY:
 * somebody has one of them mapped, or the domain may not have it. */
struct page_info *baton_adopt(struct domain *d, unsigned long gfn,
			      unsigned int order, unsigned int memflags);
/* The same for a page of a translated domain, with all 2 MiB around it, which are
 * one large page of the machine and are kept for it as a whole: toolstacks up to
 * 4.20 restore page by page. 1: they stand in the physmap, by this call or an
 * earlier one. 0: they do not, use baton_adopt(). -EBUSY and what the physmap says:
 * the domain cannot be made. */
int baton_place(struct domain *d, unsigned long gfn, unsigned int order,
		unsigned int memflags);
/* True: a frame that was kept for a domain that never ran is kept again, and
 * the heap does not get it. */
bool baton_keep_again(struct domain *d, struct page_info *pg);
/* The domain is dead. */
void baton_forget(struct domain *d);

#endif /* ASM_BATON_H */
