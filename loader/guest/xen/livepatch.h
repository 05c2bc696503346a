/* SPDX-License-Identifier: MIT */
/*
 * livepatch.h - a stock Xen that is taught to give kept guests their own frames: by a
 * livepatch that was built for its very build (scripts/build-xen-livepatch) and is
 * installed, into which the frames are written (xen/livepatch/patchtable.h).
 */
#ifndef LOADER_LIVEPATCH_H
#define LOADER_LIVEPATCH_H

#include "handover.h"
#include "xen.h"

/*
 * Have the Xen that runs give them. *patched: it does, and guests of livepatch_holds()
 * go on in place; one that an earlier attempt has applied is used. Else nothing is
 * installed for this Xen, or it does not take it, which is said; it is as it was, and
 * copies. HO_EXENRESTORE: Xen has not come to an end in a minute, and no guest may be
 * restored in either way.
 */
int livepatch_begin(struct xen *x, const struct handover *h, bool *patched,
		    struct diag_log *diag);
/* Is there room in its table for the frames of this guest, besides those before it? */
bool livepatch_holds(const struct handover *h, const struct ho_domain *d);
/* Xen as it was, unless a guest is kept or waits, paused: it gets its frames back from
 * a domain that ends before it ran. */
void livepatch_end(struct xen *x, const struct handover *h);

#endif /* LOADER_LIVEPATCH_H */
