// SPDX-License-Identifier: MIT
/*
 * visit.c - see visit.h. For hypervisors that take the table over, and for
 * the tests; the stub's own map is made by e820.c.
 */
#include "visit.h"

#include "checked.h"

void owned_walk_init(struct owned_walk *w, const struct frametable_view *view,
		     uint32_t domid)
{
	*w = (struct owned_walk){ .walk = frametable_walk(view),
				  .domid = domid };
}

int owned_next(struct owned_walk *w, struct frametable_span *out)
{
	int rc;

	do
		rc = frametable_next(&w->walk, out);
	while (rc > 0 && out->domid != w->domid);
	return rc;
}

int flat_fill(const struct frametable_view *view, uint64_t first,
	      uint64_t count, struct flat_frame *out)
{
	struct frametable_walk w = frametable_walk(view);
	uint64_t done = 0;

	while (done < count) {
		struct frametable_span span;
		struct flat_frame frame = { .domid = HO_DOMID_COUNT };
		uint64_t end;
		int rc = frametable_at(&w, first + done, &span);

		if (rc < 0)
			return rc;
		if (rc)
			frame = (struct flat_frame){ .domid = span.domid,
						     .type = span.type };
		end = done + span.count < count ? done + span.count : count;
		while (done < end)
			out[done++] = frame;
	}
	return 0;
}

void kho_walk_init(struct kho_walk *w, const struct frametable_view *view)
{
	*w = (struct kho_walk){ .walk = frametable_walk(view) };
}

int kho_next(struct kho_walk *w, uint64_t *key)
{
	uint64_t pages = 1ull << KHO_ORDER_2M;
	uint32_t order = 0;

	if (!w->span.count) {
		int rc = frametable_next(&w->walk, &w->span);

		if (rc <= 0)
			return rc;
	}
	if (is_aligned(w->span.mfn, pages) && w->span.count >= pages)
		order = KHO_ORDER_2M;
	*key = kho_key(w->span.mfn, order);
	w->span.mfn += 1ull << order;
	w->span.count -= 1ull << order;
	return 1;
}
