// SPDX-License-Identifier: MIT
/*
 * pause.c - see pause.h.
 */
#include "pause.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>

#include "rundir.h"
#include "util.h"
#include "xen.h"

uint64_t pause_tsc(void)
{
	return __rdtsc();
}

static int take_saved(void *context, const char *kind, struct span *body,
		      struct diag_log *diag)
{
	struct pause_saved *saved = context;

	(void)diag;
	if (!strcmp(kind, PAUSE_STATE_NAME))
		span_read(body, saved, sizeof(*saved));
	return 0;
}

/* When this kernel started to count. */
static uint64_t boot_tsc(uint64_t tsc_khz)
{
	struct timespec up;

	clock_gettime(CLOCK_BOOTTIME, &up);
	return pause_tsc() - (up.tv_sec * 1000 * tsc_khz +
			      up.tv_nsec / 1000 * tsc_khz / 1000);
}

/* In RESUMED_FILE, lines GENERATION DOMID RESTORE-TSC END-TSC IN-PLACE of
 * guests that run on; they are of this boot, as the file is. The last line: it
 * may have been restored with --keep before. */
static bool find_end(const struct handover *h, const struct ho_domain *d,
		     uint64_t *restore_tsc, uint64_t *end_tsc, bool *in_place)
{
	FILE *f = fopen(RESUMED_FILE, "re");
	uint32_t generation, domid, place;
	uint64_t restore, end;
	bool found = false;

	while (f && fscanf(f, "%" SCNu32 " %" SCNu32 " %" SCNu64 " %" SCNu64
			   " %" SCNu32, &generation, &domid, &restore, &end,
			   &place) == 5) {
		if (generation != h->crumb.generation || domid != d->domid)
			continue;
		*restore_tsc = restore;
		*end_tsc = end;
		*in_place = place;
		found = true;
	}
	if (f)
		fclose(f);
	return found;
}

/* False: it is no such guest, this is no dom0, or the TSC was set back. end_tsc
 * 0: it may have been restored. */
static bool measure_to(struct pause *p, const struct handover *h,
		       const struct ho_domain *d, uint64_t restore_tsc,
		       uint64_t end_tsc)
{
	const uint64_t *stub = h->crumb.stage_tsc;
	struct pause_saved saved = { 0 };
	struct diag_log scratch;
	int i;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (!h->chained || !h->crumb.tsc_khz || !xen_is_dom0() ||
	    kept_states(h->stream, h->blob.stream_bytes, d->stream_offset,
			take_saved, &saved, &scratch) || !saved.suspend_tsc)
		return false;
	p->in_place = false;
	p->over = end_tsc || find_end(h, d, &restore_tsc, &end_tsc,
				     &p->in_place);
	if (!p->over)
		restore_tsc = end_tsc = pause_tsc();
	const uint64_t at[] = {
		saved.suspend_tsc, saved.collected_tsc, stub[HO_STAGE_ENTRY],
		stub[HO_STAGE_TARGET], boot_tsc(h->crumb.tsc_khz),
		restore_tsc, end_tsc,
	};

	for (i = 0; i < PAUSE_PARTS; i++) {
		if (at[i + 1] < at[i])
			return false;
		p->s[i] = (at[i + 1] - at[i]) / 1e3 / h->crumb.tsc_khz;
	}
	p->total = (at[PAUSE_PARTS] - at[0]) / 1e3 / h->crumb.tsc_khz;
	return true;
}

bool pause_measure(struct pause *p, const struct handover *h,
		   const struct ho_domain *d)
{
	return measure_to(p, h, d, 0, 0);
}

double pause_share_of_stub(const struct pause *p)
{
	return p->total ? 100 * p->s[PAUSE_STUB] / p->total : 0;
}

static void say(const struct pause *p, const char *name)
{
	progress("%s: paused %.2f s: collect %.2f, load %.2f, stub %.2f (%.1f %%), Xen %.2f, dom0 %.2f, restore %.2f",
		 name, p->total, p->s[PAUSE_COLLECT], p->s[PAUSE_LOAD],
		 p->s[PAUSE_STUB], pause_share_of_stub(p), p->s[PAUSE_XEN],
		 p->s[PAUSE_DOM0], p->s[PAUSE_RESTORE]);
}

bool pause_is_in_place(const struct handover *h, const struct ho_domain *d)
{
	uint64_t restore, end;
	bool in_place = false;

	return h->chained && find_end(h, d, &restore, &end, &in_place) &&
	       in_place;
}

void pause_note(const struct handover *h, const struct ho_domain *d,
		uint64_t restore_tsc, bool in_place)
{
	uint64_t end = pause_tsc();
	struct diag_log scratch;
	struct pause p;
	FILE *f;

	if (measure_to(&p, h, d, restore_tsc, end))
		say(&p, d->name);
	diag_init(&scratch, HO_STAGE_LOADER);
	rundir_make(&scratch);
	f = fopen(RESUMED_FILE, "ae");
	if (!f) {
		progress("%s: not for baton status: " RESUMED_FILE " cannot be written",
			 d->name);
		return;
	}
	fprintf(f, "%" PRIu32 " %" PRIu32 " %" PRIu64 " %" PRIu64 " %d\n",
		h->crumb.generation, d->domid, restore_tsc, end, in_place);
	fclose(f);
}
