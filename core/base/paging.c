// SPDX-License-Identifier: MIT
/*
 * paging.c - see paging.h. No asm, so that the hosted tests walk the tables
 * that these very object files have built.
 */
#include "paging.h"

#include "checked.h"
#include "handover/errors.h"

#define PTE_PRESENT	(1ull << 0)
#define PTE_WRITE	(1ull << 1)
#define PTE_UNCACHED	(3ull << 3)	/* PWT, PCD */
#define PTE_LARGE	(1ull << 7)
#define PTE_NX		(1ull << 63)
#define PTE_ADDRESS	0x000ffffffffff000ull

static uint64_t level_bytes(int level)
{
	return 1ull << (12 + 9 * (level - 1));
}

static uint64_t *new_table(struct paging *p)
{
	uint64_t *table;
	int i;

	if (p->used == p->pool_pages)
		return NULL;
	table = p->pool[p->used++];
	for (i = 0; i < 512; i++)
		table[i] = 0;
	return table;
}

int paging_init(struct paging *p, void *pool, uint32_t pool_pages, int levels,
		bool gib_pages)
{
	*p = (struct paging){ .pool = pool, .pool_pages = pool_pages,
			      .levels = levels, .gib_pages = gib_pages };
	p->root = new_table(p);
	return p->root ? 0 : -HO_EPAGETABLE;
}

/* A large page becomes a table of the next smaller ones, as they were. */
static uint64_t *split(struct paging *p, uint64_t *entry, int level)
{
	uint64_t *table = new_table(p);
	uint64_t step = level_bytes(level - 1);
	uint64_t flags = *entry & ~PTE_ADDRESS;
	uint64_t address = *entry & PTE_ADDRESS;
	int i;

	if (!table)
		return NULL;
	if (level == 2)
		flags &= ~PTE_LARGE;
	for (i = 0; i < 512; i++)
		table[i] = (address + i * step) | flags;
	*entry = (uint64_t)(uintptr_t)table | PTE_PRESENT | PTE_WRITE;
	return table;
}

/* The table under an entry of `level`, made if need be. */
static uint64_t *descend(struct paging *p, uint64_t *entry, int level)
{
	uint64_t *table;

	if (*entry & PTE_LARGE)
		return split(p, entry, level);
	if (*entry)
		return (uint64_t *)(uintptr_t)(*entry & PTE_ADDRESS);
	table = new_table(p);
	if (table)
		*entry = (uint64_t)(uintptr_t)table | PTE_PRESENT | PTE_WRITE;
	return table;
}

/* One page at `va`, as large as fits into `left`; 0: out of tables. */
static uint64_t map_one(struct paging *p, uint64_t va, uint64_t pa,
			uint64_t left, uint64_t bits)
{
	int largest = p->gib_pages ? 3 : 2;
	uint64_t *table = p->root;
	int level;

	for (level = p->levels; ; level--) {
		uint64_t *entry = &table[va >> (12 + 9 * (level - 1)) & 511];
		uint64_t bytes = level_bytes(level);
		bool is_table = *entry && !(*entry & PTE_LARGE);

		if (level == 1) {
			*entry = pa | bits;
			return bytes;
		}
		if (level <= largest && !is_table &&
		    is_aligned(va | pa, bytes) && left >= bytes) {
			*entry = pa | bits | PTE_LARGE;
			return bytes;
		}
		table = descend(p, entry, level);
		if (!table)
			return 0;
	}
}

static int map_pages(struct paging *p, uint64_t va, uint64_t pa,
		     uint64_t bytes, uint64_t bits)
{
	uint64_t done = 0, step;

	for (; done < bytes; done += step) {
		step = map_one(p, va + done, pa + done, bytes - done, bits);
		if (!step)
			return -HO_EPAGETABLE;
	}
	return 0;
}

int paging_map(struct paging *p, uint64_t start, uint64_t end,
	       unsigned int flags)
{
	uint64_t bits = PTE_PRESENT;
	uint64_t at = align_down(start, HO_PAGE_BYTES);

	if (flags & PAGING_WRITE)
		bits |= PTE_WRITE;
	if (flags & PAGING_DEVICE)
		bits |= PTE_UNCACHED;
	if (!(flags & PAGING_EXECUTE))
		bits |= PTE_NX;
	end = align_up(end, HO_PAGE_BYTES);
	/* identity: the lower canonical half is all there is */
	if (end > level_bytes(p->levels + 1) / 2)
		return -HO_EPAGETABLE;
	return end > at ? map_pages(p, at, at, end - at, bits) : 0;
}

int paging_show_at(struct paging *p, uint64_t va, uint64_t pa,
		   uint64_t bytes)
{
	return map_pages(p, va, pa, bytes, PTE_PRESENT | PTE_NX);
}

void paging_drop_upper(struct paging *p)
{
	int i;

	for (i = 256; i < 512; i++)
		p->root[i] = 0;
}

uint64_t *paging_window(struct paging *p, uint64_t va)
{
	uint64_t *table = p->root;
	int level;

	if (paging_map(p, va, va + HO_PAGE_BYTES, 0))
		return NULL;
	/* mapped in 4 KiB: all levels are there */
	for (level = p->levels; level > 1; level--)
		table = (uint64_t *)(uintptr_t)(PTE_ADDRESS &
			table[va >> (12 + 9 * (level - 1)) & 511]);
	return &table[va >> 12 & 511];
}

void paging_show(uint64_t *window, uint64_t pa)
{
	*window = pa | PTE_PRESENT | PTE_NX;
}
