// SPDX-License-Identifier: MIT
/*
 * baton.c - see baton.h. Compiled in Xen's tree, arch/x86.
 *
 * The frames of kept guests are no RAM in the memory map that this Xen was
 * given, so neither the boot allocator nor the heap ever hears of them. Here
 * they get a page_info, an M2P and a place in the direct map, and DOMID_KEPT as
 * their owner: with DOMID_IO dom0's mappings would take no references. RAM that
 * is in neither, for a map has room for few ranges, is given to the heap.
 *
 * Whatever is refused is said in one line; the frames stay no RAM then, and
 * dom0 copies the guests out of them as it does on a stock Xen.
 */
#include <xen/compile.h>
#include <xen/err.h>
#include <xen/event.h>
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/param.h>
#include <xen/sched.h>
#include <xen/smp.h>
#include <xen/softirq.h>
#include <xen/sort.h>
#include <xen/spinlock.h>
#include <xen/vmap.h>
#include <xen/xmalloc.h>
#include <asm/baton.h>
#include <asm/e820.h>
#include <asm/msr.h>
#include <asm/p2m.h>
#include <asm/setup.h>
#if XEN_SUBVERSION >= 20
#include <asm/bootinfo.h>
#endif

#include "inherit.h"

#define KEPT_COUNT	(PGC_allocated | 1)	/* count_info of such a frame */
#define LARGE_ORDER	9			/* frames of a large page: 2 MiB */
#define HUGE_ORDER	18			/* 1 GiB */
#define SMALL_FRAMES	512			/* given at a time, page by page */
#define CHUNK_FRAMES	(1ul << 15)		/* 1 MiB of frametable: 0.3 ms */
#define CHUNKS		8			/* of a CPU, with interrupts off */
#define RELEASE_FRAMES	(MB(64) >> PAGE_SHIFT)	/* in one call: milliseconds */
#define LOW_MFN		PFN_DOWN(MB(1))
#define HOLE_END	(MB(16) >> PAGE_SHIFT)	/* arch_init_memory() unmaps holes */

struct extent {
	unsigned long gfn, mfn, pages;
};

struct kept {
	xen_domain_handle_t handle;
	bool hvm, refused;
	bool released;			/* nobody is given it any more */
	struct domain *d;		/* the one that is like it, if any */
	bool placing;			/* a CPU gives it frames */
	unsigned int placed;		/* extents it has been given, and of */
	unsigned long placed_pages;	/* the next one so many */
	unsigned long blocks;		/* entries of its physmap they took */
	s_time_t spent;			/* ns */
	unsigned int nr;
	struct extent *by_gfn, *by_mfn;	/* the same; NULL: over */
};

struct domain *__read_mostly dom_kept;
static struct kept *__read_mostly kept;
static unsigned int __read_mostly nr_kept;
static DEFINE_SPINLOCK(kept_lock);

static uint64_t __initdata opt_baton;
integer_param("baton", opt_baton);

/* Boot */

static bool __initdata found;
struct shown {
	uint64_t start, end;
};
static struct shown __initdata shown[8];	/* the region, in the direct map */
static bool __initdata attached;	/* all of it was read, and holds */
static unsigned long __initdata nr_plugged, nr_ranges;

/* What is claimed, by mfn: `at` frames are before it. One more ends the list. */
struct piece {
	unsigned long mfn, at;
};
static struct piece *__initdata pieces;
static unsigned int __initdata nr_pieces;
static unsigned long __initdata nr_frames;	/* of all pieces */
static bool __initdata is_taken;	/* one of them is somebody's already */
static atomic_t __initdata next_chunk;

/* What it takes, in ticks of the TSC */
struct ticks {
	uint64_t read, map, sort, own;
};
static struct ticks __initdata ticks;

static void __init refuse(const char *why)
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
	ticks.read -= rdtsc();
	found = inherit_open(opt_baton, early_map);
	bootstrap_end();
	if (!found)
		refuse(inherit_why());
	for (i = 0; found && inherit_region(i, &s, &e); i++)
		if (is_ram(s, e))
			refuse("the region is RAM in the memory map");
	top = PFN_DOWN(inherit_top());
	if (top > 1ul << (paddr_bits - PAGE_SHIFT))
		top = 1ul << (paddr_bits - PAGE_SHIFT);
	ticks.read += rdtsc();
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

