// SPDX-License-Identifier: MIT
/*
 * collect_xen.c - see collect_xen.h.
 */
#include "collect_xen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "installed.h"
#include "pause.h"
#include "sidebyside.h"
#include "timedpipe.h"
#include "util.h"
#include "xen_stream.h"

#define PRELOAD		"LD_PRELOAD"
#define TYPES_BATCH	1024		/* of xc_get_pfn_type_batch() */
/* xl save may write nothing for so long: as long as QEMU has to save its state */
#define QUIET_SECONDS	60
#define END_SECONDS	15		/* from its last byte to its end */

static double since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start->tv_sec +
	       (now.tv_nsec - start->tv_nsec) / 1e9;
}

/* What xl writes. If it is not read to its end xl resumes the guest. */
static int read_saved(struct collect_xen *g, int fd)
{
	struct timed_pipe from_xl;
	FILE *in = timed_pipe_open(&from_xl, fd, "r", QUIET_SECONDS);
	struct diag_log own;
	int rc;

	if (!in)
		return io_error(g->diag, "xl save");
	diag_init(&own, HO_STAGE_LOADER);
	rc = xen_stream_strip(in, &g->saved, &own);
	fclose(in);
	if (from_xl.late)
		return diag_add(g->diag, HO_EXENSAVE,
				"domain %s: xl save -p wrote nothing for %d s",
				g->domain.name, QUIET_SECONDS);
	diag_merge(g->diag, &own);
	return rc;
}

/* xl opens it by name: /proc/self/fd, as there is no file. */
static int save(struct collect_xen *g)
{
	char domid[16];
	const char *const argv[] = { "xl", "save", "-p", domid,
				     CHILD_FD_PATH, NULL };
	struct child xl;
	bool started;
	int fds[2], rc;

	if (pipe2(fds, O_CLOEXEC))
		return io_error(g->diag, "pipe");
	fcntl(fds[1], F_SETPIPE_SZ, 1 << 20);
	snprintf(domid, sizeof(domid), "%u", g->domain.domid);
	started = child_start(&xl, argv, fds[1]);
	close(fds[1]);
	if (!started) {
		close(fds[0]);
		return io_error(g->diag, "xl save");
	}
	rc = read_saved(g, fds[0]);
	if (!child_wait(&xl, END_SECONDS) && !rc)
		rc = diag_add(g->diag, HO_EXENSAVE, "domain %s: xl save -p",
			      g->domain.name);
	return rc;
}

static void save_beside(void *guests, uint32_t i)
{
	struct collect_xen *g = ((struct collect_xen **)guests)[i];
	struct timespec start;

	clock_gettime(CLOCK_MONOTONIC, &start);
	diag_init(&g->own_diag, HO_STAGE_LOADER);
	g->diag = &g->own_diag;
	/* for nothing: they are all to run on */
	if (__atomic_load_n(g->failed, __ATOMIC_RELAXED))
		return;
	g->pause.suspend_tsc = pause_tsc();
	g->rc = save(g);
	if (g->rc) {
		__atomic_store_n(g->failed, true, __ATOMIC_RELAXED);
		return;
	}
	progress("%s: %s, suspended and saved %.2f s, state %s",
		 g->domain.name,
		 human_bytes(g->domain.tot_pages << HO_PAGE_SHIFT),
		 since(&start), human_bytes(g->saved.length));
}

static uint8_t type_of(const struct collect_xen *g, uint64_t pfn)
{
	return pfn < g->saved.pfn_count ? g->saved.types[pfn] : XEN_PFN_NONE;
}

/* Types with a frame behind them: 0..4, and pinned 9..12. */
static bool has_frame(uint8_t type)
{
	return type < 0xd;
}

/* What Xen says of each frame must be what xl wrote of each pfn. */
static int check_batch(const struct collect_xen *g, const uint64_t *pfns,
		       xen_pfn_t *frames, uint32_t count)
{
	uint32_t i;

	if (g->x->xc_get_pfn_type_batch(g->x->xc, g->domain.domid, count, frames))
		return io_error(g->diag, "types of frames");
	for (i = 0; i < count; i++)
		if (frames[i] >> XEN_DOMCTL_PFINFO_LTAB_SHIFT !=
		    type_of(g, pfns[i]))
			return diag_add(g->diag, HO_EXENP2M,
					"domain %s: pfn 0x%llx is of type %llx in Xen, %x in its stream",
					g->domain.name,
					(unsigned long long)pfns[i],
					(unsigned long long)(frames[i] >>
					XEN_DOMCTL_PFINFO_LTAB_SHIFT),
					type_of(g, pfns[i]));
	return 0;
}

/* `found`: frames that it has, by its p2m or by its stream. */
static int check_sum(const struct collect_xen *g, uint64_t found)
{
	if (found == g->saved.page_count && found == g->domain.tot_pages)
		return 0;
	return diag_add(g->diag, HO_EXENBALLOON,
			"domain %s: %llu frames in its p2m, %llu in its stream, %llu of its own",
			g->domain.name, (unsigned long long)found,
			(unsigned long long)g->saved.page_count,
			(unsigned long long)g->domain.tot_pages);
}

