// SPDX-License-Identifier: MIT
/*
 * xen_gmap.c - the machine frames of a suspended HVM or PVH guest, see
 * xen_domain.h. A stock Xen has no call that tells them. But dom0 may write into
 * the guest's grant table: there it grants itself each of the guest's pages, to
 * read, maps the grants for a device, and so is told the machine address. No
 * page is mapped, read or changed, and the entries are free again afterwards.
 * Layout and calls: xen/grant_table.h.
 */
#include "xen_domain.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xen/grant_table.h>
#include <xen/memory.h>

#include "checked.h"
#include "util.h"

#define BATCH		400		/* grants in one call */
#define RESERVED	8		/* entries with a meaning: console, store */
#define PER_FRAME	(HO_PAGE_BYTES / sizeof(grant_entry_v1_t))
#define TABLE_FRAMES	64		/* of the guest's table looked at */
/* xc_map_m2p() maps whole chunks of 2 MiB */
#define M2P_CHUNK	(2ull << 20)

/* What the hypercalls are given. */
struct calls {
	struct gnttab_get_version version;
	struct gnttab_query_size size;
	struct gnttab_map_grant_ref map[BATCH];
	struct gnttab_unmap_grant_ref unmap[BATCH];
};

struct gmap {
	struct xen *x;
	const struct xen_domain *d;
	struct diag_log *diag;
	struct calls *calls;
	xenforeignmemory_resource_handle *table;
	grant_entry_v1_t *entries;
	uint32_t refs[BATCH], ref_count;	/* entries that nobody uses */
	uint64_t gfns[BATCH];
	uint32_t count;
	xen_pfn_t *m2p;				/* gfn by machine frame */
	unsigned long m2p_max;			/* highest frame in it */
	uint64_t *out;
};

static int refuse(const struct gmap *g, const char *why)
{
	return diag_add(g->diag, HO_EXENGRANTS, "domain %s: %s", g->d->name,
			why);
}

/* 0: Xen has done it. `count` structs at `at`, each with a status of its own. */
static int call(const struct gmap *g, int command, void *at, uint32_t count)
{
	return g->x->xencall3(g->x->calls, __HYPERVISOR_grant_table_op,
			      command, (uintptr_t)at, count);
}

static uint32_t table_frames(const struct gmap *g)
{
	struct gnttab_query_size *size = &g->calls->size;

	size->dom = g->d->domid;
	if (call(g, GNTTABOP_query_size, size, 1) || size->status ||
	    !size->nr_frames)
		return 1;
	return size->nr_frames < TABLE_FRAMES ? size->nr_frames
					      : TABLE_FRAMES;
}

static int open_table(struct gmap *g)
{
	struct gnttab_get_version *version = &g->calls->version;
	uint32_t frames, i;
	void *at = NULL;

	version->dom = g->d->domid;
	if (call(g, GNTTABOP_get_version, version, 1) || version->version != 1)
		return refuse(g, "its grant table is not of version 1");
	frames = table_frames(g);
	g->table = g->x->xenforeignmemory_map_resource(g->x->memory,
			g->d->domid, XENMEM_resource_grant_table,
			XENMEM_resource_grant_table_id_shared, 0, frames, &at,
			PROT_READ | PROT_WRITE, 0);
	if (!g->table)
		return io_error(g->diag, "grant table");
	g->entries = at;
	for (i = RESERVED; i < frames * PER_FRAME && g->ref_count < BATCH; i++)
		if (!g->entries[i].flags && !g->entries[i].domid &&
		    !g->entries[i].frame)
			g->refs[g->ref_count++] = i;
	return g->ref_count ? 0 : refuse(g, "its grant table is full");
}

static int open_m2p(struct gmap *g)
{
	if (g->x->xc_maximum_ram_page(g->x->xc, &g->m2p_max))
		return xen_refused("highest frame", g->diag);
	g->m2p = g->x->xc_map_m2p(g->x->xc, g->m2p_max + 1, PROT_READ, NULL);
	return g->m2p ? 0 : io_error(g->diag, "machine to physical table");
}

