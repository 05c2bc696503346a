/* SPDX-License-Identifier: MIT */
/*
 * restore_xen.h - a kept guest of Xen's back to life: xl restore is given the
 * stream that xl save wrote, its pages read where they are. A Xen that knows
 * the kept frames (xen/) gives the guest these, and few pages are sent.
 */
#ifndef LOADER_RESTORE_XEN_H
#define LOADER_RESTORE_XEN_H

#include "guest.h"
#include "xen.h"

/* Free pages of Xen's that it takes. */
uint64_t restore_xen_pages(const struct ho_domain *d, bool in_place);

/* Start it; how->paused: it waits for xl unpause. `patched`: a livepatch gives it its
 * frames, on a Xen that could not. The kept frames are only read. One that has run
 * since, or that may have (a copy, and nobody saw how it was started), is not started
 * again but with how->keep; one that runs at last has been started, whatever xl says.
 * Not settled: its caller says so, with resumed_settle(), when it is released.
 * HO_EXENROOM, HO_EXENRESTORE, HO_EXENSTREAM, HO_EXENP2M, HO_EXENTAKEN,
 * HO_EIO, HO_EFILE. */
int restore_xen(struct xen *x, const struct handover *h,
		const struct ho_domain *d, const struct guest_restore *how,
		bool patched, struct diag_log *diag);
/* Write the stream, as xl save would have written it, to a file instead.
 * HO_EFILE, and the same codes. */
int restore_xen_to_file(struct xen *x, const struct handover *h,
			const struct ho_domain *d, const char *path,
			struct diag_log *diag);

/* struct guest_kind's restore(). HO_ENODOMAIN, and codes of the above. */
int restore_xen_guests(const struct guest_restore *how, struct handover *h,
		       struct diag_log *diag);

#endif /* LOADER_RESTORE_XEN_H */
