// SPDX-License-Identifier: MIT
/*
 * cmd_status.c - in the new instance: what the last update did.
 */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "handover.h"
#include "machine.h"
#include "note.h"
#include "slot.h"
#include "status_json.h"
#include "status_ledger.h"
#include "status_metrics.h"
#include "status_pause.h"
#include "status_timeline.h"
#include "table.h"
#include "util.h"

/* What happened and where, by the breadcrumb. */
static void print_failure(const struct handover *h)
{
	const struct ho_breadcrumb *c = &h->crumb;

	if (c->state != HO_STATE_FAILED) {
		printf("update %u did not complete: it stopped in stage %s\n",
		       c->generation, stage_name(c->stage));
		return;
	}
	printf("update %u FAILED in stage %s%s\n\n", c->generation,
	       stage_name(c->stage), h->fallen_back
	       ? "; this is the fallback, in the region alone" : "");
	printf("what        %s (%s)\n", error_text(c->error),
	       error_name(c->error));
	printf("where       %s\n", *c->where ? c->where : "-");
	if (c->trap_vector != HO_NO_TRAP)
		printf("CPU fault   vector %u error 0x%x at stub+0x%llx, cr2 0x%llx\n",
		       c->trap_vector, c->trap_error_code,
		       (unsigned long long)c->trap_rip,
		       (unsigned long long)c->trap_cr2);
	printf("remedy      %s\n", error_remedy(c->error));
}

/* What is safe, and what to do now. */
static void print_way_on(const struct handover *h)
{
	if (!h->known) {
		printf("safe        memory outside this instance is untouched, but the blob that says\n"
		       "            whose it is cannot be read: nothing can be saved by name\n");
		return;
	}
	printf("safe        %u domains, %s: reserved, nothing has written there\n",
	       h->result.domain_count,
	       human_bytes(h->result.frames_owned << HO_PAGE_SHIFT));
	if (!h->chained && !h->kept.complete)
		printf("damaged     not all records are as they were written: see below\n");
	printf("now         baton salvage NAME -o FILE   copies a domain's memory out\n"
	       "            baton state NAME KIND        its state\n");
	if ((h->chained || h->kept.complete) && h->failed.error != HO_ECPUS)
		printf("            baton upgrade ...            a new update from here keeps them all\n");
	putchar('\n');
}

static void print_died(const struct handover *h)
{
	printf("the instance that update %u started died; this is the fallback\n\n",
	       h->crumb.generation);
	printf("what        %s (%s)\n", error_text(h->failed.error),
	       error_name(h->failed.error));
	printf("remedy      %s\n", error_remedy(h->failed.error));
	print_way_on(h);
}

/* A domain's standing, in a word or two. */
static const char *standing(const struct handover *h, uint32_t i)
{
	const char *in_place;

	if (!h->chained)
		return h->kept.domains[i].intact ? "intact" : "DAMAGED";
	if (!(h->domains[i].flags & HO_DOM_RELEASED))
		return "kept";
	in_place = status_in_place(h, &h->domains[i]);
	return in_place ? in_place : "released: returns at the next update";
}

static const char *const columns[] = {
	"#domid", "<name", "#memory", "#frames", "#extents", "#state", "<uuid",
	"<standing", NULL
};

static void print_domains(const struct handover *h,
			  const struct table_style *style)
{
	struct table t;
	uint32_t i;

	table_begin(&t, "domains", columns, style);
	for (i = 0; i < h->result.domain_count; i++) {
		const struct ho_domain *d = &h->domains[i];

		table_cell(&t, "%u", d->domid);
		table_cell(&t, "%.*s", HO_NAME_BYTES, d->name);
		table_bytes(&t, d->frame_count << HO_PAGE_SHIFT);
		table_cell(&t, "%llu", (unsigned long long)d->frame_count);
		table_cell(&t, "%llu", (unsigned long long)d->extent_count);
		table_bytes(&t, d->state_bytes);
		table_cell(&t, "%s", human_id(d->uuid));
		table_cell(&t, "%s", standing(h, i));
	}
	table_print(&t);
}

