// SPDX-License-Identifier: MIT
/*
 * payload.c - a livepatch for a Xen that knows nothing of kept guests: what it found
 * at boot it has to be told. Dom0 writes the table, Xen is given the payload, and two
 * functions are exchanged. Kept frames stay DOMID_IO's, as this Xen
 * had them, until their guest gets them: a mapping of one takes no reference, so
 * nobody may have one mapped then.
 *
 * struct domain has no room for a pointer. So a domain is linked when it first asks
 * for memory, and what it was linked with is looked for each time.
 */
#include <xen/lib.h>
#include <xen/livepatch.h>
#include <xen/livepatch_payload.h>
#include <xen/softirq.h>
#include <xen/vmap.h>
#include <xen/xmalloc.h>
#include <asm/baton.h>

#include "keep.h"
#include "payload.h"
#include "patchtable.h"

struct livepatch_table baton_livepatch_table __section(".data") = {
	.magic = LIVEPATCH_TABLE_MAGIC,
};

static domid_t domids[LIVEPATCH_TABLE_GUESTS];	/* of kept[].d */
static DEFINE_SPINLOCK(link_lock);		/* for one domain at a time */

static int refuse(const char *why)
{
	printk(XENLOG_ERR "baton: no guest goes on in place: %s\n", why);
	return -EINVAL;
}

static int read_guest(struct kept *k, unsigned int g, unsigned int first)
{
	const struct livepatch_table *t = &baton_livepatch_table;
	unsigned int i, n = t->guest[g].extents;

	memcpy(k->handle, t->guest[g].uuid, sizeof(k->handle));
	k->hvm = t->guest[g].hvm;
	if (!n || n > t->extents - first)
		return refuse("the table is damaged");
	k->by_gfn = vzalloc(n * sizeof(*k->by_gfn));
	k->by_mfn = vzalloc(n * sizeof(*k->by_mfn));
	if (!k->by_gfn || !k->by_mfn)
		return -ENOMEM;
	for (i = first; i < first + n; i++)
		lists_note(k, t->extent[i].gfn, t->extent[i].mfn,
			   t->extent[i].pages);
	return lists_sort(k) ? 0
	     : refuse("two frames for one number of a guest");
}

static int read_table(void)
{
	const struct livepatch_table *t = &baton_livepatch_table;
	unsigned int g, first = 0;
	int rc = 0;

	/* whoever finds it applied takes it that guests are in it */
	if (!t->guests)
		return refuse("nobody has written the table");
	if (t->guests > LIVEPATCH_TABLE_GUESTS ||
	    t->extents > LIVEPATCH_TABLE_EXTENTS)
		return refuse("the table is damaged");
	kept = xzalloc_array(struct kept, t->guests + 1);
	if (!kept)
		return -ENOMEM;
	for (g = 0; g < t->guests && !rc; g++) {
		nr_kept = g + 1;
		rc = read_guest(&kept[g], g, first);
		first += t->guest[g].extents;
	}
	return rc;
}

