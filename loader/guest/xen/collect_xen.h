/* SPDX-License-Identifier: MIT */
/*
 * collect_xen.h - guests of Xen to the records of an LU stream: each is
 * suspended by xl save -p, which keeps its frames and lets unpause undo it.
 */
#ifndef LOADER_COLLECT_XEN_H
#define LOADER_COLLECT_XEN_H

#include "pause.h"
#include "stream_writer.h"
#include "xen_domain.h"
#include "xen_stream.h"

/* A guest that is collected: `domain` is the caller's to fill in. */
struct collect_xen {
	struct xen_domain domain;
	struct xen *x;			/* while it is looked at */
	struct diag_log *diag;
	struct diag_log own_diag;	/* while it is saved beside others */
	struct xen_saved saved;
	struct xen_start_info start_info; /* pfn 0: not found */
	uint64_t *p2m;
	uint64_t p2m_count;
	struct pause_saved pause;
	int rc;
	bool *failed;			/* one of those saved beside it has */
};

/*
 * Suspend `count` guests, side by side, and read which frames are theirs and of
 * which types. They stay suspended, on failure too. HO_EXENSAVE, HO_EXENSTREAM,
 * HO_EXENP2M, HO_EXENGRANTS, HO_EXENBALLOON; codes of xen_open().
 */
int collect_xen_save(struct collect_xen **guests, uint32_t count,
		     struct diag_log *diag);
/* Into its open domain: its frames with their types, and the stream of xl
 * without pages as STATE. */
int collect_xen_write(struct collect_xen *g, struct stream_writer *w);
/* What was read of it; `domain` stays. */
void collect_xen_forget(struct collect_xen *g);

#endif /* LOADER_COLLECT_XEN_H */
