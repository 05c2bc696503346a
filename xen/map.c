// SPDX-License-Identifier: MIT
/*
 * map.c - at boot: what an earlier instance left is found, by the place that is on
 * the command line, and gets a page_info, an M2P and a place in the direct map. The
 * frames of kept guests are no RAM in the memory map that this Xen was given, so
 * neither the boot allocator nor the heap ever hears of them. RAM that is in neither,
 * for a map has room for few ranges, is given to the heap.
 *
 * Whatever is refused is said in one line; the frames stay no RAM then, and
 * dom0 copies the guests out of them as it does on a stock Xen.
 */
#include <xen/compile.h>
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/param.h>
#include <asm/baton.h>
#include <asm/e820.h>
#include <asm/msr.h>
#include <asm/setup.h>
#if XEN_SUBVERSION >= 20
#include <asm/bootinfo.h>
#endif

#include "inherit.h"
#include "keep.h"
#include "map.h"

#define LOW_MFN		PFN_DOWN(MB(1))

static uint64_t __initdata opt_baton;
integer_param("baton", opt_baton);

static bool __initdata found;
struct shown {
	uint64_t start, end;
};
static struct shown __initdata shown[8];	/* the region, in the direct map */
static bool __initdata attached;	/* all of it was read, and holds */
static unsigned long __initdata nr_plugged, nr_ranges;

struct map_ticks __initdata map_ticks;

void __init map_refuse(const char *why)
{
	printk(XENLOG_ERR "baton: no guest goes on in place: %s\n", why);
	found = false;
}

/* Does any of it look like RAM to the boot allocator? */
static bool __init is_ram(uint64_t s, uint64_t e)
{
	unsigned int i;

	for (i = 0; i < e820.nr_map; i++)
		if (e820.map[i].type == E820_RAM &&
		    s < e820.map[i].addr + e820.map[i].size &&
		    e > e820.map[i].addr)
			return true;
	return false;
}

static void *__init bootstrap(paddr_t start, size_t bytes)
{
#if XEN_SUBVERSION >= 20
	const struct boot_module m = { .start = start, .size = bytes };

	return bootstrap_map_bm(&m);
#else
	const module_t m = { .mod_start = PFN_DOWN(start), .mod_end = bytes };

	return bootstrap_map(&m);
#endif
}

static void __init bootstrap_end(void)
{
#if XEN_SUBVERSION >= 20
	bootstrap_unmap();
#else
	bootstrap_map(NULL);
#endif
}

static const void *__init cf_check early_map(uint64_t pa, uint64_t bytes)
{
	uint64_t offset = pa & ~PAGE_MASK;
	const void *at;

	if (bytes > GB(1) || is_ram(pa, pa + bytes))
		return NULL;
	at = bootstrap(pa - offset, offset + bytes);
	return at ? at + offset : NULL;
}

unsigned long __init baton_probe(unsigned long max)
{
	unsigned long top;
	uint64_t s, e;
	unsigned int i;

	if (!opt_baton)
		return max;
	map_ticks.read -= rdtsc();
	found = inherit_open(opt_baton, early_map);
	bootstrap_end();
	if (!found)
		map_refuse(inherit_why());
	for (i = 0; found && inherit_region(i, &s, &e); i++)
		if (is_ram(s, e))
			map_refuse("the region is RAM in the memory map");
	top = PFN_DOWN(inherit_top());
	if (top > 1ul << (paddr_bits - PAGE_SHIFT))
		top = 1ul << (paddr_bits - PAGE_SHIFT);
	map_ticks.read += rdtsc();
	return found && top > max ? top : max;
}

/* Functions, for without compression Xen's are the number itself. */
static unsigned long __init to_pdx(unsigned long pfn)
{
	return pfn_to_pdx(pfn);
}

static unsigned long __init from_pdx(unsigned long pdx)
{
	return pdx_to_pfn(pdx);
}

/* Have all of these a place in the direct map, whatever PDX leaves out? */
static bool __init has_place(unsigned long mfn, unsigned long pages)
{
	unsigned long last = mfn + pages - 1;

	return last < max_page && from_pdx(to_pdx(mfn)) == mfn &&
	       from_pdx(to_pdx(last)) == last &&
	       to_pdx(last) - to_pdx(mfn) == last - mfn &&
	       to_pdx(last) < PFN_DOWN(HYPERVISOR_VIRT_END -
				       DIRECTMAP_VIRT_START);
}

void __init map_show(unsigned long mfn, unsigned long pages,
		     unsigned int flags)
{
	map_pages_to_xen((unsigned long)mfn_to_virt(mfn), _mfn(mfn), pages,
			 flags);
}