static int check_types(const struct collect_xen *g)
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
	return rc ? rc : check_sum(g, found);
}

/* A translated guest: its types say only which it has, and are all the same. */
static int find_frames(struct collect_xen *g)
{
	uint64_t bytes = 8 * g->saved.pfn_count;
	int rc;

	g->p2m = malloc(bytes + 8);
	if (!g->p2m)
		return diag_add(g->diag, HO_ENOMEM, "frames");
	g->p2m_count = g->saved.pfn_count;
	memset(g->p2m, 0xff, bytes);
	rc = xen_domain_gmap(g->x, &g->domain, g->saved.types, g->p2m_count,
			     g->p2m, g->diag);
	return rc ? rc : check_sum(g, g->saved.page_count);
}
/* What the first vcpu names: xl restore writes into it, and an attempt that
 * fails must not be seen by the next one. */
static void take_start_info(struct collect_xen *g)
{
	uint64_t pfn = g->saved.start_info;
	int error = 0;
	void *at;

	if (!pfn || pfn >= g->p2m_count || g->p2m[pfn] == ~0ull)
		return;
	at = g->x->xenforeignmemory_map(g->x->memory, g->domain.domid,
					PROT_READ, 1, &g->p2m[pfn], &error);
	if (!at)
		return;
	if (!error) {
		g->start_info.pfn = pfn;
		memcpy(g->start_info.page, at, HO_PAGE_BYTES);
	}
	g->x->xenforeignmemory_unmap(g->x->memory, at, 1);
}

/* It is suspended: returns 0 when its frames are what its stream says. */
static int look(struct collect_xen *g, struct xen *x, struct diag_log *diag)
{
	int rc;

	g->x = x;
	g->diag = diag;
	rc = xen_domain_refresh(x, &g->domain, diag);
	if (!rc && g->saved.hvm != g->domain.hvm)
		rc = diag_add(diag, HO_EXENSTREAM, "domain %s: another kind of guest",
			      g->domain.name);
	if (rc || g->domain.hvm)
		return rc ? rc : find_frames(g);
	if (!rc)
		rc = xen_domain_p2m(x, &g->domain, &g->p2m, &g->p2m_count,
				    diag);
	if (!rc)
		rc = check_types(g);
	if (!rc)
		take_start_info(g);
	return rc;
}

/* In the environment of xl, which has it do the saving: a library before all
 * others, that keeps it from reading what is ordinary and from letting QEMU go on.
 * What it was before, to put back. */
static char *begin_staying(void)
{
	const char *save = installed_xen_save_path();
	char *was = getenv(PRELOAD), *words;

	was = was ? strdup(was) : NULL;
	if (!save)
		return was;
	if (asprintf(&words, "%s%s%s", save, was ? ":" : "", was ? was : "") < 0)
		return was;
	setenv(PRELOAD, words, 1);
	free(words);
	return was;
}

static void end_staying(char *was)
{
	if (was)
		setenv(PRELOAD, was, 1);
	else
		unsetenv(PRELOAD);
	free(was);
}

int collect_xen_save(struct collect_xen **guests, uint32_t count,
		     struct diag_log *diag)
{
	struct xen *x = NULL;
	bool failed = false;
	char *was;
	uint32_t i;
	int rc = xen_open(&x, diag);

	if (rc)
		return rc;
	for (i = 0; i < count; i++)
		guests[i]->failed = &failed;
	was = begin_staying();
	side_by_side(count, save_beside, guests);
	end_staying(was);
	for (i = 0; i < count; i++) {
		diag_merge(diag, &guests[i]->own_diag);
		rc = rc ? rc : guests[i]->rc;
	}
	for (i = 0; i < count && !rc; i++)
		rc = look(guests[i], x, diag);
	xen_close(x);
	return rc;
}

int collect_xen_write(struct collect_xen *g, struct stream_writer *w)
{
	uint64_t pfn;

	for (pfn = 0; pfn < g->p2m_count; pfn++)
		if (has_frame(type_of(g, pfn)))
			stream_writer_extent(w, g->p2m[pfn], 1,
					     type_of(g, pfn), pfn);
	stream_writer_state(w, XEN_STATE_NAME, g->saved.bytes,
			    g->saved.length);
	stream_writer_state(w, XEN_DIGEST_NAME, g->saved.digest,
			    sizeof(g->saved.digest));
	if (g->start_info.pfn)
		stream_writer_state(w, XEN_START_INFO_NAME, &g->start_info,
				    sizeof(g->start_info));
	stream_writer_state(w, XEN_CPU_TIME_NAME, &g->domain.cpu_time,
			    sizeof(g->domain.cpu_time));
	g->pause.collected_tsc = pause_tsc();
	stream_writer_state(w, PAUSE_STATE_NAME, &g->pause,
			    sizeof(g->pause));
	return w->rc;
}

void collect_xen_forget(struct collect_xen *g)
{
	free(g->p2m);
	xen_saved_free(&g->saved);
	g->p2m = NULL;
	g->saved = (struct xen_saved){ 0 };
	g->p2m_count = 0;
}
