// SPDX-License-Identifier: MIT
/*
 * place.c - a translated guest gets all frames that were kept for it at once, in
 * entries of its physmap that are as large as can be.
 */
#include <xen/event.h>
#include <xen/lib.h>
#include <asm/baton.h>
#include <asm/p2m.h>

#include "keep.h"

#define HUGE_ORDER	18			/* 1 GiB */
#define SMALL_FRAMES	512			/* given at a time, page by page */

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

	if (!keep_give(d, mfn_to_page(_mfn(mfn)), pages, memflags))
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

static int place_all(struct domain *d, struct kept *k, unsigned int memflags)
{
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
static int are_placed(const struct domain *d, const struct kept *k,
		      unsigned long gfn, unsigned int order)
{
	unsigned long i, placed = 0;
	mfn_t mfn;

	spin_lock(&kept_lock);
	for (i = 0; i < 1ul << order; i++) {
		mfn = keep_frame_of(k, gfn + i);
		placed += !mfn_eq(mfn, INVALID_MFN) &&
			  page_get_owner(mfn_to_page(mfn)) == d &&
			  get_gpfn_from_mfn(mfn_x(mfn)) == gfn + i;
	}
	spin_unlock(&kept_lock);
	return placed == 1ul << order ? 1 : placed ? -EOPNOTSUPP : 0;
}

int baton_place(struct kept *k, struct domain *d, unsigned long gfn,
		unsigned int order, unsigned int memflags)
{
	int rc;

	if (k == &keep_nobody)
		return -EBUSY;
	if (!is_hvm_domain(d) || d->creation_finished)
		return 0;
	rc = place_all(d, k, memflags);
	return rc ?: are_placed(d, k, gfn, order);
}
