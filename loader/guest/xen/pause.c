// SPDX-License-Identifier: MIT
/*
 * pause.c - see pause.h.
 */
#include "pause.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <x86intrin.h>

#include "jsonout.h"
#include "rundir.h"
#include "table.h"
#include "util.h"
#include "xen.h"

enum part { COLLECT, LOAD, STUB, XEN, DOM0, RESTORE, PARTS };

static const char *const names[PARTS] = {
	"collect", "load", "stub", "xen", "dom0", "restore",
};

struct pause {
	double s[PARTS], total;		/* seconds */
	bool over;			/* else until now, and no RESTORE */
};

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

/* In RESUMED_FILE, lines GENERATION DOMID RESTORE-TSC END-TSC of guests that run
 * on; they are of this boot, as the file is. The last line: it may have been
 * restored with --keep before. */
static bool find_end(const struct handover *h, const struct ho_domain *d,
		     uint64_t *restore_tsc, uint64_t *end_tsc)
{
	FILE *f = fopen(RESUMED_FILE, "re");
	uint32_t generation, domid;
	uint64_t restore, end;
	bool found = false;

	while (f && fscanf(f, "%" SCNu32 " %" SCNu32 " %" SCNu64 " %" SCNu64,
			   &generation, &domid, &restore, &end) == 4) {
		if (generation != h->crumb.generation || domid != d->domid)
			continue;
		*restore_tsc = restore;
		*end_tsc = end;
		found = true;
	}
	if (f)
		fclose(f);
	return found;
}

/* False: it is no such guest, this is no dom0, or the TSC was set back. end_tsc
 * 0: it may have been restored. */
static bool measure(struct pause *p, const struct handover *h,
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
	p->over = end_tsc || find_end(h, d, &restore_tsc, &end_tsc);
	if (!p->over)
		restore_tsc = end_tsc = pause_tsc();
	const uint64_t at[] = {
		saved.suspend_tsc, saved.collected_tsc, stub[HO_STAGE_ENTRY],
		stub[HO_STAGE_TARGET], boot_tsc(h->crumb.tsc_khz),
		restore_tsc, end_tsc,
	};

	for (i = 0; i < PARTS; i++) {
		if (at[i + 1] < at[i])
			return false;
		p->s[i] = (at[i + 1] - at[i]) / 1e3 / h->crumb.tsc_khz;
	}
	p->total = (at[PARTS] - at[0]) / 1e3 / h->crumb.tsc_khz;
	return true;
}

static double share_of_stub(const struct pause *p)
{
	return p->total ? 100 * p->s[STUB] / p->total : 0;
}

void pause_note(const struct handover *h, const struct ho_domain *d,
		uint64_t restore_tsc)
{
	uint64_t end = pause_tsc();
	struct pause p;
	FILE *f;

	if (!measure(&p, h, d, restore_tsc, end))
		return;
	progress("%s: paused %.2f s: collect %.2f, load %.2f, stub %.2f (%.1f %%), Xen %.2f, dom0 %.2f, restore %.2f",
		 d->name, p.total, p.s[COLLECT], p.s[LOAD], p.s[STUB],
		 share_of_stub(&p), p.s[XEN], p.s[DOM0], p.s[RESTORE]);
	mkdir(RUN_DIR, 0700);
	f = fopen(RESUMED_FILE, "ae");
	if (!f) {
		progress("%s: not for baton status: " RESUMED_FILE " cannot be written",
			 d->name);
		return;
	}
	fprintf(f, "%" PRIu32 " %" PRIu32 " %" PRIu64 " %" PRIu64 "\n",
		h->crumb.generation, d->domid, restore_tsc, end);
	fclose(f);
}

void pause_print(const struct handover *h)
{
	struct pause p;
	struct table t;
	uint32_t i, rows = 0;

	for (i = 0; i < h->result.domain_count; i++) {
		if (!measure(&p, h, &h->domains[i], 0, 0))
			continue;
		if (!rows++)
			table_begin(&t, "<guest", ">paused s", ">collect*",
				    ">load", ">stub", ">%", ">Xen", ">dom0",
				    ">restore*", NULL);
		table_cell(&t, "%.*s", HO_NAME_BYTES, h->domains[i].name);
		table_cell(&t, "%.2f%s", p.total, p.over ? "" : "...");
		table_cell(&t, "%.2f", p.s[COLLECT]);
		table_cell(&t, "%.2f", p.s[LOAD]);
		table_cell(&t, "%.2f", p.s[STUB]);
		table_cell(&t, "%.1f", share_of_stub(&p));
		table_cell(&t, "%.2f", p.s[XEN]);
		table_cell(&t, "%.2f", p.s[DOM0]);
		table_cell(&t, "%.2f", p.s[RESTORE]);
	}
	if (!rows)
		return;
	putchar('\n');
	table_print(&t);
	puts("* grows with the guest's memory; load (the jump, too) and stub with dom0's files");
}

void pause_json(const struct handover *h, const struct ho_domain *d,
		struct json_object *o)
{
	struct json_object *list;
	struct pause p;
	int i;

	if (!measure(&p, h, d, 0, 0))
		return;
	list = json_object_new_object();
	for (i = 0; i < PARTS; i++)
		json_u64(list, names[i], p.s[i] * 1e3);
	json_u64(list, "total", p.total * 1e3);
	json_flag(list, "over", p.over);
	json_object_object_add(o, "pause_ms", list);
}
