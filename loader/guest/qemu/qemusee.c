// SPDX-License-Identifier: MIT
/*
 * qemusee.c - the records of a QEMU guest that runs, as they would be now: its
 * memory as QEMU has it mapped. See qemu_kind.h.
 */
#include "qemu_kind.h"

#include <string.h>

#include "checked.h"
#include "driverram.h"
#include "guestconf.h"
#include "process_kind.h"
#include "stream_writer.h"

/* Devices of a small guest need less than this, of a large one more. */
#define DEVICE_STATE_ROOM (256 << 10)

/* What goes into the stream of a guest that runs, and what of it is small. */
struct seen {
	struct stream_writer *w;
	uint64_t first;			/* page of the process */
	uint64_t gfn;			/* where that goes */
	uint64_t small;			/* mfn of a page that is none of 2 MiB */
	struct driverram *drivers;
};

/* QEMU may not have touched all of a 2 MiB page: where its first one would be
 * tells that it is one. */
static void see_extent(void *context, uint64_t mfn, uint64_t pages,
		       uint64_t vpn)
{
	struct seen *s = context;
	uint64_t at = vpn - s->first;

	if (!s->small &&
	    !is_aligned(mfn - at, HO_PAGE_2M_BYTES / HO_PAGE_BYTES))
		s->small = mfn;
	driverram_look(s->drivers, mfn, pages);
	stream_writer_extent(s->w, mfn, pages, HO_TYPE_NORMAL, s->gfn + at);
}

/* As QEMU itself has it mapped: nobody else has touched it. */
static int see_backends(struct guest *g, const struct qemu *q, struct seen *s,
			struct diag_log *diag)
{
	int i, rc = 0;

	for (i = 0; i < q->conf.backend_count && !rc; i++) {
		const struct guest_backend *b = &q->conf.backends[i];
		uint64_t hva = q->mappings[i].hva;

		s->first = hva >> HO_PAGE_SHIFT;
		s->gfn = b->address >> HO_PAGE_SHIFT;
		rc = process_present(q->qmp.pid,
				     (struct vrange){ hva, hva + b->bytes },
				     see_extent, s, &g->absent_pages, diag);
	}
	if (!rc && s->small)
		rc = diag_add(diag, HO_EGUESTPAGES, "%.31s, at mfn 0x%llx",
			      g->name, (unsigned long long)s->small);
	return rc;
}

static int see_memory(struct guest *g, const struct qemu *q,
		      struct stream_writer *w, struct diag_log *diag)
{
	struct driverram drivers;
	struct seen s = { .w = w, .drivers = &drivers };
	int rc = driverram_begin(&drivers, diag), bad;

	if (!rc)
		rc = see_backends(g, q, &s, diag);
	bad = driverram_end(&drivers, g, diag);
	return rc ? rc : bad;
}

int qemu_kind_preview(struct guest *g, const struct qemu *q,
		      const char *name, const char *text,
		      struct stream_writer *w, struct diag_log *diag)
{
	static const uint8_t room[DEVICE_STATE_ROOM];
	int rc = q->keeper.pid ? process_kind_preview(g, w, diag)
			       : see_memory(g, q, w, diag);

	if (rc)
		return rc;
	stream_writer_state(w, name, text, strlen(text));
	stream_writer_state(w, GUEST_DEVICE_STATE, room, sizeof(room));
	return 0;
}

