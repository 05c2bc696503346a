/* SPDX-License-Identifier: MIT */
/*
 * xen_inplace.h - a guest that goes on in the frames it has: which of its pages
 * are sent to xl restore all the same, and their contents, read beforehand.
 */
#ifndef LOADER_XEN_INPLACE_H
#define LOADER_XEN_INPLACE_H

#include "span.h"
#include "xen_stream.h"

struct xen_inplace {
	uint8_t *special;		/* a bit a pfn: of type 0, and sent */
	uint64_t special_bytes;		/* pfns behind them are not */
	uint64_t count, room;		/* pages to send, in the stream's order */
	uint64_t *pfns;
	uint8_t *types, *contents;
	uint64_t next;			/* not yet given */
};

/*
 * Find and read them. `records` stands at the first record of a stripped libxc
 * stream. What is read is no longer looked at in the frames. HO_EXENSTREAM,
 * HO_ENOMEM, codes of read(). The caller frees it in any case.
 */
int xen_inplace_read(struct xen_inplace *p, struct span records,
		     const struct xen_pages *pages, struct diag_log *diag);
/* Is the page of this word, as the stream has it, sent? */
bool xen_inplace_sends(const struct xen_inplace *p, uint64_t word);
/* The contents of the next one. */
const uint8_t *xen_inplace_next(struct xen_inplace *p);
/* Free what it holds. No harm when that is nothing. */
void xen_inplace_free(struct xen_inplace *p);

#endif /* LOADER_XEN_INPLACE_H */
