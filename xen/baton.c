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
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/param.h>
#include <xen/sched.h>
#include <xen/sort.h>
#include <xen/spinlock.h>
#include <xen/vmap.h>
#include <xen/xmalloc.h>
#include <asm/baton.h>
#include <asm/e820.h>
#include <asm/p2m.h>
#include <asm/setup.h>
#if XEN_SUBVERSION >= 20
#include <asm/bootinfo.h>
#endif

#include "inherit.h"

#define KEPT_COUNT	(PGC_allocated | 1)	/* count_info of such a frame */
#define LARGE_ORDER	9			/* frames of a large page: 2 MiB */
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
static unsigned long __initdata nr_frames, nr_extents, nr_plugged, nr_ranges;

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
	nr_frames += x->pages;
	nr_extents++;
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
	if (found && !inherit_attach(direct_map))
		refuse(inherit_why());
	if (found && !inherit_extents(map_extent))
		refuse("a kept frame is RAM in the memory map, or out of reach");
	if (found && !inherit_free(map_range))
		refuse(inherit_why());
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

/* Frames that are claimed are written once. A frame that is not DOMID_IO's, as
 * one that was claimed before, is what ends it. */
static bool __init cf_check claim(const struct inherit_extent *x)
{
	struct kept *k = &kept[x->guest];
	struct extent *last = k->nr ? &k->by_gfn[k->nr - 1] : NULL;
	unsigned long i;

	for (i = 0; i < x->pages; i++) {
		struct page_info *pg = mfn_to_page(_mfn(x->mfn + i));

		if (!is_io(x->mfn + i))
			return false;
		pg->u.inuse.type_info = 0;
		page_set_owner(pg, dom_kept);
	}
	if (x->mfn < HOLE_END)
		show(x->mfn, min_t(unsigned long, x->pages, HOLE_END - x->mfn),
		     PAGE_HYPERVISOR);
	if (last && last->gfn + last->pages == x->gfn &&
	    last->mfn + last->pages == x->mfn)
		last->pages += x->pages;
	else
		k->by_gfn[k->nr++] = (struct extent){ x->gfn, x->mfn,
						      x->pages };
	return true;
}

/* Of a guest that is refused: its frames are DOMID_IO's again. */
static bool __init cf_check disown(const struct inherit_extent *x)
{
	unsigned long i;

	for (i = 0; kept[x->guest].refused && i < x->pages; i++) {
		struct page_info *pg = mfn_to_page(_mfn(x->mfn + i));

		if (page_get_owner(pg) != dom_kept)
			continue;
		pg->u.inuse.type_info = PGT_writable_page | PGT_validated | 1;
		page_set_owner(pg, dom_io);
	}
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
	sort(k->by_gfn, k->nr, sizeof(*k->by_gfn), by_gfn, swap_extents);
	for (j = 1; j < k->nr; j++)
		if (k->by_gfn[j - 1].gfn + k->by_gfn[j - 1].pages >
		    k->by_gfn[j].gfn) {
			refuse_guest(i, "two frames for one of its numbers");
			return;
		}
	memcpy(k->by_mfn, k->by_gfn, k->nr * sizeof(*k->by_gfn));
	sort(k->by_mfn, k->nr, sizeof(*k->by_mfn), by_mfn, swap_extents);
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

static void __init claim_all(void)
{
	unsigned int i;
	bool good;

	if (!make_tables()) {
		refuse("no memory for the lists of frames");
		nr_kept = 0;
		return;
	}
	dom_kept = domain_create(DOMID_KEPT, NULL, 0);
	if (IS_ERR(dom_kept))
		panic("Failed to create d[KEPT]: %ld\n", PTR_ERR(dom_kept));
	good = inherit_extents(claim);
	if (!good)
		refuse("a kept frame has two owners");
	for (i = 0; i < nr_kept; i++)
		if (good)
			check_guest(i);
		else
			kept[i].refused = true;
	inherit_extents(disown);
	for (i = 0; i < nr_kept; i++)
		if (kept[i].refused)
			drop_tables(i);
	if (good)
		printk("baton: %u guests kept, %lu frames in %lu extents\n",
		       nr_kept, nr_frames, nr_extents);
	total_pages += nr_frames;
}

void __init baton_claim(void)
{
	if (!found)
		return;
	inherit_free(plug_range);
	total_pages += nr_plugged;
	if (nr_plugged)
		printk("baton: %lu frames in %lu free ranges that the memory map had no room for\n",
		       nr_plugged, nr_ranges);
	if (inherit_guests())
		claim_all();
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

/* A frame that somebody has mapped has a higher count, and stays. */
static unsigned long take_frames(struct page_info *pg, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++) {
		if (cmpxchg(&pg[i].count_info, KEPT_COUNT, 0) != KEPT_COUNT)
			break;
		page_set_owner(&pg[i], NULL);
		pg[i].u.inuse.type_info = 0;
	}
	return i;
}

struct page_info *baton_adopt(struct domain *d, unsigned long gfn,
			      unsigned int order, unsigned int memflags)
{
	unsigned long n = 1ul << order, taken;
	struct page_info *pg;
	mfn_t first;
	bool any;

	spin_lock(&kept_lock);
	first = find_piece(d->kept, gfn, order, &any);
	spin_unlock(&kept_lock);
	if (mfn_eq(first, INVALID_MFN))
		return any ? ERR_PTR(-EOPNOTSUPP) : NULL;
	pg = mfn_to_page(first);
	taken = take_frames(pg, n);
	if (taken == n && !assign_pages(pg, n, d, memflags))
		return pg;
	while (taken)
		keep(&pg[--taken]);
	return ERR_PTR(-EBUSY);
}

/* Was it placed, with the others of its large page? */
static bool is_placed(const struct domain *d, mfn_t mfn, unsigned long gfn)
{
	return !mfn_eq(mfn, INVALID_MFN) &&
	       page_get_owner(mfn_to_page(mfn)) == d &&
	       get_gpfn_from_mfn(mfn_x(mfn)) == gfn;
}

int baton_place(struct domain *d, unsigned long gfn, unsigned int order,
		unsigned int memflags)
{
	unsigned long start = gfn & ~((1ul << LARGE_ORDER) - 1);
	struct page_info *pg;
	bool placed, any;
	mfn_t first;

	if (!is_hvm_domain(d) || order || d->creation_finished)
		return 0;
	spin_lock(&kept_lock);
	placed = is_placed(d, frame_of(d->kept, gfn), gfn);
	first = placed ? INVALID_MFN
		       : find_piece(d->kept, start, LARGE_ORDER, &any);
	spin_unlock(&kept_lock);
	if (placed || mfn_eq(first, INVALID_MFN))
		return placed;
	pg = baton_adopt(d, start, LARGE_ORDER, memflags);
	if (!pg || IS_ERR(pg))
		return pg ? PTR_ERR(pg) : -EBUSY;
	/* where it fails the domain ends, and gives all of them back */
	return guest_physmap_add_page(d, _gfn(start), first, LARGE_ORDER) ?: 1;
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
	unsigned long n, taken;
	struct page_info *pg = mfn_to_page(_mfn(x->mfn));

	while (order < LARGE_ORDER && !(x->mfn & (1ul << order)) &&
	       x->pages >= 2ul << order)
		order++;
	n = 1ul << order;
	taken = take_frames(pg, n);
	if (taken < n) {
		while (taken)
			keep(&pg[--taken]);
		return false;
	}
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
