// SPDX-License-Identifier: MIT
/*
 * collect_xen.c - see collect_xen.h.
 */
#include "collect_xen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "pause.h"
#include "sidebyside.h"
#include "util.h"
#include "xen_stream.h"

#define TYPES_BATCH	1024		/* of xc_get_pfn_type_batch() */

/* What is known of a guest while its records are written. */
struct guest {
	struct xen *x;
	struct xen_domain *d;
	struct diag_log *diag;
	struct diag_log own_diag;	/* while it is saved beside others */
	struct xen_saved saved;
	uint64_t *p2m;
	uint64_t p2m_count;
	struct pause_saved pause;
	int rc;
};

static double since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start->tv_sec +
	       (now.tv_nsec - start->tv_nsec) / 1e9;
}

/* xl opens it by name: /proc/self/fd, as there is no file. */
static int save(struct guest *g)
{
	char domid[16];
	const char *const argv[] = { "xl", "save", "-p", domid,
				     CHILD_FD_PATH, NULL };
	struct child xl;
	bool started;
	int fds[2], rc;
	FILE *in;

	if (pipe2(fds, O_CLOEXEC))
		return io_error(g->diag, "pipe");
	fcntl(fds[1], F_SETPIPE_SZ, 1 << 20);
	snprintf(domid, sizeof(domid), "%u", g->d->domid);
	started = child_start(&xl, argv, fds[1]);
	close(fds[1]);
	in = fdopen(fds[0], "r");
	rc = in && started ? xen_stream_strip(in, &g->saved, g->diag)
			   : io_error(g->diag, "xl save");
	/* if it was not read to its end xl resumes the guest */
	if (in)
		fclose(in);
	if (started && !child_wait(&xl) && !rc)
		rc = diag_add(g->diag, HO_EXENSAVE, "domain %s: xl save -p",
			      g->d->name);
	return rc;
}

static void save_beside(void *guests, uint32_t i)
{
	struct guest *g = (struct guest *)guests + i;
	struct timespec start;

	clock_gettime(CLOCK_MONOTONIC, &start);
	diag_init(&g->own_diag, HO_STAGE_LOADER);
	g->diag = &g->own_diag;
	g->pause.suspend_tsc = pause_tsc();
	g->rc = save(g);
	if (!g->rc)
		progress("%s: %s, suspended and saved %.2f s, state %s",
			 g->d->name, human_bytes(g->d->tot_pages <<
						 HO_PAGE_SHIFT),
			 since(&start), human_bytes(g->saved.length));
}

static uint8_t type_of(const struct guest *g, uint64_t pfn)
{
	return pfn < g->saved.pfn_count ? g->saved.types[pfn] : XEN_PFN_NONE;
}

/* Types with a frame behind them: 0..4, and pinned 9..12. */
static bool has_frame(uint8_t type)
{
	return type < 0xd;
}

/* What Xen says of each frame must be what xl wrote of each pfn. */
static int check_batch(const struct guest *g, const uint64_t *pfns,
		       xen_pfn_t *frames, uint32_t count)
{
	uint32_t i;

	if (g->x->xc_get_pfn_type_batch(g->x->xc, g->d->domid, count, frames))
		return io_error(g->diag, "types of frames");
	for (i = 0; i < count; i++)
		if (frames[i] >> XEN_DOMCTL_PFINFO_LTAB_SHIFT !=
		    type_of(g, pfns[i]))
			return diag_add(g->diag, HO_EXENP2M,
					"domain %s: pfn 0x%llx is of type %llx in Xen, %x in its stream",
					g->d->name,
					(unsigned long long)pfns[i],
					(unsigned long long)(frames[i] >>
					XEN_DOMCTL_PFINFO_LTAB_SHIFT),
					type_of(g, pfns[i]));
	return 0;
}

