// SPDX-License-Identifier: MIT
/*
 * status_pause.c - see status_pause.h.
 */
#include "status_pause.h"

#include <stdio.h>

#include "jsonout.h"
#include "pause.h"
#include "table.h"
#include "xen.h"

static const char *const names[PAUSE_PARTS] = {
	"collect", "load", "stub", "xen", "dom0", "restore",
};

const char *status_in_place(const struct handover *h,
			    const struct ho_domain *d)
{
	switch (pause_how(h, d)) {
	case RESUMED_IN_PLACE:
		return "runs on in place";
	case RESUMED_PATCHED:
		return "runs on in place (livepatch)";
	default:
		return NULL;
	}
}

static const char *how(const struct pause *p)
{
	return !p->over ? "" : p->how != RESUMED_COPIED ? "in place" : "copied";
}

void status_pause_print(const struct handover *h)
{
	struct pause p;
	static const char *const columns[] = {
		"<guest", ">paused s", ">collect*", ">load", ">stub", ">%",
		">Xen", ">dom0", ">restore*", "<how", NULL
	};
	struct table t;
	uint32_t i, rows = 0;

	for (i = 0; i < h->result.domain_count; i++) {
		if (!pause_measure(&p, h, &h->domains[i]))
			continue;
		if (!rows++)
			table_begin(&t, "pauses", columns, NULL);
		table_cell(&t, "%.*s", HO_NAME_BYTES, h->domains[i].name);
		table_cell(&t, "%.2f%s", p.total, p.over ? "" : "...");
		table_cell(&t, "%.2f", p.s[PAUSE_COLLECT]);
		table_cell(&t, "%.2f", p.s[PAUSE_LOAD]);
		table_cell(&t, "%.2f", p.s[PAUSE_STUB]);
		table_cell(&t, "%.1f", pause_share_of_stub(&p));
		table_cell(&t, "%.2f", p.s[PAUSE_XEN]);
		table_cell(&t, "%.2f", p.s[PAUSE_DOM0]);
		table_cell(&t, "%.2f", p.s[PAUSE_RESTORE]);
		table_cell(&t, "%s", how(&p));
	}
	if (!rows)
		return;
	putchar('\n');
	table_print(&t);
	puts("* grows with the guest's memory; load (the jump, too) and stub with dom0's files");
}

void status_pause_line(FILE *to, const struct handover *h,
		       const struct ho_domain *d)
{
	struct pause p;
	int i;

	if (!pause_measure(&p, h, d))
		return;
	fprintf(to, "  paused for %.2f s%s:", p.total, p.over ? "" : " so far");
	for (i = 0; i < PAUSE_PARTS; i++)
		fprintf(to, " %s %.2f", names[i], p.s[i]);
	fputc('\n', to);
}

void status_pause_json(const struct handover *h, const struct ho_domain *d,
		       struct json_object *o)
{
	struct json_object *list;
	struct pause p;
	int i;

	if (xen_is_guest(d->kind) && d->flags & HO_DOM_RELEASED) {
		json_flag(o, "in_place", pause_how(h, d) != RESUMED_COPIED);
		json_flag(o, "livepatch", pause_how(h, d) == RESUMED_PATCHED);
	}
	if (!pause_measure(&p, h, d))
		return;
	list = json_object_new_object();
	for (i = 0; i < PAUSE_PARTS; i++)
		json_u64(list, names[i], p.s[i] * 1e3);
	json_u64(list, "total", p.total * 1e3);
	json_flag(list, "over", p.over);
	json_object_object_add(o, "pause_ms", list);
}