static void __init show(unsigned long mfn, unsigned long pages,
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
			refuse("the region has no place in the direct map");
			return;
		}
		show(PFN_DOWN(s), PFN_DOWN(e - s), PAGE_HYPERVISOR_RO);
		shown[i].start = s;
		shown[i].end = e;
	}
}

static void __init hide_region(void)
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
	show(x->mfn, x->pages, PAGE_HYPERVISOR);
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
		show(s, e - s, PAGE_HYPERVISOR);
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
	ticks.read -= rdtsc();
	if (found && !inherit_attach(direct_map))
		refuse(inherit_why());
	ticks.read += rdtsc();
	ticks.map -= rdtsc();
	if (found && !inherit_extents(map_extent))
		refuse("a kept frame is RAM in the memory map, or out of reach");
	ticks.map += rdtsc();
	if (found && !inherit_free(map_range))
		refuse(inherit_why());
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
		show(s, min_t(unsigned long, e, HOLE_END) - s, PAGE_HYPERVISOR);
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

static bool __init cf_check note_extent(const struct inherit_extent *x)
{
	struct kept *k = &kept[x->guest];
	struct extent *last = k->nr ? &k->by_gfn[k->nr - 1] : NULL;

	if (last && last->gfn + last->pages == x->gfn &&
	    last->mfn + last->pages == x->mfn)
		last->pages += x->pages;
	else
		k->by_gfn[k->nr++] = (struct extent){ x->gfn, x->mfn,
						      x->pages };
	return true;
}

static int __init cf_check by_gfn(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	return x->gfn < y->gfn ? -1 : x->gfn > y->gfn;
}

static int __init cf_check by_mfn(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	return x->mfn < y->mfn ? -1 : x->mfn > y->mfn;
}

static void __init cf_check swap_extents(void *a, void *b, size_t size)
{
	struct extent t = *(struct extent *)a;

	*(struct extent *)a = *(struct extent *)b;
	*(struct extent *)b = t;
}

/* Streams have them in order already, as a rule. */
static void __init sort_extents(struct extent *x, unsigned int nr,
				int (*cmp)(const void *, const void *))
{
	unsigned int i;

	for (i = 1; i < nr; i++)
		if (cmp(&x[i - 1], &x[i]) > 0) {
			sort(x, nr, sizeof(*x), cmp, swap_extents);
			return;
		}
}

static void __init refuse_guest(unsigned int i, const char *why)
{
	printk(XENLOG_ERR "baton: kept guest %u does not go on in place: %s\n",
	       i, why);
	kept[i].refused = true;
}

static void __init check_guest(unsigned int i)
{
	struct kept *k = &kept[i];
	unsigned int j;

	for (j = 0; j < i; j++)
		if (!memcmp(k->handle, kept[j].handle, sizeof(k->handle))) {
			refuse_guest(j, "another one has its uuid");
			refuse_guest(i, "another one has its uuid");
		}
	sort_extents(k->by_gfn, k->nr, by_gfn);
	for (j = 1; j < k->nr; j++)
		if (k->by_gfn[j - 1].gfn + k->by_gfn[j - 1].pages >
		    k->by_gfn[j].gfn) {
			refuse_guest(i, "two frames for one of its numbers");
			return;
		}
	memcpy(k->by_mfn, k->by_gfn, k->nr * sizeof(*k->by_gfn));
	sort_extents(k->by_mfn, k->nr, by_mfn);
}

static bool __init make_tables(void)
{
	unsigned int i;

	nr_kept = inherit_guests();
	kept = xzalloc_array(struct kept, nr_kept);
	for (i = 0; kept && i < nr_kept; i++) {
		const struct inherit_guest *g = inherit_guest(i);

		memcpy(kept[i].handle, g->uuid, sizeof(kept[i].handle));
		kept[i].hvm = g->kind == INHERIT_HVM;
		if (g->extents > UINT_MAX / sizeof(struct extent))
			return false;
		kept[i].by_gfn = vzalloc((g->extents + 1) *
					 sizeof(struct extent));
		kept[i].by_mfn = vzalloc((g->extents + 1) *
					 sizeof(struct extent));
		if (!kept[i].by_gfn || !kept[i].by_mfn)
			return false;
	}
	return kept;
}