static void print_memory(const struct handover *h)
{
	const struct result *r = &h->result;
	uint32_t i, most = r->not_plugged_count < 8 ? r->not_plugged_count
						    : 8;

	printf("\nkept        %s\n", human_bytes(r->frames_owned << 12));
	if (h->blob.stream_range_count)
		printf("stream      %s of it, until the next update\n",
		       human_bytes(h->blob.stream_bytes));
	printf("plugged     %s in %u map entries\n",
	       human_bytes(r->frames_plugged << 12), r->map_count);
	printf("not plugged %s", human_bytes(r->frames_unplugged << 12));
	if (r->frames_unplugged)
		printf(": the map's budget of %u entries was used up; the largest:",
		       h->blob.chosen.e820_budget);
	putchar('\n');
	for (i = 0; i < most; i++)
		printf("            0x%llx  %s\n",
		       (unsigned long long)r->not_plugged[i].start,
		       human_bytes(range_bytes(r->not_plugged[i])));
	printf("region      0x%llx  %s, tables took %s\n",
	       (unsigned long long)h->crumb.region_base,
	       human_bytes(h->crumb.region_bytes),
	       human_bytes(r->region_used));
}

static void print_times(const struct handover *h)
{
	uint64_t total = 0;
	int i;

	printf("stub        ");
	for (i = HO_STAGE_ENTRY; i < HO_STAGE_TARGET; i++) {
		uint64_t us = status_stage_us(h, i);

		total += us;
		printf("%s %llu us, ", stage_name(i), (unsigned long long)us);
	}
	printf("together %llu us\n", (unsigned long long)total);
}

/* One that stopped before it read its blob has left neither number nor id. */
static void print_previous(const struct blob_previous *p)
{
	static const uint8_t unread[HO_ID_BYTES];

	printf("before it   ");
	if (memcmp(p->id, unread, sizeof(unread)))
		printf("%s %u, id %s: ",
		       p->generation ? "update" : "first boot, update",
		       p->generation, human_id(p->id));
	else
		printf("an update, not read yet: ");
	printf("did not complete, stage %s%s%s\n", stage_name(p->stage),
	       p->error ? ": " : "", p->error ? error_name(p->error) : "");
}

/* What became of an update of an earlier boot, as far as it is known. */
static void print_earlier(const struct handover *h, const struct note *lost)
{
	const struct blob_previous *p = &h->blob.previous;

	/* doors of 0.4.0 told of those that had completed, too */
	if (h->known && p->region && p->state != HO_STATE_CHAINED)
		print_previous(p);
	if (lost)
		printf("LOST        update %u, id %s, begun %s, did not complete: its guests are gone\n",
		       lost->generation, lost->id, note_when(lost));
}

static void print_armed(void)
{
	const char *armed = slot_armed();

	if (!armed)
		return;
	if (!strcmp(armed, "armed"))
		printf("armed       a panic leads to the fallback\n");
	else if (!strcmp(armed, "no longer"))
		printf("NOT ARMED   any longer: another image (kdump?) or none is in its place: baton arm --again --replace\n");
	else
		printf("armed?      the kernel does not say whose image a panic starts\n");
}

static void print_status(const struct handover *h)
{
	if (!h->chained) {
		print_failure(h);
		print_way_on(h);
		if (h->known)
			print_domains(h, NULL);
		return;
	}
	if (h->fallen_back)
		print_died(h);
	else
		printf("%s %u, id %s\n\n", h->crumb.generation
		       ? "update" : "first boot through the stub: update",
		       h->crumb.generation, human_id(h->crumb.id));
	if (h->result.domain_count)
		print_domains(h, NULL);
	else
		printf("no domain was kept\n");
	print_memory(h);
	print_times(h);
	print_armed();
	status_pause_print(h);
}

static const char *name_of(const struct handover *h, uint32_t domid)
{
	static char name[HO_NAME_BYTES + 1];
	uint32_t i;

	if (domid == HO_DOMID_STREAM)
		return "stream";
	for (i = 0; i < h->result.domain_count; i++)
		if (h->domains[i].domid == domid)
			break;
	snprintf(name, sizeof(name), "%.*s", HO_NAME_BYTES,
		 i < h->result.domain_count ? h->domains[i].name : "?");
	return name;
}

static void print_extent(const struct handover *h, uint32_t domid,
			 uint64_t mfn, uint64_t count, uint32_t type)
{
	printf("%u %s %llx %llu %u\n", domid, name_of(h, domid),
	       (unsigned long long)mfn, (unsigned long long)count, type);
}

/* From the frametable, not from the stream: what the stub made of it. */
static int print_owned(const struct handover *h, struct diag_log *diag)
{
	struct frametable_walk w = frametable_walk(&h->view);
	struct frametable_span s;
	int rc;

	while ((rc = frametable_next(&w, &s)) > 0)
		print_extent(h, s.domid, s.mfn, s.count, s.type);
	return rc ? diag_add(diag, -rc, "frametable") : 0;
}

