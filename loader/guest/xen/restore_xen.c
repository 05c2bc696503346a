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
#include "timedpipe.h"
#include "util.h"
#include "xen_domain.h"
#include "xen_stream.h"

#define SPARE_PAGES	4096		/* tables, grants, rings of a guest */
/* of a translated guest libxl sets aside so much for its p2m: 8 KiB a MiB */
#define P2M_SHARE	128
#define BATCH_PAGES	1024		/* as in a record */
/* xl restore may read nothing for so long: while it makes the domain, above all.
 * libxl gives each of its own steps a minute or less */
#define QUIET_SECONDS	180
#define END_SECONDS	180		/* from our last byte to its end: devices */

/* Owner of kept frames in a Xen that gives them back (xen/baton.h) */
#define DOMID_KEPT	0x7ff6

/* Frames that follow each other in both numbers. */
struct run {
	uint64_t mfn, pages, pfn;
};

/* One kept guest: where each page is, and whose a frame is. */
struct kept_guest {
	struct xen *x;
	const struct handover *h;
	const struct ho_domain *d;
	uint64_t pfn_count;		/* highest + 1 */
	uint64_t *p2m;			/* ~0: no frame */
	uint64_t run_count;
	struct run *runs;		/* by mfn */
	const struct run *near;		/* the last one found */
	uint8_t *state;
	uint64_t state_bytes;
	uint8_t digest[HO_DIGEST_BYTES];
	bool has_digest;
	uint32_t owner;			/* DOMID_KEPT, else DOMID_IO */
	bool patched;			/* a livepatch gives it its frames */
	struct xen_start_info start_info;
	bool has_start_info;
	uint64_t sent;
	uint32_t ran;			/* a domain of its UUID that had run before */
	struct diag_log *diag;
};

static int damaged(const struct kept_guest *g, const char *what)
{
	return diag_add(g->diag, HO_EXENP2M, "domain %s: %s", g->d->name,
			what);
}

static int by_mfn(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	return x->mfn < y->mfn ? -1 : x->mfn > y->mfn;
}

static int read_runs(struct kept_guest *g, struct kept_walk *w)
{
	struct kept_extent e;
	int rc;

	while ((rc = kept_walk_next(w, &e, g->diag)) > 0) {
		uint64_t pages = range_bytes(e.place) >> HO_PAGE_SHIFT;

		if (e.gfn >= 1ull << 32 || g->run_count ==
		    g->d->extent_count)
			return damaged(g, "an extent too many or without a place");
		g->runs[g->run_count++] = (struct run){
			e.place.start >> HO_PAGE_SHIFT, pages, e.gfn };
		if (g->pfn_count < e.gfn + pages)
			g->pfn_count = e.gfn + pages;
	}
	return rc;
}

static int read_frames(struct kept_guest *g)
{
	struct kept_walk w;
	uint64_t i, j;
	int rc = kept_walk_begin(&w, g->h->stream, g->h->blob.stream_bytes,
				 g->d->stream_offset, g->diag);

	g->runs = calloc(g->d->extent_count + 1, sizeof(*g->runs));
	if (!rc)
		rc = g->runs ? read_runs(g, &w)
			     : diag_add(g->diag, HO_ENOMEM, "extents");
	if (rc)
		return rc;
	g->near = g->runs;
	g->p2m = malloc(8 * g->pfn_count + 8);
	if (!g->p2m)
		return diag_add(g->diag, HO_ENOMEM, "p2m");
	memset(g->p2m, 0xff, 8 * g->pfn_count);
	for (i = 0; i < g->run_count; i++)
		for (j = 0; j < g->runs[i].pages; j++)
			g->p2m[g->runs[i].pfn + j] = g->runs[i].mfn + j;
	qsort(g->runs, g->run_count, sizeof(*g->runs), by_mfn);
	return 0;
}

/* Its pieces, for a long state is several records. */
static int add_state(void *context, const char *kind, struct span *body,
		     struct diag_log *diag)
{
	struct kept_guest *g = context;
	uint64_t bytes = span_left(body);
	uint8_t *grown;

	if (!strcmp(kind, XEN_START_INFO_NAME))
		g->has_start_info = span_read(body, &g->start_info,
					      sizeof(g->start_info));
	if (!strcmp(kind, XEN_DIGEST_NAME))
		g->has_digest = span_read(body, g->digest, sizeof(g->digest));
	if (strcmp(kind, XEN_STATE_NAME))
		return 0;
	grown = realloc(g->state, g->state_bytes + bytes);
	if (!grown)
		return diag_add(diag, HO_ENOMEM, "state");
	g->state = grown;
	memcpy(g->state + g->state_bytes, body->bytes + body->offset, bytes);
	g->state_bytes += bytes;
	return 0;
}