static const void *__init cf_check direct_map(uint64_t pa, uint64_t bytes)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shown); i++)
		if (pa >= shown[i].start && pa < shown[i].end &&
		    bytes <= shown[i].end - pa)
			return maddr_to_virt(pa);
	return NULL;
}

static void __init show_region(void)
{
	unsigned int i;
	uint64_t s, e;

	for (i = 0; found && inherit_region(i, &s, &e); i++) {
		if (i == ARRAY_SIZE(shown) ||
		    !has_place(PFN_DOWN(s), PFN_DOWN(e - s))) {
			map_refuse("the region has no place in the direct map");
			return;
		}
		map_show(PFN_DOWN(s), PFN_DOWN(e - s), PAGE_HYPERVISOR_RO);
		shown[i].start = s;
		shown[i].end = e;
	}
}

void __init map_hide(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shown); i++)
		if (shown[i].end)
			destroy_xen_mappings(
				(unsigned long)maddr_to_virt(shown[i].start),
				(unsigned long)maddr_to_virt(shown[i].start) +
				(shown[i].end - shown[i].start));
}

static bool __init cf_check map_extent(const struct inherit_extent *x)
{
	if (!has_place(x->mfn, x->pages) ||
	    is_ram(pfn_to_paddr(x->mfn), pfn_to_paddr(x->mfn + x->pages)))
		return false;
	set_pdx_range(x->mfn, x->mfn + x->pages);
	map_show(x->mfn, x->pages, PAGE_HYPERVISOR);
	return true;
}

/* Of a free range what is not in the memory map, piece by piece. */
static bool __init without_ram(uint64_t s, uint64_t e,
			       bool (*visit)(unsigned long, unsigned long))
{
	unsigned int i;

	s = max_t(uint64_t, ROUNDUP(s, PAGE_SIZE), pfn_to_paddr(LOW_MFN));
	e &= PAGE_MASK;
	for (i = 0; i < e820.nr_map && s < e; i++) {
		uint64_t start = e820.map[i].addr & PAGE_MASK;
		uint64_t end = ROUNDUP(e820.map[i].addr + e820.map[i].size,
				       PAGE_SIZE);

		if (e820.map[i].type != E820_RAM || end <= s || start >= e)
			continue;
		if (s < start && !visit(PFN_DOWN(s), PFN_DOWN(start)))
			return false;
		s = end;
	}
	return s >= e || visit(PFN_DOWN(s), PFN_DOWN(e));
}

static bool __init cf_check map_free(unsigned long s, unsigned long e)
{
	if (has_place(s, e - s)) {
		set_pdx_range(s, e);
		map_show(s, e - s, PAGE_HYPERVISOR);
	}
	return true;
}

static bool __init cf_check map_range(uint64_t s, uint64_t e)
{
	return without_ram(s, e, map_free);
}

void __init baton_map(void)
{
	show_region();
	map_ticks.read -= rdtsc();
	if (found && !inherit_attach(direct_map))
		map_refuse(inherit_why());
	map_ticks.read += rdtsc();
	map_ticks.map -= rdtsc();
	if (found && !inherit_extents(map_extent))
		map_refuse("a kept frame is RAM in the memory map, or out of reach");
	map_ticks.map += rdtsc();
	if (found && !inherit_free(map_range))
		map_refuse(inherit_why());
	attached = found;
}

/* DOMID_IO has every frame that is no RAM, with this count and type. */
static bool __init is_io(unsigned long mfn)
{
	const struct page_info *pg = mfn_to_page(_mfn(mfn));

	return mfn_valid(_mfn(mfn)) && page_get_owner(pg) == dom_io &&
	       pg->count_info == KEPT_COUNT;
}

static bool __init cf_check plug(unsigned long s, unsigned long e)
{
	unsigned long i;

	for (i = s; i < e; i++)
		if (!is_io(i))
			return true;	/* it stays out of use */
	if (s < HOLE_END)
		map_show(s, min_t(unsigned long, e, HOLE_END) - s, PAGE_HYPERVISOR);
	for (i = s; i < e; i++)
		memset(mfn_to_page(_mfn(i)), 0, sizeof(struct page_info));
	init_domheap_pages(pfn_to_paddr(s), pfn_to_paddr(e));
	nr_plugged += e - s;
	nr_ranges++;
	return true;
}

static bool __init cf_check plug_range(uint64_t s, uint64_t e)
{
	return without_ram(s, e, plug);
}

bool __init map_attached(void)
{
	return attached;
}

void __init map_plug(void)
{
	if (attached)
		inherit_free(plug_range);
	total_pages += nr_plugged;
	if (nr_plugged)
		printk("baton: %lu frames in %lu free ranges that the memory map had no room for\n",
		       nr_plugged, nr_ranges);
}
