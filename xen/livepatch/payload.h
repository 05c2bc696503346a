/* SPDX-License-Identifier: MIT */
/*
 * payload.h - the files of the payload, for each other.
 */
#ifndef XEN_LIVEPATCH_PAYLOAD_H
#define XEN_LIVEPATCH_PAYLOAD_H

#include <xen/mm.h>

struct kept;

/* frames.c: Xen has a page_info, an M2P entry and a place in the direct map for each
 * of these frames, and DOMID_IO has them. A stock Xen makes none for 256 MiB without
 * any RAM in its memory map. -EINVAL: a frame is somebody's or out of reach; -ENOMEM.
 * What was made stays made. */
int frames_open(unsigned long mfn, unsigned long pages);

/* payload.c: what was kept for a new domain: it is linked, if it was not. NULL:
 * nothing. keep_nobody: another domain has it, which may yet run. */
struct kept *payload_kept(struct domain *d);
/* What a domain is linked with that never ran; NULL: nothing. */
struct kept *payload_linked(const struct domain *d);

/* populate.c, free.c: in place of Xen's own. */
struct memop_args;
void payload_populate_physmap(struct memop_args *a);
void payload_free_domheap_pages(struct page_info *pg, unsigned int order);

#endif /* XEN_LIVEPATCH_PAYLOAD_H */
