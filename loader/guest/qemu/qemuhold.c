// SPDX-License-Identifier: MIT
/*
 * qemuhold.c - qemu_kind_hold() of qemu_kind.h: a guest's memory is held by its
 * keeper, and its frames are read for the first time, often for the last.
 */
#include <stdlib.h>

#include "checked.h"
#include "driverram.h"
#include "qemu.h"
#include "qemu_kind.h"

static void look_at_extent(void *context, uint64_t mfn, uint64_t pages,
			   uint64_t vpn)
{
	uint64_t *small = context;

	if (!is_aligned(mfn | pages | vpn, HO_PAGE_2M_BYTES / HO_PAGE_BYTES))
		*small = *small ? *small : mfn;
}

/* The next instance maps it by 2 MiB, or not at all. */
static int check_pages(const struct guest *g, struct vrange r,
		       struct diag_log *diag)
{
	uint64_t small = 0, hash = 0;
	int rc = 0;

	if (g->fixed)
		fixed_each(g->fixed, look_at_extent, &small);
	else
		rc = process_extents(g->pid, r, look_at_extent, &small, &hash,
				     diag);
	return rc || !small ? rc
		: diag_add(diag, HO_EGUESTPAGES, "%.31s, at mfn 0x%llx",
			   g->name, (unsigned long long)small);
}

/* What the keeper has pinned is read here for the last time; where it could not,
 * or where there is more than QEMU's memory, each look reads all. */
static int read_fixed(struct guest *g, const struct qemu *q,
		      struct diag_log *diag)
{
	struct fixed_frames *f;
	struct diag_log scratch;
	int i, rc = 0;

	if (!q->fixed.all || g->range_count || g->map_count)
		return 0;
	f = calloc(1, sizeof(*f));
	if (!f)
		return diag_add(diag, HO_ENOMEM, "%s", g->name);
	f->holder = q->keeper;
	f->huge_bytes = q->fixed.huge_bytes;
	diag_init(&scratch, HO_STAGE_LOADER);
	g->fixed = f;
	for (i = 0; i < q->conf.backend_count && !rc; i++) {
		const struct guest_backend *b = &q->conf.backends[i];

		rc = fixed_read(f, (struct vrange){ b->address, b->address +
						    b->bytes }, diag);
	}
	/* a kernel that counts in another way */
	if (!rc && fixed_unchanged(f, &scratch)) {
		fixed_free(f);
		g->fixed = NULL;
	}
	return rc;
}

int qemu_kind_hold(struct guest *g, struct qemu *q, struct diag_log *diag)
{
	int i, rc = qemu_keep(q, g->name, diag);

	g->pid = q->keeper.pid;
	if (!rc)
		rc = read_fixed(g, q, diag);
	for (i = 0; i < q->conf.backend_count && !rc; i++) {
		const struct guest_backend *b = &q->conf.backends[i];
		struct vrange r = { b->address, b->address + b->bytes };

		rc = check_pages(g, r, diag);
		if (!rc)
			rc = guest_add_range(g, r, diag);
	}
	return rc ? rc : driverram_check(g, diag);
}
