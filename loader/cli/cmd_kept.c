// SPDX-License-Identifier: MIT
/*
 * cmd_kept.c - in the new instance: release, state, region.
 */
#include "commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "checked.h"
#include "cold.h"
#include "handover.h"
#include "jsonout.h"
#include "kinds.h"
#include "lock.h"
#include "machine.h"
#include "placetext.h"
#include "regionfind.h"
#include "regionnext.h"
#include "rundir.h"
#include "table.h"
#include "util.h"

static int no_domain(const char *name, struct diag_log *diag)
{
	return diag_add(diag, HO_ENODOMAIN, "%.60s", name);
}

/* At once where a kind can, once nobody else may have it. */
static bool give_back(const struct ho_domain *d)
{
	int i;

	for (i = 0; guest_kinds[i]; i++)
		if (guest_kinds[i]->give_back && guest_kinds[i]->give_back(d))
			return true;
	return false;
}

int cmd_release(struct arguments *a, struct diag_log *diag)
{
	const char *name = a->operands[0];
	struct ho_domain *d;
	struct handover *h;
	int rc;

	rc = lock_shared("release", diag);
	if (rc)
		return rc;
	rc = handover_new(&h, true, diag);
	if (rc)
		return rc;
	d = handover_find(h, name);
	if (!d) {
		rc = no_domain(name, diag);
	} else if (!h->chained) {
		rc = diag_add(diag, HO_EBREADCRUMB,
			      "the update failed: there is no domain table to release %.60s from",
			      name);
	} else {
		d->flags |= HO_DOM_RELEASED;
		printf("%s released: %s %s\n", name,
		       human_bytes(d->frame_count << HO_PAGE_SHIFT),
		       give_back(d) ? "are the host's again"
				    : "return at the next update");
	}
	handover_free(h);
	return rc;
}

struct wanted {
	const char *kind;
	bool found;
};

static int write_piece(void *context, const char *kind, struct span *body,
		       struct diag_log *diag)
{
	struct wanted *w = context;

	(void)diag;
	if (strcmp(kind, w->kind))
		return 0;
	w->found = true;
	fwrite(body->bytes + body->offset, span_left(body), 1, stdout);
	return 0;
}

/* The STATE records of one kind, of the domain whose record is at `from`. */
static int write_state(const struct handover *h, uint64_t from,
		       const char *kind, struct diag_log *diag)
{
	struct wanted w = { .kind = kind };
	int rc = kept_states(h->stream, h->blob.stream_bytes, from,
			     write_piece, &w, diag);

	if (!rc && !w.found)
		rc = diag_add(diag, HO_ENODOMAIN, "no state %.60s", kind);
	return rc;
}

int cmd_state(struct arguments *a, struct diag_log *diag)
{
	const struct ho_domain *d;
	struct handover *h;
	int rc;

	rc = handover_new(&h, false, diag);
	if (rc)
		return rc;
	d = handover_find(h, a->operands[0]);
	rc = d ? write_state(h, d->stream_offset, a->operands[1], diag)
	       : no_domain(a->operands[0], diag);
	handover_free(h);
	return rc;
}

/* The parts of an account in the order of the landing range, with words for
 * people and for programs. */
static const struct {
	const char *text, *json;
	size_t offset;
} parts[] = {
#define PART(text, field) { text, #field, offsetof(struct account, field) }
	PART("breadcrumb", breadcrumb), PART("stub, its data and log", stub),
	PART("target's images", images), PART("fallback", fallback),
	PART("blob", blob), PART("frametable", frametable),
	PART("domain table", domains), PART("result", result),
	PART("map, command line", rest), PART("free", free),
#undef PART
};

static uint64_t part(const struct account *a, size_t i)
{
	return *(const uint64_t *)((const char *)a + parts[i].offset);
}

static void print_region_json(const struct region_found *r,
			      const struct account *a)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct json_object *use = json_object_new_object();
	size_t i;

	for (i = 0; i < r->count; i++) {
		struct json_object *range = json_object_new_object();

		json_u64(range, "base", r->ranges[i].start);
		json_u64(range, "bytes", range_bytes(r->ranges[i]));
		json_object_array_add(list, range);
	}
	json_text(o, "from", r->from);
	json_object_object_add(o, "ranges", list);
	for (i = 0; a->total && i < ARRAY_COUNT(parts); i++)
		json_u64(use, parts[i].json, part(a, i));
	if (a->total) {
		json_u64(use, "total", a->total);
		json_object_object_add(o, "use", use);
	} else {
		json_object_put(use);
	}
	json_print(o);
}

static const char *const columns[] = { "<part", "#bytes", "#size", NULL };

