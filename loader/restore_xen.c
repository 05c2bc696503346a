// SPDX-License-Identifier: MIT
/*
 * restore_xen.c - see restore_xen.h.
 */
#include "restore_xen.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "child.h"
#include "pause.h"
#include "stream.h"
#include "util.h"
#include "xen_stream.h"

#define SPARE_PAGES	4096		/* tables, grants, rings of a guest */
#define BATCH_PAGES	1024		/* as in a record */

/* One kept guest: where each page is, and whose a frame is. */
struct kept_guest {
	struct xen *x;
	const struct ho_domain *d;
	uint64_t pfn_count, mfn_count;	/* highest + 1 */
	uint64_t *p2m;			/* ~0: no frame */
	uint64_t *m2p;
	uint8_t *state;
	uint64_t state_bytes;
	uint8_t digest[HO_DIGEST_BYTES];
	bool has_digest;
	struct pause_saved pause;
	struct diag_log *diag;
};

static int damaged(const struct kept_guest *g, const char *what)
{
	return diag_add(g->diag, HO_EXENP2M, "domain %s: %s", g->d->name,
			what);
}

static uint64_t *new_map(uint64_t count)
{
	uint64_t *map = malloc(8 * count + 8);

	if (map)
		memset(map, 0xff, 8 * count);
	return map;
}

static int extent_limits(struct kept_guest *g, struct kept_walk *w)
{
	struct kept_extent e;
	int rc;

	while ((rc = kept_walk_next(w, &e, g->diag)) > 0) {
		uint64_t pages = range_bytes(e.place) >> HO_PAGE_SHIFT;

		if (e.gfn >= 1ull << 32 || e.place.end >= 1ull << 52)
			return damaged(g, "an extent without a place");
		if (g->pfn_count < e.gfn + pages)
			g->pfn_count = e.gfn + pages;
		if (g->mfn_count < e.place.end >> HO_PAGE_SHIFT)
			g->mfn_count = e.place.end >> HO_PAGE_SHIFT;
	}
	return rc;
}

static int fill_maps(struct kept_guest *g, struct kept_walk *w)
{
	struct kept_extent e;
	int rc;

	while ((rc = kept_walk_next(w, &e, g->diag)) > 0) {
		uint64_t mfn = e.place.start >> HO_PAGE_SHIFT, pfn = e.gfn;

		for (; mfn < e.place.end >> HO_PAGE_SHIFT; mfn++, pfn++) {
			g->p2m[pfn] = mfn;
			g->m2p[mfn] = pfn;
		}
	}
	return rc;
}

/* Two walks over its extents: how far they reach, then the maps. */
static int read_frames(struct kept_guest *g, const struct handover *h)
{
	struct kept_walk w;
	int rc = kept_walk_begin(&w, h->stream, h->blob.stream_bytes,
				 g->d->stream_offset, g->diag);

	if (!rc)
		rc = extent_limits(g, &w);
	if (rc)
		return rc;
	g->p2m = new_map(g->pfn_count);
	g->m2p = new_map(g->mfn_count);
	if (!g->p2m || !g->m2p)
		return diag_add(g->diag, HO_ENOMEM, "p2m");
	rc = kept_walk_begin(&w, h->stream, h->blob.stream_bytes,
			     g->d->stream_offset, g->diag);
	return rc ? rc : fill_maps(g, &w);
}

/* Its pieces, for a long state is several records. */
static int add_state(struct kept_guest *g, struct record *rec)
{
	struct ho_rec_state head;
	int rc = record_state(rec, &head, g->diag);
	uint64_t bytes = span_left(&rec->body);
	uint8_t *grown;

	if (!rc && !strcmp(head.name, XEN_DIGEST_NAME))
		g->has_digest = span_read(&rec->body, g->digest,
					  sizeof(g->digest));
	if (!rc && !strcmp(head.name, PAUSE_STATE_NAME))
		span_read(&rec->body, &g->pause, sizeof(g->pause));
	if (rc || strcmp(head.name, XEN_STATE_NAME))
		return rc;
	grown = realloc(g->state, g->state_bytes + bytes);
	if (!grown)
		return diag_add(g->diag, HO_ENOMEM, "state");
	g->state = grown;
	memcpy(g->state + g->state_bytes, rec->body.bytes + rec->body.offset,
	       bytes);
	g->state_bytes += bytes;
	return 0;
}

static int read_state(struct kept_guest *g, const struct handover *h)
{
	bool inside = false;
	struct stream s;
	struct record rec;
	int rc = stream_open(&s, h->stream, h->blob.stream_bytes, g->diag);

	while (!rc && (rc = stream_next(&s, &rec, g->diag)) > 0) {
		rc = 0;
		if (rec.type == HO_REC_DOMAIN)
			inside = rec.offset == g->d->stream_offset;
		if (inside && rec.type == HO_REC_STATE)
			rc = add_state(g, &rec);
	}
	if (!rc && (!g->state || !g->has_digest))
		rc = damaged(g, "no state of xl save");
	return rc;
}