/* Of an update that failed there is only the stream. */
static int print_streamed(const struct handover *h, struct diag_log *diag)
{
	struct kept_walk w;
	struct kept_extent e;
	int rc = kept_walk_begin(&w, h->stream, h->blob.stream_bytes, ~0ull,
				 diag);

	while (!rc && (rc = kept_walk_next(&w, &e, diag)) > 0) {
		rc = 0;
		print_extent(h, e.domid, e.place.start >> HO_PAGE_SHIFT,
			     range_bytes(e.place) >> HO_PAGE_SHIFT, e.type);
	}
	return rc;
}

static int print_extents(const struct handover *h, struct diag_log *diag)
{
	return h->chained ? print_owned(h, diag) : print_streamed(h, diag);
}

static int print_log(const struct handover *h, struct diag_log *diag)
{
	if (!h->log)
		return diag_add(diag, HO_EBREADCRUMB, "log");
	fwrite(h->log, h->crumb.log_bytes, 1, stdout);
	return 0;
}

/* True when, as far as the error says, firmware started this instance. */
static bool is_plain_boot(int error)
{
	uint64_t base;

	return error == -HO_ESTALE || !handover_base("/proc/cmdline", &base);
}

/* Lines of domains, and nothing else. */
static bool is_of_domains(const struct arguments *a)
{
	return a->extents || table_is_alone(&a->table);
}

/* No update started this instance; one may be under way. */
static int show_going_on(const struct arguments *a, int error,
			 struct diag_log *diag)
{
	if (!(a->json ? status_json_print_ledger() : status_ledger_print()))
		return error;
	diag_init(diag, HO_STAGE_LOADER);
	return 0;
}

/* Nothing of a handover can be shown, for `error`. Says so when one was to start
 * this instance. */
static int show_lost(const struct arguments *a, int error,
		     struct diag_log *diag)
{
	struct note lost;

	if (a->metrics && is_plain_boot(error)) {
		diag_init(diag, HO_STAGE_LOADER);
		return status_metrics_write(a->metrics, NULL,
					    note_read(NOTE_PATH, &lost)
					    ? &lost : NULL, diag);
	}
	if (is_of_domains(a) || a->log || a->pause || a->result || !is_plain_boot(error))
		return error;
	if (!note_read(NOTE_PATH, &lost))
		return show_going_on(a, error, diag);
	if (a->json)
		status_json_print_lost(&lost);
	else
		status_ledger_print();
	diag_init(diag, HO_STAGE_LOADER);
	return diag_add(diag, a->check ? HO_EAFTERJUMP : HO_ELOST, "update %u, id %s, begun %s",
			lost.generation, lost.id, note_when(&lost));
}

/* Returns 0 when the last update went through; a first boot is none. */
static int check(const struct handover *h, const struct note *lost,
		 struct diag_log *diag)
{
	if (lost)
		return diag_add(diag, HO_EAFTERJUMP, "update %u, id %s",
				lost->generation, lost->id);
	if (h->chained && !h->fallen_back)
		return 0;
	return diag_add(diag, HO_EAFTERJUMP, "update %u, stage %s",
			h->crumb.generation, stage_name(h->crumb.stage));
}

static int show(const struct handover *h, const struct arguments *a,
		struct diag_log *diag)
{
	struct note note, *lost = NULL;

	if (note_settle(NOTE_PATH, &h->crumb, &note))
		lost = &note;
	if (!h->known && (is_of_domains(a) || a->result))
		return diag_add(diag, HO_EBREADCRUMB,
				"the blob of the failed update cannot be read");
	if (a->extents)
		return print_extents(h, diag);
	if (a->log)
		return print_log(h, diag);
	if (a->pause)
		return status_timeline(h, a->json, diag);
	if (a->result)
		return file_write(a->result, h->tree, h->blob.fdt_bytes, diag);
	if (a->metrics)
		return status_metrics_write(a->metrics, h, lost, diag);
	if (table_is_alone(&a->table)) {
		print_domains(h, &a->table);
	} else if (a->json) {
		status_json_print(h, lost);
	} else {
		status_ledger_print();
		print_status(h);
		print_earlier(h, lost);
	}
	return a->check ? check(h, lost, diag) : 0;
}

int cmd_status(struct arguments *a, struct diag_log *diag)
{
	struct handover *h;
	int rc = table_check(columns, a->table.columns, diag);

	if (rc)
		return rc;
	rc = handover_new(&h, false, diag);
	if (rc)
		return show_lost(a, rc, diag);
	if (!h->crumb.tsc_khz)		/* a door does not know it */
		h->crumb.tsc_khz = machine_tsc_khz();
	rc = show(h, a, diag);
	handover_free(h);
	return rc;
}