static int check_types(const struct guest *g)
{
	xen_pfn_t frames[TYPES_BATCH];
	uint64_t pfns[TYPES_BATCH], pfn, found = 0;
	uint32_t count = 0;
	int rc = 0;

	for (pfn = 0; pfn < g->p2m_count && !rc; pfn++) {
		if (has_frame(type_of(g, pfn))) {
			pfns[count] = pfn;
			frames[count++] = g->p2m[pfn];
			found += g->p2m[pfn] != ~0ull;
		}
		if (count == TYPES_BATCH || (count && pfn + 1 ==
					     g->p2m_count)) {
			rc = check_batch(g, pfns, frames, count);
			count = 0;
		}
	}
	if (!rc && (found != g->saved.page_count || found !=
		    g->d->tot_pages))
		rc = diag_add(g->diag, HO_EXENBALLOON,
			      "domain %s: %llu frames in its p2m, %llu in its stream, %llu of its own",
			      g->d->name, (unsigned long long)found,
			      (unsigned long long)g->saved.page_count,
			      (unsigned long long)g->d->tot_pages);
	return rc;
}

static void write_records(struct guest *g, struct stream_writer *w,
			  uint32_t domid)
{
	struct ho_rec_domain rec = { .domid = domid, .kind = HO_KIND_XEN_PV,
				     .frame_count = g->saved.page_count };
	uint64_t pfn;

	memcpy(rec.uuid, g->d->uuid, sizeof(rec.uuid));
	memcpy(rec.name, g->d->name, sizeof(rec.name));
	stream_writer_domain(w, &rec);
	for (pfn = 0; pfn < g->p2m_count; pfn++)
		if (has_frame(type_of(g, pfn)))
			stream_writer_extent(w, g->p2m[pfn], 1,
					     type_of(g, pfn), pfn);
	stream_writer_state(w, XEN_STATE_NAME, g->saved.bytes,
			    g->saved.length);
	stream_writer_state(w, XEN_DIGEST_NAME, g->saved.digest,
			    sizeof(g->saved.digest));
	stream_writer_state(w, XEN_CPU_TIME_NAME, &g->d->cpu_time,
			    sizeof(g->d->cpu_time));
	g->pause.collected_tsc = pause_tsc();
	stream_writer_state(w, PAUSE_STATE_NAME, &g->pause,
			    sizeof(g->pause));
	stream_writer_domain_end(w);
}

/* Suspended it is: its frames, then its records. */
static int write_guest(struct guest *g, struct stream_writer *w,
		       uint32_t domid)
{
	int rc = xen_domain_refresh(g->x, g->d, g->diag);

	if (!rc)
		rc = xen_domain_p2m(g->x, g->d, &g->p2m, &g->p2m_count,
				    g->diag);
	if (!rc)
		rc = check_types(g);
	if (rc)
		return rc;
	write_records(g, w, domid);
	return w->rc;
}

int collect_xen(struct stream_writer *w, struct xen *x, struct xen_domain *d,
		const uint32_t *domids, uint32_t count, struct diag_log *diag)
{
	struct guest *guests = calloc(count, sizeof(*guests));
	uint32_t i;
	int rc = 0;

	if (!guests)
		return diag_add(diag, HO_ENOMEM, "guests");
	for (i = 0; i < count; i++)
		guests[i] = (struct guest){ .x = x, .d = &d[i] };
	side_by_side(count, save_beside, guests);
	for (i = 0; i < count; i++) {
		diag_merge(diag, &guests[i].own_diag);
		rc = rc ? rc : guests[i].rc;
	}
	for (i = 0; i < count && !rc; i++) {
		guests[i].diag = diag;
		rc = write_guest(&guests[i], w, domids[i]);
	}
	for (i = 0; i < count; i++) {
		if (rc && !guests[i].rc)
			xen_domain_unpause(&d[i]);
		free(guests[i].p2m);
		xen_saved_free(&guests[i].saved);
	}
	free(guests);
	return rc;
}