static void __init drop_tables(unsigned int i)
{
	kept[i].nr = 0;
	vfree(kept[i].by_gfn);
	vfree(kept[i].by_mfn);
	kept[i].by_gfn = kept[i].by_mfn = NULL;
}

/* All extents of all guests that are not refused, one behind the other. */
static struct extent *__init list_all(unsigned int *nr)
{
	struct extent *all;
	unsigned int i;

	*nr = 0;
	for (i = 0; i < nr_kept; i++)
		*nr += kept[i].refused ? 0 : kept[i].nr;
	all = vzalloc((*nr + 1ul) * sizeof(*all));
	*nr = 0;
	for (i = 0; all && i < nr_kept; i++) {
		if (kept[i].refused)
			continue;
		memcpy(all + *nr, kept[i].by_mfn,
		       kept[i].nr * sizeof(*all));
		*nr += kept[i].nr;
	}
	return all;
}

/* NULL, or why not. */
static const char *__init make_pieces(void)
{
	unsigned int i, nr;
	struct extent *all = list_all(&nr);

	pieces = vzalloc((nr + 1ul) * sizeof(*pieces));
	if (!all || !pieces) {
		vfree(all);
		return "no memory for the list of frames";
	}
	sort_extents(all, nr, by_mfn);
	for (i = 0; i < nr; i++) {
		if (i && all[i - 1].mfn + all[i - 1].pages > all[i].mfn)
			break;
		pieces[i] = (struct piece){ all[i].mfn, nr_frames };
		nr_frames += all[i].pages;
	}
	pieces[nr].at = nr_frames;
	vfree(all);
	if (i < nr)
		return "a kept frame has two owners";
	nr_pieces = nr;
	return NULL;
}

static void __init refuse_all(const char *why)
{
	unsigned int i;

	refuse(why);
	for (i = 0; i < nr_kept; i++)
		kept[i].refused = true;
	nr_pieces = 0;
	nr_frames = 0;
}

static void __init drop_refused(void)
{
	unsigned int i;

	for (i = 0; i < nr_kept; i++)
		if (kept[i].refused)
			drop_tables(i);
}

static void __init sort_all(void)
{
	const char *why;
	unsigned int i;

	if (!make_tables()) {
		refuse("no memory for the lists of frames");
		nr_kept = 0;
		return;
	}
	dom_kept = domain_create(DOMID_KEPT, NULL, 0);
	if (IS_ERR(dom_kept))
		panic("Failed to create d[KEPT]: %ld\n", PTR_ERR(dom_kept));
	inherit_extents(note_extent);
	for (i = 0; i < nr_kept; i++)
		check_guest(i);
	why = make_pieces();
	if (why)
		refuse_all(why);
	drop_refused();
}

void __init baton_claim(void)
{
	if (!attached || !inherit_guests())
		return;
	ticks.sort -= rdtsc();
	sort_all();
	ticks.sort += rdtsc();
}

static unsigned long __init pages_of(const struct piece *p)
{
	return p[1].at - p->at;
}

bool __init baton_skip(unsigned long *mfn)
{
	static unsigned int __initdata next;
	const struct piece *p = pieces + next;

	for (; next < nr_pieces && p->mfn + pages_of(p) <= *mfn; p++)
		next++;
	if (next == nr_pieces || *mfn < p->mfn)
		return false;
	*mfn = p->mfn + pages_of(p) - 1;
	return true;
}

/* Nobody has had them: each is written once. False: somebody has. */
static bool __init own_frames(struct page_info *pg, unsigned long n)
{
	const struct page_info *end = pg + n;
	struct domain *owner = dom_kept;

	for (; pg < end; pg++) {
		if ((pg->count_info | pg->u.inuse.type_info) ||
		    page_get_owner(pg))
			return false;
		page_set_owner(pg, owner);
		pg->count_info = KEPT_COUNT;
	}
	return true;
}