static int read_state(struct kept_guest *g)
{
	int rc = kept_states(g->h->stream, g->h->blob.stream_bytes,
			     g->d->stream_offset, add_state, g, g->diag);

	if (!rc && (!g->state || !g->has_digest))
		rc = damaged(g, "no state of xl save");
	return rc;
}

/* The run that may hold `mfn`: the last one that starts at or below it. */
static const struct run *find_run(const struct kept_guest *g, uint64_t mfn)
{
	uint64_t low = 0, high = g->run_count;

	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (g->runs[middle].mfn <= mfn)
			low = middle;
		else
			high = middle;
	}
	return &g->runs[low];
}

static uint64_t pfn_of(void *context, uint64_t mfn)
{
	struct kept_guest *g = context;

	if (mfn - g->near->mfn >= g->near->pages)
		g->near = find_run(g, mfn);
	if (mfn - g->near->mfn >= g->near->pages)
		return ~0ull;
	return g->near->pfn + (mfn - g->near->mfn);
}

static uint8_t *map_frames(struct kept_guest *g, const uint64_t *mfns,
			   uint32_t count)
{
	int errors[BATCH_PAGES];
	uint8_t *at;
	uint32_t i;

	at = g->x->xenforeignmemory_map(g->x->memory, g->owner, PROT_READ,
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

/* What is reserved in the map that Xen got is DOMID_IO's, or, of a guest that
 * it will give its frames, DOMID_KEPT's. */
static int find_owner(struct kept_guest *g)
{
	static const uint32_t owners[] = { DOMID_KEPT, DOMID_IO };
	uint8_t *at;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(owners); i++) {
		g->owner = owners[i];
		if (!g->run_count)
			continue;
		at = map_frames(g, &g->runs[0].mfn, 1);
		if (!at)
			continue;
		g->x->xenforeignmemory_unmap(g->x->memory, at, 1);
		return 0;
	}
	return g->run_count ? diag_add(g->diag, HO_EXENTAKEN, "domain %s",
				       g->d->name) : 0;
}

static bool is_in_place(const struct kept_guest *g)
{
	return g->owner == DOMID_KEPT || g->patched;
}

static int open_guest(struct kept_guest *g)
{
	int rc = read_frames(g);

	if (!rc)
		rc = find_owner(g);
	return rc ? rc : read_state(g);
}

static void close_guest(struct kept_guest *g)
{
	free(g->p2m);
	free(g->runs);
	free(g->state);
}

uint64_t restore_xen_pages(const struct ho_domain *d, bool in_place)
{
	uint64_t tables = d->kind == HO_KIND_XEN_HVM
			? d->frame_count / P2M_SHARE : 0;

	return SPARE_PAGES + tables + (in_place ? 0 : d->frame_count);
}

static int check_room(const struct kept_guest *g)
{
	uint64_t have, need = restore_xen_pages(g->d, is_in_place(g));
	int rc = xen_free_pages(g->x, &have, g->diag);

	if (rc || have >= need)
		return rc;
	return diag_add(g->diag, HO_EXENROOM, "domain %s: %s more",
			g->d->name,
			human_bytes((need - have) << HO_PAGE_SHIFT));
}

/* A copy leaves no trace in the frames it was made of. */
static int may_run(void *context, struct diag_log *diag)
{
	const struct kept_guest *g = context;

	return is_in_place(g) ? 0 : resumed_begin(g->h, g->d, diag);
}

static int inflate(struct kept_guest *g, bool in_place, bool to_run, FILE *out)
{
	struct xen_pages pages = {
		.read = read_pages, .context = g, .in_place = in_place,
		.ends = to_run ? may_run : NULL,
		.at_once = in_place && g->d->kind == HO_KIND_XEN_HVM &&
			   (g->patched || xen_adopts_at_once()),
		.start_info = g->has_start_info ? &g->start_info : NULL,
	};
	int rc = xen_stream_inflate(g->state, g->state_bytes, g->digest,
				    &pages, out, g->diag);

	g->sent = pages.sent;
	return rc;
}

/* To xl, which reads until this end is closed, whatever became of it. */
static int inflate_to_pipe(struct kept_guest *g, int fd)
{
	struct timed_pipe to_xl;
	FILE *out = timed_pipe_open(&to_xl, fd, "w", QUIET_SECONDS);
	struct diag_log own, *diag = g->diag;
	int rc;

	if (!out)
		return io_error(diag, "xl restore");
	diag_init(&own, HO_STAGE_LOADER);
	g->diag = &own;
	rc = inflate(g, is_in_place(g), true, out);
	g->diag = diag;
	if (fclose(out) && !rc)
		rc = io_error(diag, "stream");
	if (to_xl.late)
		return diag_add(diag, HO_EXENRESTORE,
				"domain %s: xl restore read nothing for %d s",
				g->d->name, QUIET_SECONDS);
	diag_merge(diag, &own);
	return rc;
}

/* A domain with its UUID has run: a new one has no CPU time before it does. 0: none,
 * or Xen does not say. */
static uint32_t domain_that_ran(const struct kept_guest *g)
{
	struct xen_domain d = { 0 };
	struct diag_log scratch;
	bool there;

	diag_init(&scratch, HO_STAGE_LOADER);
	return !xen_domain_by_uuid(g->x, g->d->uuid, &d, &there, &scratch) &&
	       there && d.cpu_time ? d.domid : 0;
}

/* xl starts the guest first, and its own monitor after that. One that was there
 * before is none that it has started. */
static int judge_xl(struct kept_guest *g)
{
	uint32_t domid = domain_that_ran(g);

	if (!domid || domid == g->ran)
		return diag_add(g->diag, HO_EXENRESTORE, "domain %s: xl restore",
				g->d->name);
	progress("%s: runs, as domain %u, though xl failed: it may be without xl's monitor",
		 g->d->name, domid);
	return 0;
}

static int feed_xl(struct kept_guest *g, bool paused)
{
	const char *const argv[] = { "xl", "restore", paused ? "-p"
				     : CHILD_FD_PATH, paused ? CHILD_FD_PATH
				     : NULL, NULL };
	struct child xl;
	bool started;
	int fds[2], rc;

	if (pipe2(fds, O_CLOEXEC))
		return io_error(g->diag, "pipe");
	fcntl(fds[0], F_SETPIPE_SZ, 1 << 20);
	signal(SIGPIPE, SIG_IGN);	/* xl's status says why */
	started = child_start(&xl, argv, fds[0]);
	if (!started)
		rc = io_error(g->diag, "xl restore");
	close(fds[0]);
	if (!started) {
		close(fds[1]);
		return rc;
	}
	rc = inflate_to_pipe(g, fds[1]);
	if (!child_wait(&xl, END_SECONDS) && !rc)
		rc = judge_xl(g);
	if (rc)
		resumed_settle(g->h, g->d);
	return rc;
}

static void say_how(const struct kept_guest *g, uint64_t start)
{
	bool in_place = is_in_place(g);

	if (in_place)
		progress("%s: in place%s: %llu of its %llu pages were sent",
			 g->d->name, g->patched ? " (livepatch)" : "",
			 (unsigned long long)g->sent,
			 (unsigned long long)g->d->frame_count);
	pause_note(g->h, g->d, start, g->patched ? RESUMED_PATCHED
		   : in_place ? RESUMED_IN_PLACE : RESUMED_COPIED);
}

/* Of an attempt whose end nobody saw: what is kept is of before that ran. */
static int check_has_not_run(struct kept_guest *g, bool keep)
{
	g->ran = domain_that_ran(g);
	return g->ran && !keep ? diag_add(g->diag, HO_EXENTAKEN,
				"domain %s: %u has its UUID, and has run",
				g->d->name, g->ran) : 0;
}

/* In place, one that has run has its frames, and one that has not gave them back. */
static int check_no_copy_ran(const struct kept_guest *g)
{
	if (is_in_place(g) || !resumed_is_open(g->h, g->d))
		return 0;
	return diag_add(g->diag, HO_EXENTAKEN,
			"domain %.16s: a restore was killed as it started it; if it never ran: --keep",
			g->d->name);
}

int restore_xen(struct xen *x, const struct handover *h,
		const struct ho_domain *d, const struct guest_restore *how,
		bool patched, struct diag_log *diag)
{
	struct kept_guest g = { .x = x, .h = h, .d = d, .patched = patched,
				.diag = diag };
	uint64_t start = pause_tsc();
	int rc = check_has_not_run(&g, how->keep);

	if (!rc)
		rc = open_guest(&g);
	if (!rc && !how->keep)
		rc = check_no_copy_ran(&g);
	if (!rc)
		rc = check_room(&g);
	if (!rc)
		rc = feed_xl(&g, how->paused);
	if (!rc)
		say_how(&g, start);
	close_guest(&g);
	return rc;
}

int restore_xen_to_file(struct xen *x, const struct handover *h,
			const struct ho_domain *d, const char *path,
			struct diag_log *diag)
{
	struct kept_guest g = { .x = x, .h = h, .d = d, .diag = diag };
	int rc = open_guest(&g);
	struct outfile out;

	if (!rc)
		rc = outfile_open(&out, path, diag);
	if (!rc) {
		rc = inflate(&g, false, false, out.file);
		if (rc)
			outfile_abandon(&out);
		else
			rc = outfile_commit(&out, diag);
	}
	close_guest(&g);
	return rc;
}
