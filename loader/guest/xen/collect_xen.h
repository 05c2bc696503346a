/* SPDX-License-Identifier: MIT */
/*
 * collect_xen.h - PV guests of Xen to the records of an LU stream: each is
 * suspended by xl save -p, which keeps its frames and lets unpause undo it.
 */
#ifndef LOADER_COLLECT_XEN_H
#define LOADER_COLLECT_XEN_H

#include "stream_writer.h"
#include "xen_domain.h"

/*
 * Suspend `count` guests, side by side, and write for each DOMAIN, its frames
 * with their types, and the stream of xl without pages as STATE. `domids` are
 * what they are called in the stream. On success they stay suspended; on
 * failure they run on. HO_EXENSAVE, HO_EXENSTREAM, HO_EXENP2M, HO_EXENBALLOON.
 */
int collect_xen(struct stream_writer *w, struct xen *x, struct xen_domain *d,
		const uint32_t *domids, uint32_t count, struct diag_log *diag);

#endif /* LOADER_COLLECT_XEN_H */