/* The piece that frame `at` of all of them is in. */
static const struct piece *__init find_frame(unsigned long at)
{
	unsigned int low = 0, high = nr_pieces;

	while (high - low > 1) {
		unsigned int middle = low + (high - low) / 2;

		if (pieces[middle].at <= at)
			low = middle;
		else
			high = middle;
	}
	return &pieces[low];
}

static bool __init own_chunk(unsigned long at, unsigned long end)
{
	const struct piece *p = find_frame(at);
	unsigned long n;

	for (; at < end; at += n, p++) {
		n = min(end, p[1].at) - at;
		if (!own_frames(mfn_to_page(_mfn(p->mfn + (at - p->at))), n))
			return false;
	}
	return true;
}

/* On every CPU: what no other one has begun. */
static void __init cf_check own_some(void *unused)
{
	unsigned int i;

	for (i = 0; i < CHUNKS; i++) {
		unsigned long at = CHUNK_FRAMES *
			(unsigned int)(atomic_inc_return(&next_chunk) - 1);

		if (at >= nr_frames)
			return;
		if (!own_chunk(at, min(nr_frames, at + CHUNK_FRAMES)))
			is_taken = true;
	}
}

/* As arch_init_memory() would have had them. */
static void __init give_to_io(const struct piece *p)
{
	unsigned long i;

	for (i = 0; i < pages_of(p); i++) {
		struct page_info *pg = mfn_to_page(_mfn(p->mfn + i));

		if (page_get_owner(pg) && page_get_owner(pg) != dom_kept)
			continue;
		set_gpfn_from_mfn(p->mfn + i, INVALID_M2P_ENTRY);
		pg->u.inuse.type_info = PGT_writable_page | PGT_validated | 1;
		page_set_owner(pg, dom_io);
		pg->count_info |= KEPT_COUNT;
	}
}

static void __init own_all(void)
{
	const struct piece *p, *end = pieces + nr_pieces;

	while (CHUNK_FRAMES * (unsigned int)atomic_read(&next_chunk) <
	       nr_frames) {
		on_each_cpu(own_some, NULL, 1);
		process_pending_softirqs();
	}
	for (p = pieces; p < end; p++) {
		if (is_taken)
			give_to_io(p);
		else if (p->mfn < HOLE_END)
			show(p->mfn, min_t(unsigned long, pages_of(p),
					   HOLE_END - p->mfn),
			     PAGE_HYPERVISOR);
	}
	if (is_taken) {
		refuse_all("a kept frame has two owners");
		drop_refused();
	}
}

static unsigned long __init to_us(uint64_t t)
{
	return t * 1000 / cpu_khz;
}

static void __init say_kept(void)
{
	printk("baton: %u guests kept, %lu frames in %u extents\n", nr_kept,
	       nr_frames, nr_pieces);
	printk("baton: %lu frames kept in %lu us by %u CPUs: read %lu, map %lu, sort %lu, own %lu\n",
	       nr_frames, to_us(ticks.read + ticks.map + ticks.sort +
				ticks.own), num_online_cpus(),
	       to_us(ticks.read), to_us(ticks.map), to_us(ticks.sort),
	       to_us(ticks.own));
}

void __init baton_own(void)
{
	if (attached)
		inherit_free(plug_range);
	total_pages += nr_plugged;
	if (nr_plugged)
		printk("baton: %lu frames in %lu free ranges that the memory map had no room for\n",
		       nr_plugged, nr_ranges);
	if (nr_pieces) {
		ticks.own -= rdtsc();
		own_all();
		ticks.own += rdtsc();
	}
	if (nr_pieces)
		say_kept();
	total_pages += nr_frames;
	vfree(pieces);
	hide_region();
}

/* From here on: as long as Xen runs */

/* kept_lock is held, for the lists end with their domain. */
static mfn_t frame_of(const struct kept *k, unsigned long gfn)
{
	unsigned int low = 0, high = k->by_gfn ? k->nr : 0;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;
		const struct extent *x = &k->by_gfn[middle];

		if (gfn < x->gfn)
			high = middle;
		else if (gfn - x->gfn >= x->pages)
			low = middle + 1;
		else
			return _mfn(x->mfn + (gfn - x->gfn));
	}
	return INVALID_MFN;
}