static void grant(struct gmap *g)
{
	uint32_t i;

	for (i = 0; i < g->count; i++) {
		grant_entry_v1_t *e = &g->entries[g->refs[i]];

		e->domid = 0;
		e->frame = g->gfns[i];
		__sync_synchronize();
		e->flags = GTF_permit_access | GTF_readonly;
		g->calls->map[i] = (struct gnttab_map_grant_ref){
			.flags = GNTMAP_device_map | GNTMAP_readonly,
			.ref = g->refs[i], .dom = g->d->domid };
	}
}

static void take_back(struct gmap *g)
{
	uint32_t i;

	for (i = 0; i < g->count; i++) {
		grant_entry_v1_t *e = &g->entries[g->refs[i]];

		e->flags = 0;
		__sync_synchronize();
		e->frame = 0;
		e->domid = 0;
	}
}

/* What was answered goes to `out`, and its map is undone. */
static int answers(struct gmap *g)
{
	struct calls *c = g->calls;
	uint32_t i, mapped = 0, bad = g->count;

	for (i = 0; i < g->count; i++) {
		if (c->map[i].status) {
			bad = bad == g->count ? i : bad;
			continue;
		}
		g->out[g->gfns[i]] = c->map[i].dev_bus_addr >> HO_PAGE_SHIFT;
		c->unmap[mapped++] = (struct gnttab_unmap_grant_ref){
			.dev_bus_addr = c->map[i].dev_bus_addr,
			.handle = c->map[i].handle };
	}
	if (mapped && call(g, GNTTABOP_unmap_grant_ref, c->unmap, mapped))
		return io_error(g->diag, "unmap of grants");
	for (i = 0; i < mapped; i++)
		if (c->unmap[i].status)
			return refuse(g, "a grant that was mapped stays mapped");
	if (bad == g->count)
		return 0;
	return diag_add(g->diag, HO_EXENGRANTS,
			"domain %s: gfn 0x%llx is not its own memory (status %d)",
			g->d->name, (unsigned long long)g->gfns[bad],
			c->map[bad].status);
}

/* Xen's own table, the other way, has to say the same. */
static int compare(const struct gmap *g)
{
	uint32_t i;

	for (i = 0; i < g->count; i++) {
		uint64_t mfn = g->out[g->gfns[i]];

		if (mfn > g->m2p_max || g->m2p[mfn] != g->gfns[i])
			return diag_add(g->diag, HO_EXENP2M,
					"domain %s: gfn 0x%llx has frame 0x%llx, which is another's",
					g->d->name,
					(unsigned long long)g->gfns[i],
					(unsigned long long)mfn);
	}
	return 0;
}

static int ask(struct gmap *g)
{
	int rc;

	grant(g);
	rc = call(g, GNTTABOP_map_grant_ref, g->calls->map, g->count)
	   ? io_error(g->diag, "map of grants") : answers(g);
	take_back(g);
	if (!rc)
		rc = compare(g);
	g->count = 0;
	return rc;
}

static int ask_all(struct gmap *g, const uint8_t *types, uint64_t count)
{
	uint64_t gfn;
	int rc = 0;

	for (gfn = 0; gfn < count && !rc; gfn++) {
		if (types[gfn] >= 0xd)
			continue;
		g->gfns[g->count++] = gfn;
		if (g->count == g->ref_count)
			rc = ask(g);
	}
	return rc || !g->count ? rc : ask(g);
}

int xen_domain_gmap(struct xen *x, const struct xen_domain *d,
		    const uint8_t *types, uint64_t count, uint64_t *out,
		    struct diag_log *diag)
{
	struct gmap *g = calloc(1, sizeof(*g));
	int rc = 0;

	if (g)
		*g = (struct gmap){ .x = x, .d = d, .diag = diag, .out = out,
			.calls = x->xencall_alloc_buffer(x->calls,
							 sizeof(*g->calls)) };
	if (!g || !g->calls)
		rc = diag_add(diag, HO_ENOMEM, "grants");
	if (!rc) {
		memset(g->calls, 0, sizeof(*g->calls));
		rc = open_table(g);
	}
	if (!rc)
		rc = open_m2p(g);
	if (!rc)
		rc = ask_all(g, types, count);
	if (g && g->m2p)
		munmap(g->m2p, align_up(8 * (g->m2p_max + 1), M2P_CHUNK));
	if (g && g->table)
		x->xenforeignmemory_unmap_resource(x->memory, g->table);
	if (g && g->calls)
		x->xencall_free_buffer(x->calls, g->calls);
	free(g);
	return rc;
}
