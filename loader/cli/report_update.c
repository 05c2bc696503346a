// SPDX-License-Identifier: MIT
/*
 * report_update.c - the last update, and the one that is under way; see report.h.
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "grid.h"
#include "mapread.h"
#include "note.h"
#include "pauses.h"
#include "regionfind.h"
#include "slot.h"
#include "status_json.h"
#include "status_pause.h"
#include "util.h"

#define MAP_WIDTH	64		/* cells of a row, and rows */
#define MAP_ROWS	24

static void print_reasons(FILE *to, const struct report *r,
			  const struct diag_log *diag)
{
	uint32_t i;

	for (i = 0; i < diag->kept; i++) {
		fprintf(to, "%s: ", error_name(diag->items[i].code));
		report_text(to, r, diag->items[i].where,
			    strlen(diag->items[i].where));
		fputc('\n', to);
	}
}

static void print_outcome(FILE *to, const struct report *r)
{
	const struct ho_breadcrumb *c = &r->h->crumb;

	fprintf(to, "update %u of ABI %u: %s, stage %s\n", c->generation,
		c->version ? c->version : 1,
		r->h->chained ? "chained" : c->state == HO_STATE_FAILED
		? "failed" : "unfinished", stage_name(c->stage));
	if (c->error) {
		fprintf(to, "error: %s at ", error_name(c->error));
		report_text(to, r, c->where, strnlen(c->where, HO_WHERE_BYTES));
		fputc('\n', to);
	}
	if (c->trap_vector != HO_NO_TRAP)
		fprintf(to, "CPU fault: vector %u error 0x%x at stub+0x%llx, cr2 0x%llx\n",
			c->trap_vector, c->trap_error_code,
			(unsigned long long)c->trap_rip,
			(unsigned long long)c->trap_cr2);
	if (r->h->fallen_back)
		fprintf(to, "this is the fallback, for %s\n",
			error_name(r->h->failed.error));
	if (c->fallback_error)
		fprintf(to, "fallback: %s\n", error_name(c->fallback_error));
}

static void print_result(FILE *to, const struct handover *h)
{
	const struct result *res = &h->result;
	int i;

	fprintf(to, "frames: %llu kept, %llu plugged, %llu not plugged; %u map entries\n",
		(unsigned long long)res->frames_owned,
		(unsigned long long)res->frames_plugged,
		(unsigned long long)res->frames_unplugged, res->map_count);
	fprintf(to, "region: 0x%llx, %llu bytes, %llu used\n",
		(unsigned long long)h->crumb.region_base,
		(unsigned long long)h->crumb.region_bytes,
		(unsigned long long)res->region_used);
	fprintf(to, "TSC: %u kHz\n", h->crumb.tsc_khz);
	for (i = HO_STAGE_ENTRY; i < HO_STAGE_TARGET; i++)
		fprintf(to, "stage %s: %llu us\n", stage_name(i),
			(unsigned long long)status_stage_us(h, i));
}

static void print_guest(FILE *to, const struct handover *h, uint32_t i)
{
	const struct ho_domain *d = &h->domains[i];

	fprintf(to, "guest-%u: kind %u, %llu frames, %llu extents, %llu bytes of state, %s%s\n",
		i + 1, d->kind, (unsigned long long)d->frame_count,
		(unsigned long long)d->extent_count,
		(unsigned long long)d->state_bytes,
		d->flags & HO_DOM_RELEASED ? "released" : "kept",
		h->chained || h->kept.domains[i].intact ? "" : ", damaged");
	status_pause_line(to, h, d);
}

static void print_earlier(FILE *to, const struct handover *h)
{
	const struct blob_previous *p = &h->blob.previous;

	if (h->known && p->region && p->state != HO_STATE_CHAINED)
		fprintf(to, "before it: update %u did not complete, stage %s: %s\n",
			p->generation, stage_name(p->stage),
			p->error ? error_name(p->error) : "-");
}