/* The M2P cannot be asked: it is the guest's to write. */
static bool is_kept_for(const struct kept *k, unsigned long mfn)
{
	unsigned int low = 0, high = k->by_mfn ? k->nr : 0;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;
		const struct extent *x = &k->by_mfn[middle];

		if (mfn < x->mfn)
			high = middle;
		else if (mfn - x->mfn >= x->pages)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

void baton_link(struct domain *d)
{
	unsigned int i;

	if (!nr_kept || is_hardware_domain(d))
		return;
	spin_lock(&kept_lock);
	for (i = 0; i < nr_kept && !d->kept; i++)
		if (!kept[i].d && kept[i].by_gfn && !kept[i].released &&
		    kept[i].hvm == is_hvm_domain(d) &&
		    !memcmp(kept[i].handle, d->handle, sizeof(d->handle))) {
			kept[i].d = d;
			kept[i].placed = kept[i].placed_pages = 0;
			kept[i].blocks = kept[i].spent = 0;
			d->kept = &kept[i];
		}
	spin_unlock(&kept_lock);
	if (d->kept)
		printk(XENLOG_INFO "baton: %pd is kept guest %u\n", d,
		       (unsigned int)(d->kept - kept));
}

static void keep(struct page_info *pg)
{
	pg->u.inuse.type_info = 0;
	page_set_owner(pg, dom_kept);
	smp_wmb();
	pg->count_info = KEPT_COUNT;
}

/* The first of 2^order frames that stand in one aligned piece; INVALID_MFN and
 * *any: only some are kept, or they do not. */
static mfn_t find_piece(const struct kept *k, unsigned long gfn,
			unsigned int order, bool *any)
{
	unsigned long i, n = 1ul << order;
	mfn_t first = frame_of(k, gfn), mfn = first;
	bool whole = IS_ALIGNED(mfn_x(first), n);

	*any = false;
	for (i = 0; i < n; i++) {
		if (i)
			mfn = frame_of(k, gfn + i);
		if (mfn_eq(mfn, INVALID_MFN) ||
		    page_get_owner(mfn_to_page(mfn)) != dom_kept)
			whole = false;
		else
			*any = true;
		if (!mfn_eq(mfn, mfn_add(first, i)))
			whole = false;
	}
	return whole ? first : INVALID_MFN;
}

static void keep_all(struct page_info *pg, unsigned long n)
{
	while (n)
		keep(&pg[--n]);
}

/* All of them, or none. A frame that somebody has mapped has a higher count, and
 * stays; so does what is a domain's by now. */
static bool take_frames(struct page_info *pg, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++) {
		if (page_get_owner(&pg[i]) != dom_kept ||
		    cmpxchg(&pg[i].count_info, KEPT_COUNT, 0) != KEPT_COUNT)
			break;
		page_set_owner(&pg[i], NULL);
		pg[i].u.inuse.type_info = 0;
	}
	if (i == n)
		return true;
	keep_all(pg, i);
	return false;
}

/* All of them, or none. */
static bool give(struct domain *d, struct page_info *pg, unsigned long n,
		 unsigned int memflags)
{
	if (!take_frames(pg, n))
		return false;
	if (!assign_pages(pg, n, d, memflags))
		return true;
	keep_all(pg, n);
	return false;
}

struct page_info *baton_adopt(struct domain *d, unsigned long gfn,
			      unsigned int order, unsigned int memflags)
{
	struct page_info *pg;
	mfn_t first;
	bool any;

	spin_lock(&kept_lock);
	first = find_piece(d->kept, gfn, order, &any);
	spin_unlock(&kept_lock);
	if (mfn_eq(first, INVALID_MFN))
		return any ? ERR_PTR(-EOPNOTSUPP) : NULL;
	pg = mfn_to_page(first);
	return give(d, pg, 1ul << order, memflags) ? pg : ERR_PTR(-EBUSY);
}

/* Of what is left of an extent, the largest block that the physmap can have as
 * one; *pages: of it, or of so many single ones before there is one. */