/* No frame is in it twice: it is one guest's. */
static int check_owners(void)
{
	unsigned int g, i, nr = 0;
	struct extent *all;
	int rc = 0;

	for (g = 0; g < nr_kept; g++)
		nr += kept[g].nr;
	all = vzalloc((nr + 1ul) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	for (g = nr = 0; g < nr_kept; nr += kept[g++].nr)
		memcpy(all + nr, kept[g].by_mfn, kept[g].nr * sizeof(*all));
	lists_sort_mfns(all, nr);
	for (i = 1; i < nr && !rc; i++)
		if (all[i - 1].mfn + all[i - 1].pages > all[i].mfn)
			rc = refuse("a kept frame has two owners");
	vfree(all);
	return rc;
}

static int open_frames(unsigned long *frames)
{
	unsigned int g, i;
	int rc = 0;

	*frames = 0;
	for (g = 0; g < nr_kept; g++)
		for (i = 0; i < kept[g].nr && !rc; i++) {
			const struct extent *x = &kept[g].by_mfn[i];

			rc = frames_open(x->mfn, x->pages);
			*frames += x->pages;
			process_pending_softirqs();
		}
	return rc;
}

static void drop_all(void)
{
	struct kept *all = kept;
	unsigned int g, nr = nr_kept;

	nr_kept = 0;
	kept = NULL;
	for (g = 0; g < nr; g++)
		keep_end(&all[g]);
	xfree(all);
}

/* Before the functions are exchanged, with interrupts on. */
static int cf_check prepare(livepatch_payload_t *p)
{
	unsigned long frames = 0;
	int rc;

	drop_all();
	dom_kept = dom_io;
	kept_type = PGT_writable_page | PGT_validated | 1;
	rc = read_table();
	rc = rc ?: check_owners();
	rc = rc ?: open_frames(&frames);
	if (rc)
		drop_all();
	else
		printk("baton: livepatch: %u guests kept, %lu frames\n",
		       nr_kept, frames);
	return rc;
}
LIVEPATCH_PREAPPLY_HOOK(prepare);

/* Xen's own functions are back. What nobody was given is DOMID_IO's still. */
static void cf_check finish(livepatch_payload_t *p)
{
	drop_all();
}
LIVEPATCH_POSTREVERT_HOOK(finish);

static struct kept *find_link(const struct domain *d)
{
	unsigned int i;

	for (i = 0; i < nr_kept; i++)
		if (kept[i].d == d && domids[i] == d->domain_id)
			return &kept[i];
	return NULL;
}

/* It has run: the frames are its own, and the heap's when it frees them. */
static void part(struct kept *k)
{
	spin_lock(&kept_lock);
	k->released = true;
	k->nr = 0;
	k->d = NULL;
	spin_unlock(&kept_lock);
}

struct kept *payload_linked(const struct domain *d)
{
	struct kept *k = find_link(d);

	if (!k || !d->creation_finished)
		return k;
	part(k);
	return NULL;
}

/* Is the domain that was linked there still? One that never got a frame ends
 * unseen. */
static bool is_there(const struct kept *k)
{
	const struct domain *d = rcu_lock_domain_by_id(domids[k - kept]);
	bool there = d && d == k->d;

	if (d)
		rcu_unlock_domain((struct domain *)d);
	return there;
}

static struct kept *find_like(const struct domain *d)
{
	unsigned int i;

	for (i = 0; i < nr_kept; i++)
		if (!kept[i].released && kept[i].hvm == is_hvm_domain(d) &&
		    !memcmp(kept[i].handle, d->handle, sizeof(d->handle)))
			return &kept[i];
	return NULL;
}

static struct kept *link_with(struct kept *k, struct domain *d)
{
	struct kept *linked;

	if (k->d && is_there(k))
		return k->d->creation_finished ? NULL : &keep_nobody;
	k->d = NULL;
	linked = baton_link(d);
	if (!linked || linked == &keep_nobody)
		return &keep_nobody;
	domids[linked - kept] = d->domain_id;
	return linked;
}

struct kept *payload_kept(struct domain *d)
{
	struct kept *k;

	if (!nr_kept || d->creation_finished || is_hardware_domain(d))
		return NULL;
	k = find_link(d);
	if (k)
		return k;
	k = find_like(d);
	if (!k)
		return NULL;
	spin_lock(&link_lock);
	k = link_with(k, d);
	spin_unlock(&link_lock);
	return k;
}

/* Xen writes a jump over their first bytes, and wants them in one array. */
struct livepatch_func payload_functions[] __section(".livepatch.funcs") = {
	{
		.version = LIVEPATCH_PAYLOAD_VERSION,
		.name = "common/memory.c#populate_physmap",
		.new_addr = payload_populate_physmap,
		.new_size = 64,
		.old_size = 64,
	},
	{
		.version = LIVEPATCH_PAYLOAD_VERSION,
		.name = "free_domheap_pages",
		.new_addr = payload_free_domheap_pages,
		.new_size = 64,
		.old_size = 64,
	},
};
