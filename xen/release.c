// SPDX-License-Identifier: MIT
/*
 * release.c - a guest that nobody wants back: its uuid is written to
 * /params/baton-release. Hypfs lets one in at a time, and dom0 alone.
 */
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/param.h>

#include "keep.h"

#define RELEASE_FRAMES	(MB(64) >> PAGE_SHIFT)	/* in one call: milliseconds */

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
			if (!rc && !kept[i].released)
				kept[i].left = kept[i].nr;
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
	if (!keep_take(pg, n))
		return false;
	free_domheap_pages(pg, order);
	x->mfn += n;
	x->pages -= n;
	return true;
}

static int release_some(struct kept *k)
{
	unsigned long left = RELEASE_FRAMES;

	for (; k->left; k->left--) {
		struct extent *x = &k->by_gfn[k->left - 1];

		while (x->pages) {
			unsigned long before = x->pages;

			if (!left)
				return -EAGAIN;
			if (!release_block(x))
				return -EBUSY;
			left -= min(left, before - x->pages);
		}
	}
	keep_end(k);
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
