// SPDX-License-Identifier: MIT
/*
 * xen_table.c - page tables of PV guests as a stream has them, see
 * xen_stream.h.
 */
#include "xen_stream.h"

#define PTE_PRESENT	1ull
#define PTE_ADDRESS	0x000ffffffffff000ull
#define XEN_SLOT_FIRST	256		/* ROOT_PAGETABLE_FIRST_XEN_SLOT */
#define XEN_SLOT_LAST	271

bool xen_table_canonical(uint64_t table[512], uint8_t type,
			 uint64_t (*pfn_of)(void *context, uint64_t mfn),
			 void *context)
{
	bool is_l4 = (type & 7) == 4;
	uint64_t pfn;
	int i;

	for (i = 0; i < 512; i++) {
		if (is_l4 && i >= XEN_SLOT_FIRST && i <= XEN_SLOT_LAST) {
			table[i] = 0;
			continue;
		}
		if (!(table[i] & PTE_PRESENT))
			continue;
		pfn = pfn_of(context, (table[i] & PTE_ADDRESS) >> 12);
		if (pfn == ~0ull)
			return false;
		table[i] = (table[i] & ~PTE_ADDRESS) | pfn << 12;
	}
	return true;
}