static unsigned int next_block(unsigned long gfn, unsigned long mfn,
			       unsigned long left, unsigned long *pages)
{
	unsigned long large = 1ul << LARGE_ORDER, huge = 1ul << HUGE_ORDER;
	bool can_be = !((gfn ^ mfn) & (large - 1));

	*pages = huge;
	if (IS_ALIGNED(gfn | mfn, huge) && left >= huge)
		return HUGE_ORDER;
	*pages = large;
	if (IS_ALIGNED(gfn | mfn, large) && left >= large)
		return LARGE_ORDER;
	*pages = can_be ? large - (gfn & (large - 1)) : SMALL_FRAMES;
	*pages = min(*pages, left);
	return 0;
}

static int place_next(struct domain *d, struct kept *k, unsigned int memflags)
{
	const struct extent *x = &k->by_gfn[k->placed];
	unsigned long gfn = x->gfn + k->placed_pages;
	unsigned long mfn = x->mfn + k->placed_pages, i, pages;
	unsigned int order = next_block(gfn, mfn, x->pages - k->placed_pages,
					&pages);
	int rc = 0;

	if (!give(d, mfn_to_page(_mfn(mfn)), pages, memflags))
		return -EBUSY;
	/* where it fails the domain ends, and gives all of them back */
	for (i = 0; !rc && i < pages; i += 1ul << order) {
		rc = guest_physmap_add_page(d, _gfn(gfn + i), _mfn(mfn + i),
					    order);
		k->blocks++;
	}
	if (rc)
		return rc;
	k->placed_pages += pages;
	if (k->placed_pages == x->pages) {
		k->placed++;
		k->placed_pages = 0;
	}
	return 0;
}

static void say_placed(const struct domain *d, const struct kept *k)
{
	unsigned long pages = 0;
	unsigned int i;

	for (i = 0; i < k->nr; i++)
		pages += k->by_gfn[i].pages;
	printk(XENLOG_INFO "baton: %pd has its %lu frames in %lu blocks, in %lu us\n",
	       d, pages, k->blocks, (unsigned long)(k->spent / 1000));
}

/* One CPU at a time, until something else waits for it. */
static int place_some(struct domain *d, struct kept *k, unsigned int memflags)
{
	s_time_t start = NOW();
	int rc = 0;

	while (!rc && k->placed < k->nr) {
		rc = place_next(d, k, memflags);
		if (!rc && k->placed < k->nr && hypercall_preempt_check())
			rc = -ERESTART;
	}
	k->spent += NOW() - start;
	if (!rc)
		say_placed(d, k);
	return rc;
}

static int place_all(struct domain *d, unsigned int memflags)
{
	struct kept *k = d->kept;
	bool mine;
	int rc;

	if (k->placed == k->nr)
		return 0;
	spin_lock(&kept_lock);
	mine = !k->placing;
	k->placing = true;
	spin_unlock(&kept_lock);
	if (!mine)
		return -ERESTART;
	rc = place_some(d, k, memflags);
	smp_wmb();
	k->placing = false;
	return rc;
}

/* 1: all of them stand where they were kept for; 0: none does. */
static int are_placed(const struct domain *d, unsigned long gfn,
		      unsigned int order)
{
	unsigned long i, placed = 0;
	mfn_t mfn;

	spin_lock(&kept_lock);
	for (i = 0; i < 1ul << order; i++) {
		mfn = frame_of(d->kept, gfn + i);
		placed += !mfn_eq(mfn, INVALID_MFN) &&
			  page_get_owner(mfn_to_page(mfn)) == d &&
			  get_gpfn_from_mfn(mfn_x(mfn)) == gfn + i;
	}
	spin_unlock(&kept_lock);
	return placed == 1ul << order ? 1 : placed ? -EOPNOTSUPP : 0;
}

int baton_place(struct domain *d, unsigned long gfn, unsigned int order,
		unsigned int memflags)
{
	int rc;

	if (!is_hvm_domain(d) || d->creation_finished)
		return 0;
	rc = place_all(d, memflags);
	return rc ?: are_placed(d, gfn, order);
}

