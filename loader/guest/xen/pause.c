// SPDX-License-Identifier: MIT
/*
 * pause.c - see pause.h.
 */
#include "pause.h"

#include <string.h>

#include "util.h"
#include "xen.h"

uint64_t pause_tsc(void)
{
	return resumed_now();
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
	p->how = RESUMED_COPIED;
	p->over = end_tsc || resumed_find(h, d, &restore_tsc, &end_tsc,
				     &p->how);
	if (!p->over)
		restore_tsc = end_tsc = pause_tsc();
	const uint64_t at[] = {
		saved.suspend_tsc, saved.collected_tsc, stub[HO_STAGE_ENTRY],
		stub[HO_STAGE_TARGET], resumed_boot(h->crumb.tsc_khz),
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

enum resumed_how pause_how(const struct handover *h,
			   const struct ho_domain *d)
{
	enum resumed_how how;
	uint64_t restore, end;

	return h->chained && resumed_find(h, d, &restore, &end, &how)
	     ? how : RESUMED_COPIED;
}

void pause_note(const struct handover *h, const struct ho_domain *d,
		uint64_t restore_tsc, enum resumed_how how)
{
	uint64_t end = pause_tsc();
	struct pause p;

	if (measure_to(&p, h, d, restore_tsc, end))
		say(&p, d->name);
	resumed_add(h, d, restore_tsc, end, how);
}
