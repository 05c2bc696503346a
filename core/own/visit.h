/* SPDX-License-Identifier: MIT */
/*
 * visit.h - what a target may want to make of the finished table: the frames
 * of one domain, a flat array, keys for Linux's KHO. In address order,
 * without allocation, O(entries visited). free.h has the ranges of nobody.
 */
#ifndef CORE_VISIT_H
#define CORE_VISIT_H

#include "frametable.h"

/* Owned ranges of one domain. */
struct owned_walk {
	struct frametable_walk walk;
	uint32_t domid;
};

void owned_walk_init(struct owned_walk *w, const struct frametable_view *view,
		     uint32_t domid);
/* 1 and *out, 0 at the end, -HO_EBLOBTREE. */
int owned_next(struct owned_walk *w, struct frametable_span *out);

/* One frame of a flat array, as large as Xen's struct page_info. */
struct flat_frame {
	uint32_t domid;			/* HO_DOMID_COUNT: nobody */
	uint32_t type;			/* HO_TYPE_* */
	uint64_t reserved[3];		/* 0, for the hypervisor */
};
_Static_assert(sizeof(struct flat_frame) == 32, "as a page_info");

/*
 * Fill out[count] for the frames from `first` on. Nothing is shared between
 * two calls but the table, which is only read: disjoint parts may be filled
 * at the same time. 0 or -HO_EBLOBTREE.
 */
int flat_fill(const struct frametable_view *view, uint64_t first,
	      uint64_t count, struct flat_frame *out);

/*
 * Keys of a KHO radix tree (kho-v4, include/linux/kho/abi/kexec_handover.h of
 * Linux 7.2: 1 << (52 - order) | pa >> (12 + order)): every owned frame in
 * one key, order 9 for whole 2 MiB, order 0 for the rest. Larger orders are
 * legal there, but their memory is mapped page by page.
 */
#define KHO_ORDER_2M	9

struct kho_walk {
	struct frametable_walk walk;
	struct frametable_span span;	/* what is left of it */
};

void kho_walk_init(struct kho_walk *w, const struct frametable_view *view);
/* 1 and *key, 0 at the end, -HO_EBLOBTREE. */
int kho_next(struct kho_walk *w, uint64_t *key);

static inline uint64_t kho_key(uint64_t mfn, uint32_t order)
{
	return 1ull << (52 - order) | mfn >> order;
}

#endif /* CORE_VISIT_H */
