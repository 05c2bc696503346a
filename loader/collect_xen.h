/* SPDX-License-Identifier: MIT */
/*
 * collect_xen.h - a PV guest of Xen to the records of an LU stream: it is
 * suspended by xl save -p, which keeps its frames and lets unpause undo it.
 */
#ifndef LOADER_COLLECT_XEN_H
#define LOADER_COLLECT_XEN_H

#include "stream_writer.h"
#include "xen_domain.h"

/*
 * Suspend it and write DOMAIN, its frames with their types, and the stream
 * of xl without pages as STATE. `domid` is what it is called in the stream. On
 * success it stays suspended; on failure it runs on. HO_EXENSAVE,
 * HO_EXENSTREAM, HO_EXENP2M, HO_EXENBALLOON.
 */
int collect_xen(struct stream_writer *w, struct xen *x, struct xen_domain *d,
		uint32_t domid, struct diag_log *diag);

#endif /* LOADER_COLLECT_XEN_H */
