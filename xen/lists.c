// SPDX-License-Identifier: MIT
/*
 * lists.c - the extents of a kept guest, by both of their numbers. Made once; keep.c
 * looks frames up in them.
 */
#include <xen/init.h>
#include <xen/lib.h>
#include <xen/sort.h>

#include "keep.h"

void __init lists_note(struct kept *k, unsigned long gfn, unsigned long mfn,
		       unsigned long pages)
{
	struct extent *last = k->nr ? &k->by_gfn[k->nr - 1] : NULL;

	if (last && last->gfn + last->pages == gfn &&
	    last->mfn + last->pages == mfn)
		last->pages += pages;
	else
		k->by_gfn[k->nr++] = (struct extent){ gfn, mfn, pages };
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

bool __init lists_sort(struct kept *k)
{
	unsigned int i;

	sort_extents(k->by_gfn, k->nr, by_gfn);
	for (i = 1; i < k->nr; i++)
		if (k->by_gfn[i - 1].gfn + k->by_gfn[i - 1].pages >
		    k->by_gfn[i].gfn)
			return false;
	memcpy(k->by_mfn, k->by_gfn, k->nr * sizeof(*k->by_gfn));
	sort_extents(k->by_mfn, k->nr, by_mfn);
	return true;
}

void __init lists_sort_mfns(struct extent *x, unsigned int nr)
{
	sort_extents(x, nr, by_mfn);
}
