// SPDX-License-Identifier: MIT
/*
 * fakexen.c - see fakexen.h. Memory is what an update left (leftover.h).
 */
#include "fakexen.h"

#include <stdarg.h>
#include <stdio.h>

#include "fakestate.h"

struct page_info fake_pages[FAKE_FRAMES];
unsigned long fake_m2p[FAKE_FRAMES];
unsigned long max_page, total_pages;
unsigned int paddr_bits = 46;
unsigned long cpu_khz = 1000;
struct e820map e820;
struct fake_state fake = { .patience = -1 };
static struct domain io = { .domain_id = 0x7ff1 }, system_domain;
struct domain *dom_io = &io;

void set_pdx_range(unsigned long start, unsigned long end)
{
	(void)start;
	if (end > max_page)
		abort();
}

int map_pages_to_xen(unsigned long va, mfn_t mfn, unsigned long count,
		     unsigned int flags)
{
	(void)va;
	(void)flags;
	if (mfn_x(mfn) + count > FAKE_FRAMES)
		abort();
	memset(fake.mapped + mfn_x(mfn), 1, count);
	return 0;
}

int destroy_xen_mappings(unsigned long start, unsigned long end)
{
	unsigned long mfn = PFN_DOWN(start - (uintptr_t)maddr_to_virt(0));

	memset(fake.mapped + mfn, 0, PFN_DOWN(end - start));
	return 0;
}

void *mfn_to_virt(unsigned long mfn)
{
	return maddr_to_virt(pfn_to_paddr(mfn));
}

/* Only the region's pages have bytes behind them. */
void *maddr_to_virt(uint64_t pa)
{
	return (void *)((uintptr_t)fake.left.region + pa - REGION_BASE);
}

void *bootstrap_map(const module_t *mod)
{
	return mod ? leftover_at(&fake.left, pfn_to_paddr(mod->mod_start),
				 mod->mod_end) : NULL;
}

void init_domheap_pages(paddr_t start, paddr_t end)
{
	unsigned long mfn;

	for (mfn = PFN_DOWN(start); mfn < PFN_DOWN(end); mfn++) {
		if (fake_pages[mfn].count_info || fake_pages[mfn].owner ||
		    !fake.mapped[mfn])
			abort();
		fake.heap[mfn] = true;
	}
}

/* Of frames that are nobody's; they are scrubbed before anybody gets them. */
void free_domheap_pages(struct page_info *pg, unsigned int order)
{
	unsigned long i, mfn = mfn_x(page_to_mfn(pg));

	if (fake.locked || order > 9 || mfn & ((1ul << order) - 1))
		abort();
	for (i = mfn; i < mfn + (1ul << order); i++) {
		if (fake_pages[i].count_info || fake_pages[i].owner ||
		    fake_pages[i].u.inuse.type_info || fake.heap[i])
			abort();
		fake.heap[i] = true;
	}
	fake.frees++;
}

struct domain *domain_create(uint16_t id, const void *config, unsigned int f)
{
	(void)config;
	(void)f;
	system_domain.domain_id = id;
	return &system_domain;
}

/* As assign_pages() does it, of frames that are nobody's. */
int assign_pages(struct page_info *pg, unsigned int count, struct domain *d,
		 unsigned int memflags)
{
	unsigned int i;

	(void)memflags;
	if (fake.locked)
		abort();
	if (fake.full)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		if (pg[i].owner || pg[i].count_info)
			abort();
		pg[i].owner = d;
		pg[i].count_info = PGC_allocated | 1;
	}
	d->pages += count;
	return 0;
}

int guest_physmap_add_page(struct domain *d, gfn_t gfn, mfn_t mfn,
			   unsigned int order)
{
	unsigned long i;

	if (fake.locked || (mfn_x(mfn) | gfn.g) & ((1ul << order) - 1))
		abort();
	if (fake.no_table)
		return -ENOMEM;
	fake.blocks++;
	for (i = 0; i < 1ul << order; i++) {
		if (fake_pages[mfn_x(mfn) + i].owner != d)
			abort();
		fake_m2p[mfn_x(mfn) + i] = gfn.g + i;
	}
	fake.large_pages += order == 9;
	return 0;
}

struct domain *fake_domains[4];

struct domain *rcu_lock_domain_by_id(domid_t id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fake_domains); i++)
		if (fake_domains[i] && fake_domains[i]->domain_id == id)
			return fake_domains[i];
	return NULL;
}

void on_each_cpu(void (*f)(void *), void *info, int wait)
{
	unsigned int i;

	if (!wait)
		abort();
	for (i = 0; i < num_online_cpus(); i++)
		f(info);
	fake.calls += i;
}

unsigned int num_online_cpus(void)
{
	return 3;
}

bool hypercall_preempt_check(void)
{
	if (fake.locked)
		abort();
	return fake.patience >= 0 && !fake.patience--;
}

uint64_t rdtsc(void)
{
	static uint64_t now;

	return ++now;
}

void spin_lock(spinlock_t *l)
{
	if (*l)
		abort();
	fake.locked = *l = true;
}

void spin_unlock(spinlock_t *l)
{
	fake.locked = *l = false;
}

void sort(void *base, size_t count, size_t bytes,
	  int (*compare)(const void *, const void *),
	  void (*swap)(void *, void *, size_t))
{
	(void)swap;
	qsort(base, count, bytes, compare);
}

int printk(const char *format, ...)
{
	size_t used = strlen(fake.said);
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(fake.said + used, sizeof(fake.said) - used, format,
			   args);
	va_end(args);
	return length;
}