bool baton_keep_again(struct domain *d, struct page_info *pg)
{
	bool again;

	if (d->creation_finished)
		return false;
	spin_lock(&kept_lock);
	again = is_kept_for(d->kept, mfn_x(page_to_mfn(pg)));
	spin_unlock(&kept_lock);
	if (again) {
		set_gpfn_from_mfn(mfn_x(page_to_mfn(pg)), INVALID_M2P_ENTRY);
		keep(pg);
	}
	return again;
}

static void end_lists(struct kept *k)
{
	struct extent *a, *b;

	spin_lock(&kept_lock);
	a = k->by_gfn;
	b = k->by_mfn;
	k->by_gfn = k->by_mfn = NULL;
	spin_unlock(&kept_lock);
	vfree(a);
	vfree(b);
}

void baton_forget(struct domain *d)
{
	struct kept *k = d->kept;

	/* it has run: the frames were its, and are the heap's now */
	if (d->creation_finished)
		end_lists(k);
	spin_lock(&kept_lock);
	k->d = NULL;
	spin_unlock(&kept_lock);
}

#ifdef CONFIG_HYPFS
/*
 * A guest that nobody wants back: its uuid is written to /params/baton-release.
 * Hypfs lets one in at a time, and dom0 alone.
 */

static bool read_handle(const char *s, xen_domain_handle_t handle)
{
	unsigned int i, digit;

	for (i = 0; i < 2 * sizeof(xen_domain_handle_t); i++, s++) {
		if (*s == '-' && i && !(i % 2))
			s++;
		if (*s >= '0' && *s <= '9')
			digit = *s - '0';
		else if (*s >= 'a' && *s <= 'f')
			digit = *s - 'a' + 10;
		else
			return false;
		handle[i / 2] = handle[i / 2] << 4 | digit;
	}
	return !*s;
}

/* From here on it has no domain, and gets none. */
static int begin_release(const xen_domain_handle_t handle, struct kept **out)
{
	int rc = -ENOENT;
	unsigned int i;

	spin_lock(&kept_lock);
	for (i = 0; i < nr_kept; i++)
		if (kept[i].by_gfn && !memcmp(kept[i].handle, handle,
					      sizeof(kept[i].handle))) {
			*out = &kept[i];
			rc = kept[i].d ? -EBUSY : 0;
			kept[i].released |= !rc;
		}
	spin_unlock(&kept_lock);
	return rc;
}

/* The largest aligned block at the start of an extent: to the heap, which has it
 * scrubbed before anybody gets it. False: somebody has one of them mapped. */
static bool release_block(struct extent *x)
{
	unsigned int order = 0;
	unsigned long n;
	struct page_info *pg = mfn_to_page(_mfn(x->mfn));

	while (order < LARGE_ORDER && !(x->mfn & (1ul << order)) &&
	       x->pages >= 2ul << order)
		order++;
	n = 1ul << order;
	if (!take_frames(pg, n))
		return false;
	free_domheap_pages(pg, order);
	x->mfn += n;
	x->pages -= n;
	return true;
}

static int release_some(struct kept *k)
{
	unsigned long left = RELEASE_FRAMES;

	for (; k->nr; k->nr--) {
		struct extent *x = &k->by_gfn[k->nr - 1];

		while (x->pages) {
			unsigned long before = x->pages;

			if (!left)
				return -EAGAIN;
			if (!release_block(x))
				return -EBUSY;
			left -= min(left, before - x->pages);
		}
	}
	end_lists(k);
	printk(XENLOG_INFO "baton: kept guest %u was released\n",
	       (unsigned int)(k - kept));
	return 0;
}

static int cf_check baton_release(const char *s)
{
	xen_domain_handle_t handle;
	struct kept *k = NULL;
	int rc;

	if (!read_handle(s, handle))
		return -EINVAL;
	rc = begin_release(handle, &k);
	return rc ?: release_some(k);
}

static char released_text[1];	/* who reads it is told nothing */

static void __init cf_check init_release(struct param_hypfs *par)
{
	custom_runtime_set_var(par, released_text);
}
custom_runtime_only_param("baton-release", baton_release, init_release);
#endif