static uint64_t pfn_of(void *context, uint64_t mfn)
{
	const struct kept_guest *g = context;

	return mfn < g->mfn_count ? g->m2p[mfn] : ~0ull;
}

/* What is reserved in the map that Xen got is DOMID_IO's. */
static uint8_t *map_frames(struct kept_guest *g, const uint64_t *mfns,
			   uint32_t count)
{
	int errors[BATCH_PAGES];
	uint8_t *at;
	uint32_t i;

	at = g->x->xenforeignmemory_map(g->x->memory, DOMID_IO, PROT_READ,
					count, mfns, errors);
	for (i = 0; at && i < count; i++)
		if (errors[i]) {
			g->x->xenforeignmemory_unmap(g->x->memory, at, count);
			return NULL;
		}
	return at;
}

static int read_pages(void *context, const uint64_t *pfns,
		      const uint8_t *types, uint32_t count, uint8_t *out,
		      struct diag_log *diag)
{
	struct kept_guest *g = context;
	uint64_t mfns[BATCH_PAGES];
	uint8_t *at;
	uint32_t i;

	if (!count)
		return 0;
	for (i = 0; i < count; i++) {
		mfns[i] = pfns[i] < g->pfn_count ? g->p2m[pfns[i]] : ~0ull;
		if (mfns[i] == ~0ull)
			return damaged(g, "a page of its stream is not kept");
	}
	at = map_frames(g, mfns, count);
	if (!at)
		return diag_add(diag, HO_EIO,
				"kept frames of %s cannot be mapped",
				g->d->name);
	memcpy(out, at, (uint64_t)count * HO_PAGE_BYTES);
	g->x->xenforeignmemory_unmap(g->x->memory, at, count);
	for (i = 0; i < count; i++, out += HO_PAGE_BYTES)
		if ((types[i] & 7) && (types[i] & 7) < 5 &&
		    !xen_table_canonical((uint64_t *)out, types[i], pfn_of,
					 g))
			return damaged(g, "a page table maps a frame that is not its own");
	return 0;
}

static int open_guest(struct kept_guest *g, const struct handover *h)
{
	int rc = read_frames(g, h);

	return rc ? rc : read_state(g, h);
}

static void close_guest(struct kept_guest *g)
{
	free(g->p2m);
	free(g->m2p);
	free(g->state);
}

static int check_room(const struct kept_guest *g)
{
	uint64_t have, need = g->d->frame_count + SPARE_PAGES;
	int rc = xen_free_pages(g->x, &have, g->diag);

	if (rc || have >= need)
		return rc;
	return diag_add(g->diag, HO_EXENROOM, "domain %s: %s more",
			g->d->name,
			human_bytes((need - have) << HO_PAGE_SHIFT));
}

static int inflate(struct kept_guest *g, FILE *out)
{
	const struct xen_pages pages = { read_pages, g };
	int rc = xen_stream_inflate(g->state, g->state_bytes,
				    g->digest, &pages, out, g->diag);

	if (fclose(out) && !rc)
		rc = io_error(g->diag, "stream");
	return rc;
}

static int feed_xl(struct kept_guest *g, bool paused)
{
	const char *argv[] = { "xl", "restore", paused ? "-p" : NULL, NULL,
			       NULL };
	char path[32];
	int fds[2], rc;
	pid_t xl;
	FILE *out;

	if (pipe(fds) || fcntl(fds[1], F_SETFD, FD_CLOEXEC))
		return io_error(g->diag, "pipe");
	fcntl(fds[0], F_SETPIPE_SZ, 1 << 20);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	argv[paused ? 3 : 2] = path;
	signal(SIGPIPE, SIG_IGN);	/* xl's status says why */
	xl = child_start(argv);
	close(fds[0]);
	out = fdopen(fds[1], "w");
	rc = out && xl > 0 ? inflate(g, out)
			   : io_error(g->diag, "xl restore");
	if (xl > 0 && !child_wait(xl) && !rc)
		rc = diag_add(g->diag, HO_EXENRESTORE, "domain %s: xl restore",
			      g->d->name);
	return rc;
}

int restore_xen(struct xen *x, const struct handover *h,
		const struct ho_domain *d, bool paused,
		struct diag_log *diag)
{
	struct kept_guest g = { .x = x, .d = d, .diag = diag };
	uint64_t start = pause_tsc();
	int rc = check_room(&g);

	if (!rc)
		rc = open_guest(&g, h);
	if (!rc)
		rc = feed_xl(&g, paused);
	if (!rc)
		pause_report(h, d->name, &g.pause, start);
	close_guest(&g);
	return rc;
}

int restore_xen_to_file(struct xen *x, const struct handover *h,
			const struct ho_domain *d, const char *path,
			struct diag_log *diag)
{
	struct kept_guest g = { .x = x, .d = d, .diag = diag };
	int rc = open_guest(&g, h);
	FILE *out;

	if (!rc) {
		out = fopen(path, "we");
		rc = out ? inflate(&g, out)
			 : diag_add(diag, HO_EFILE, "%s: %s", path,
				    strerror(errno));
	}
	close_guest(&g);
	return rc;
}
