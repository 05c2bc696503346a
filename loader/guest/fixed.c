// SPDX-License-Identifier: MIT
/*
 * fixed.c - see fixed.h.
 */
#include "fixed.h"

#include <stdlib.h>

struct adding {
	struct fixed_frames *f;
	bool failed;
};

static void add(void *context, uint64_t mfn, uint64_t pages, uint64_t vpn)
{
	struct adding *a = context;
	struct fixed_frames *f = a->f;
	size_t more = f->room ? 2 * f->room : 64;
	void *list;

	if (f->count == f->room) {
		list = reallocarray(f->list, more, sizeof(*f->list));
		if (!list) {
			a->failed = true;
			return;
		}
		f->list = list;
		f->room = more;
	}
	f->list[f->count++] = (struct fixed_extent){ mfn, pages, vpn };
}

int fixed_read(struct fixed_frames *f, struct vrange r, struct diag_log *diag)
{
	struct adding a = { f, false };
	int rc = process_huge_extents(f->holder.pid, r, add, &a, diag);

	return rc || !a.failed ? rc : diag_add(diag, HO_ENOMEM, "frames");
}

int fixed_unchanged(const struct fixed_frames *f, struct diag_log *diag)
{
	uint64_t bytes = 0;

	if (process_lives(f->holder) &&
	    process_huge_bytes(f->holder.pid, &bytes) &&
	    bytes == f->huge_bytes)
		return 0;
	return diag_add(diag, HO_EMIGRATED,
			"process %d has %llu bytes in huge pages, had %llu",
			(int)f->holder.pid, (unsigned long long)bytes,
			(unsigned long long)f->huge_bytes);
}

void fixed_each(const struct fixed_frames *f, extent_fn fn, void *context)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		fn(context, f->list[i].mfn, f->list[i].pages, f->list[i].vpn);
}

static bool covers(const struct fixed_extent *all,
		   const struct fixed_extent *e)
{
	return e->vpn >= all->vpn && e->vpn - all->vpn < all->pages &&
	       e->pages <= all->pages - (e->vpn - all->vpn) &&
	       e->mfn == all->mfn + (e->vpn - all->vpn);
}

bool fixed_has(const struct fixed_frames *f, const struct fixed_extent *e,
	       size_t *at)
{
	size_t i;

	for (i = 0; i < f->count; i++, *at = (*at + 1) % f->count)
		if (covers(&f->list[*at % f->count], e))
			return true;
	return false;
}

void fixed_free(struct fixed_frames *f)
{
	if (f)
		free(f->list);
	free(f);
}
