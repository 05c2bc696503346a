// SPDX-License-Identifier: MIT
/*
 * claim.c - whose the kept frames are. Before arch_init_memory() gives what is no RAM
 * to DOMID_IO they are sorted; when all CPUs run each gets DOMID_KEPT as its owner:
 * with DOMID_IO dom0's mappings would take no references. One with two owners:
 * nobody is given any.
 */
#include <xen/err.h>
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/smp.h>
#include <xen/softirq.h>
#include <xen/vmap.h>
#include <xen/xmalloc.h>
#include <asm/baton.h>
#include <asm/msr.h>

#include "inherit.h"
#include "keep.h"
#include "map.h"

#define CHUNK_FRAMES	(1ul << 15)		/* 1 MiB of frametable: 0.3 ms */
#define CHUNKS		8			/* of a CPU, with interrupts off */

/* What is claimed, by mfn: `at` frames are before it. One more ends the list. */
struct piece {
	unsigned long mfn, at;
};
static struct piece *__initdata pieces;
static unsigned int __initdata nr_pieces;
static unsigned long __initdata nr_frames;	/* of all pieces */
static bool __initdata is_taken;	/* one of them is somebody's already */
static atomic_t __initdata next_chunk;

static bool __init cf_check note_extent(const struct inherit_extent *x)
{
	lists_note(&kept[x->guest], x->gfn, x->mfn, x->pages);
	return true;
}

static void __init refuse_guest(unsigned int i, const char *why)
{
	printk(XENLOG_ERR "baton: kept guest %u does not go on in place: %s\n",
	       i, why);
	kept[i].refused = true;
}

static void __init check_guest(unsigned int i)
{
	unsigned int j;

	for (j = 0; j < i; j++)
		if (!memcmp(kept[i].handle, kept[j].handle,
			    sizeof(kept[i].handle))) {
			refuse_guest(j, "another one has its uuid");
			refuse_guest(i, "another one has its uuid");
		}
	if (!lists_sort(&kept[i]))
		refuse_guest(i, "two frames for one of its numbers");
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
	lists_sort_mfns(all, nr);
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

	map_refuse(why);
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
		map_refuse("no memory for the lists of frames");
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
	if (!map_attached() || !inherit_guests())
		return;
	map_ticks.sort -= rdtsc();
	sort_all();
	map_ticks.sort += rdtsc();
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
			map_show(p->mfn, min_t(unsigned long, pages_of(p),
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
	       nr_frames, to_us(map_ticks.read + map_ticks.map + map_ticks.sort +
				map_ticks.own), num_online_cpus(),
	       to_us(map_ticks.read), to_us(map_ticks.map), to_us(map_ticks.sort),
	       to_us(map_ticks.own));
}

void __init baton_own(void)
{
	map_plug();
	if (nr_pieces) {
		map_ticks.own -= rdtsc();
		own_all();
		map_ticks.own += rdtsc();
	}
	if (nr_pieces)
		say_kept();
	total_pages += nr_frames;
	vfree(pieces);
	map_hide();
}
