// SPDX-License-Identifier: MIT
/*
 * keep.c - the life of a kept frame while Xen runs: a new domain is linked with what
 * was kept for it, gets the frames, and gives them back if it ends before it ran.
 */
#include <xen/err.h>
#include <xen/lib.h>
#include <xen/vmap.h>
#include <asm/baton.h>
#include <asm/p2m.h>

#include "keep.h"

struct domain *__read_mostly dom_kept;
struct kept *__read_mostly kept;
unsigned int __read_mostly nr_kept;
unsigned long __read_mostly kept_type;
struct kept keep_nobody;
DEFINE_SPINLOCK(kept_lock);

/* kept_lock is held, for the lists end with their domain. */
mfn_t keep_frame_of(const struct kept *k, unsigned long gfn)
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

/* kept_lock is held. The one that has it, if any, may not have run yet: a second
 * one of its uuid would be restored into frames of the heap, without what was kept
 * and is not sent. */
static struct kept *link_to(struct kept *k, struct domain *d)
{
	if (k->d)
		return k->d->creation_finished ? NULL : &keep_nobody;
	k->d = d;
	k->placed = k->placed_pages = 0;
	k->blocks = k->spent = 0;
	return k;
}

struct kept *baton_link(struct domain *d)
{
	struct kept *k = NULL;
	unsigned int i;

	if (!nr_kept || is_hardware_domain(d))
		return NULL;
	spin_lock(&kept_lock);
	for (i = 0; i < nr_kept && !k; i++)
		if (kept[i].by_gfn && !kept[i].released &&
		    kept[i].hvm == is_hvm_domain(d) &&
		    !memcmp(kept[i].handle, d->handle, sizeof(d->handle)))
			k = link_to(&kept[i], d);
	spin_unlock(&kept_lock);
	if (k == &keep_nobody)
		printk(XENLOG_ERR "baton: %pd gets no memory: another one of its uuid comes first\n",
		       d);
	else if (k)
		printk(XENLOG_INFO "baton: %pd is kept guest %u\n", d,
		       (unsigned int)(k - kept));
	return k;
}

static void keep(struct page_info *pg)
{
	pg->u.inuse.type_info = kept_type;
	page_set_owner(pg, dom_kept);
	smp_wmb();
	pg->count_info = KEPT_COUNT;
}

/* The first of 2^order frames that stand in one aligned piece; INVALID_MFN and
 * *any: only some are kept, or they do not; *busy: one is another's. */
static mfn_t find_piece(const struct kept *k, const struct domain *d,
			unsigned long gfn, unsigned int order, bool *any,
			bool *busy)
{
	unsigned long i, n = 1ul << order;
	mfn_t first = keep_frame_of(k, gfn), mfn = first;
	bool whole = IS_ALIGNED(mfn_x(first), n);

	*any = *busy = false;
	for (i = 0; i < n; i++) {
		const struct domain *owner = NULL;

		if (i)
			mfn = keep_frame_of(k, gfn + i);
		if (!mfn_eq(mfn, INVALID_MFN))
			owner = page_get_owner(mfn_to_page(mfn));
		if (owner != dom_kept)
			whole = false;
		else
			*any = true;
		*busy |= owner && owner != dom_kept && owner != d;
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

bool keep_take(struct page_info *pg, unsigned long n)
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

bool keep_give(struct domain *d, struct page_info *pg, unsigned long n,
	       unsigned int memflags)
{
	if (!keep_take(pg, n))
		return false;
	if (!assign_pages(pg, n, d, memflags))
		return true;
	keep_all(pg, n);
	return false;
}

struct page_info *baton_adopt(struct kept *k, struct domain *d,
			      unsigned long gfn, unsigned int order,
			      unsigned int memflags)
{
	struct page_info *pg;
	mfn_t first;
	bool any, busy;

	if (k == &keep_nobody)
		return ERR_PTR(-EBUSY);
	spin_lock(&kept_lock);
	first = find_piece(k, d, gfn, order, &any, &busy);
	spin_unlock(&kept_lock);
	/* an earlier domain of its uuid has ended, and somebody has a frame of its
	 * mapped: the heap's would not be what was kept. One that runs has given
	 * its own back, and to whom is no matter. */
	if (busy && !d->creation_finished)
		return ERR_PTR(any ? -EOPNOTSUPP : -EBUSY);
	if (mfn_eq(first, INVALID_MFN))
		return any ? ERR_PTR(-EOPNOTSUPP) : NULL;
	pg = mfn_to_page(first);
	return keep_give(d, pg, 1ul << order, memflags) ? pg : ERR_PTR(-EBUSY);
}

bool baton_keep_again(struct kept *k, struct domain *d, struct page_info *pg)
{
	bool again;

	if (d->creation_finished)
		return false;
	spin_lock(&kept_lock);
	again = is_kept_for(k, mfn_x(page_to_mfn(pg)));
	spin_unlock(&kept_lock);
	if (again) {
		set_gpfn_from_mfn(mfn_x(page_to_mfn(pg)), INVALID_M2P_ENTRY);
		keep(pg);
	}
	return again;
}

void keep_end(struct kept *k)
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

void baton_forget(struct kept *k, struct domain *d)
{
	/* it has run: the frames were its, and are the heap's now */
	if (d->creation_finished)
		keep_end(k);
	spin_lock(&kept_lock);
	k->d = NULL;
	spin_unlock(&kept_lock);
}