/* One that another instance began, and that did not start this one. */
static void print_lost(FILE *to, const struct handover *h)
{
	struct note lost;

	if (note_read(NOTE_PATH, &lost) &&
	    !(h && !strcmp(lost.id, human_id(h->crumb.id))))
		fprintf(to, "LOST: update %u, begun %s\n", lost.generation,
			note_when(&lost));
}

/* As far as they were noted on disk. */
static void print_pauses(FILE *to)
{
	struct pauses p;
	int i, part;

	pauses_read(&p, PAUSES_PATH);
	for (i = 0; i < p.count; i++) {
		fprintf(to, "pause of update %u, in s:", p.list[i].generation);
		for (part = 0; part < TIMELINE_PARTS; part++)
			fprintf(to, " %s %.3f", timeline_name(part),
				p.list[i].s[part]);
		fprintf(to, "\n");
	}
}

void report_update(FILE *to, const struct report *r)
{
	uint32_t i;

	print_lost(to, r->h);
	print_pauses(to);
	if (!r->h) {
		fprintf(to, "nothing of an update is here\n");
		print_reasons(to, r, &r->parent);
		return;
	}
	print_outcome(to, r);
	if (r->h->chained)
		print_result(to, r->h);
	for (i = 0; i < r->h->result.domain_count; i++)
		print_guest(to, r->h, i);
	print_earlier(to, r->h);
}

void report_log(FILE *to, const struct report *r)
{
	if (r->h && r->h->log)
		report_text(to, r, r->h->log, r->h->crumb.log_bytes);
	else
		fprintf(to, "none\n");
}

/* Names are written over before anything is drawn; so is the kernel's place. */
static void hide(struct owners *o)
{
	uint32_t i;
	size_t at;

	for (at = 0; at < o->count; at++)
		if (o->spans[at].kind == OWNER_KERNEL)
			o->spans[at].kind = OWNER_FREE;
	for (i = 0; i < o->guest_count; i++)
		snprintf(o->guests[i].name, sizeof(o->guests[i].name),
			 "guest-%u", i + 1);
}

void report_map(FILE *to, const struct report *r)
{
	struct owners o = { 0 };
	struct diag_log diag;
	struct grid g;
	int rc;

	diag_init(&diag, HO_STAGE_LOADER);
	rc = mapread_iomem(&o, "/proc/iomem", &diag);
	if (!rc && r->h)
		rc = mapread_handover(&o, r->h, &diag);
	hide(&o);
	if (!rc)
		rc = owners_settle(&o, &diag);
	if (!rc)
		rc = grid_make(&g, &o, MAP_WIDTH, MAP_ROWS, &diag);
	if (!rc) {
		grid_print_text(to, &g, &o);
		grid_free(&g);
	}
	print_reasons(to, r, &diag);
	owners_free(&o);
}

static void print_ledger(FILE *to, const struct ledger *l)
{
	uint32_t i;

	fprintf(to, "stage: %s\n", ledger_stage_name(l->stage));
	if (l->stage != LEDGER_REST)
		fprintf(to, "command: %.24s, %s\n", l->command,
			process_lives(l->who) ? "at work" : "not through");
	for (i = 0; i < l->count; i++)
		fprintf(to, "a guest of %s: %s\n", l->guests[i].kind->name,
			ledger_guest_name(l->guests[i].taken.stage));
}

void report_now(FILE *to, const struct report *r)
{
	struct region_found region;
	struct diag_log diag;
	uint32_t i;

	print_ledger(to, &r->ledger);
	fprintf(to, "panic: %s\n", slot_armed() ? slot_armed() : "not armed");
	diag_init(&diag, HO_STAGE_LOADER);
	if (!region_find(&region, NULL, r->h, &diag))
		for (i = 0; i < region.count; i++)
			fprintf(to, "region: 0x%llx, %llu bytes, by %s\n",
				(unsigned long long)region.ranges[i].start,
				(unsigned long long)
				range_bytes(region.ranges[i]), region.from);
	print_reasons(to, r, &diag);
}