static void print_parts(const struct account *a,
			const struct table_style *style)
{
	struct table t;
	size_t i;

	table_begin(&t, "parts", columns, style);
	for (i = 0; a->total && i <= ARRAY_COUNT(parts); i++) {
		bool last = i == ARRAY_COUNT(parts);
		uint64_t bytes = last ? a->total : part(a, i);

		table_cell(&t, "%s", last ? "together" : parts[i].text);
		table_cell(&t, "%llu", (unsigned long long)bytes);
		table_bytes(&t, bytes);
	}
	table_print(&t);
}

static void print_region(const struct region_found *r,
			 const struct account *a)
{
	char next[128];
	size_t i;

	for (i = 0; i < r->count; i++)
		printf("%s  %s, from %s\n", placetext_of(r->ranges[i]),
		       human_bytes(range_bytes(r->ranges[i])), r->from);
	if (text_read(REGION_NEXT_FILE, next, sizeof(next)))
		printf("next update: lands here, and keeps %s free for the one after it\n",
		       next);
	if (!a->total)
		return;
	printf("\nafter the last update, until the next one writes it over:\n");
	print_parts(a, NULL);
}

/* What a door would carve on this machine, and why. */
static int advise(struct diag_log *diag)
{
	struct machine *m = calloc(1, sizeof(*m));
	uint64_t ram = 0, bytes;
	uint32_t i;
	int rc;

	if (!m)
		return diag_add(diag, HO_ENOMEM, "machine");
	rc = machine_read(m, NULL, false, diag);
	for (i = 0; i < m->map.memory_count; i++)
		ram += range_bytes(m->map.memory[i]);
	bytes = cold_region_bytes(ram);
	if (!rc)
		printf("RAM         %s\n"
		       "region      %s: the default of a first boot through the door\n"
		       "            %s for files: stub, kernel and initrd, and the fallback's\n"
		       "            %s for tables: 1 KiB per MiB of RAM\n"
		       "or          crashkernel=%lluM, for a first boot without it; no @PLACE\n"
		       "            behind it: KASLR may put the kernel there\n"
		       "with kdump  the door, or one update, gives Baton a region of its own;\n"
		       "            crashkernel= on the next command line is then kdump's\n"
		       "exactly     baton check --plan BLOB says what an update takes\n",
		       human_bytes(ram), human_bytes(bytes),
		       human_bytes(bytes - ram / 1024),
		       human_bytes(ram / 1024),
		       (unsigned long long)(bytes >> 20));
	free(m);
	return rc;
}

/* As far as it can be known now: this machine's memory. A region of --region is
 * not left out. */
static int check_next(const char *text, const char *region,
		      struct diag_log *diag)
{
	struct machine *m = malloc(sizeof(*m));
	struct region_found r = { 0 };
	struct handover *h = NULL;
	int rc = m ? handover_parent(&h, diag)
		   : diag_add(diag, HO_ENOMEM, "machine");

	if (!rc && region)
		rc = region_find(&r, region, h, diag);
	if (!rc)
		rc = machine_read(m, h, false, diag);
	if (!rc)
		rc = machine_leave_out(m, r.ranges, r.count, diag);
	if (!rc)
		rc = region_next_check(text, &m->map, diag);
	handover_free(h);
	free(m);
	return rc;
}

/* For the next pack or upgrade of this instance; "none": as it is. */
static int set_next(const char *text, const char *region,
		    struct diag_log *diag)
{
	int rc;

	if (!strcmp(text, "none")) {
		if (unlink(REGION_NEXT_FILE) && errno != ENOENT)
			return io_error(diag, REGION_NEXT_FILE);
		return 0;
	}
	rc = check_next(text, region, diag);
	if (rc)
		return rc;
	rc = rundir_make(diag);
	if (!rc)
		rc = file_write(REGION_NEXT_FILE, text, strlen(text), diag);
	if (!rc)
		printf("the next update keeps %s free%s; the one after it lands there\n",
		       text, strchr(text, '+') ? "" : ", here if it can");
	return rc;
}

int cmd_region(struct arguments *a, struct diag_log *diag)
{
	const char *text = a->pack.region;
	struct region_found r;
	struct handover *h = NULL;
	struct account use = { 0 };
	int rc;

	if (a->advise)
		return advise(diag);
	if (a->next_region)
		return set_next(a->next_region, text, diag);
	rc = table_check(columns, a->table.columns, diag);
	if (rc)
		return rc;
	rc = text ? 0 : handover_parent(&h, diag);
	if (!rc)
		rc = region_find(&r, text, h, diag);
	if (!rc && h && h->chained)
		rc = account_region(&use, &h->blob, &h->result, h->tree_bytes,
				    diag);
	if (!rc && table_is_alone(&a->table))
		print_parts(&use, &a->table);
	else if (!rc && a->json)
		print_region_json(&r, &use);
	else if (!rc)
		print_region(&r, &use);
	if (h)
		handover_free(h);
	return rc;
}
