// SPDX-License-Identifier: MIT
/*
 * status_json.c - see status_json.h.
 */
#include "status_json.h"

#include <stdio.h>

#include "jsonout.h"
#include "slot.h"
#include "status_ledger.h"
#include "status_pause.h"
#include "util.h"

uint64_t status_stage_us(const struct handover *h, int stage)
{
	const uint64_t *t = h->crumb.stage_tsc;

	if (!h->crumb.tsc_khz || t[stage + 1] < t[stage])
		return 0;
	return (t[stage + 1] - t[stage]) * 1000 / h->crumb.tsc_khz;
}

static struct json_object *domains_json(const struct handover *h)
{
	struct json_object *list = json_object_new_array();
	uint32_t i;

	for (i = 0; i < h->result.domain_count; i++) {
		const struct ho_domain *d = &h->domains[i];
		struct json_object *o = json_object_new_object();
		char name[HO_NAME_BYTES + 1];

		snprintf(name, sizeof(name), "%.*s", HO_NAME_BYTES, d->name);
		json_u64(o, "domid", d->domid);
		json_text(o, "name", name);
		json_text(o, "uuid", human_id(d->uuid));
		json_u64(o, "frames", d->frame_count);
		json_u64(o, "extents", d->extent_count);
		json_u64(o, "state_bytes", d->state_bytes);
		json_flag(o, "released", d->flags & HO_DOM_RELEASED);
		json_flag(o, "intact",
			  h->chained || h->kept.domains[i].intact);
		status_pause_json(h, d, o);
		json_object_array_add(list, o);
	}
	return list;
}

static void json_note(struct json_object *o, const struct note *n)
{
	struct json_object *lost = json_object_new_object();

	json_u64(lost, "generation", n->generation);
	json_text(lost, "id", n->id);
	json_u64(lost, "begun", n->when);
	json_object_object_add(o, "lost", lost);
}

static void json_previous(struct json_object *o,
			  const struct blob_previous *p)
{
	struct json_object *before = json_object_new_object();

	json_u64(before, "generation", p->generation);
	json_text(before, "id", human_id(p->id));
	json_flag(before, "completed", p->state == HO_STATE_CHAINED);
	json_text(before, "stage", stage_name(p->stage));
	if (p->error)
		json_text(before, "error", error_name(p->error));
	json_object_object_add(o, "previous", before);
}

static void add_ledger(struct json_object *o)
{
	struct json_object *ledger = status_ledger_json();

	if (ledger)
		json_object_object_add(o, "going_on", ledger);
}

void status_json_print(const struct handover *h, const struct note *lost)
{
	struct json_object *o = json_object_new_object();
	struct json_object *times = json_object_new_object();
	int i;

	json_text(o, "state", h->chained ? "chained" :
		 h->crumb.state == HO_STATE_FAILED ? "failed" : "unfinished");
	json_u64(o, "generation", h->crumb.generation);
	json_text(o, "id", human_id(h->crumb.id));
	if (h->known)
		json_text(o, "parent_id", human_id(h->blob.parent_id));
	json_text(o, "stage", stage_name(h->crumb.stage));
	json_u64(o, "region_base", h->crumb.region_base);
	json_u64(o, "region_bytes", h->crumb.region_bytes);
	if (h->crumb.state == HO_STATE_FAILED) {
		json_text(o, "error", error_name(h->crumb.error));
		json_text(o, "where", h->crumb.where);
		json_text(o, "remedy", error_remedy(h->crumb.error));
	}
	json_flag(o, "fallback", h->fallen_back);
	if (h->fallen_back)
		json_text(o, "fallback_reason", error_name(h->failed.error));
	if (h->chained) {
		json_u64(o, "frames_kept", h->result.frames_owned);
		json_u64(o, "frames_plugged", h->result.frames_plugged);
		json_u64(o, "frames_unplugged", h->result.frames_unplugged);
		json_u64(o, "map_entries", h->result.map_count);
		json_u64(o, "region_used", h->result.region_used);
		for (i = HO_STAGE_ENTRY; i < HO_STAGE_TARGET; i++)
			json_u64(times, stage_name(i), status_stage_us(h, i));
	}
	json_object_object_add(o, "stage_us", times);
	if (slot_armed())
		json_text(o, "armed", slot_armed());
	if (h->known)
		json_object_object_add(o, "domains", domains_json(h));
	if (h->known && h->blob.previous.region)
		json_previous(o, &h->blob.previous);
	if (lost)
		json_note(o, lost);
	add_ledger(o);
	json_print(o);
}

void status_json_print_lost(const struct note *lost)
{
	struct json_object *o = json_object_new_object();

	json_text(o, "state", "lost");
	json_note(o, lost);
	json_print(o);
}

bool status_json_print_ledger(void)
{
	struct json_object *o = json_object_new_object();

	json_text(o, "state", "none");
	add_ledger(o);
	if (slot_armed())
		json_text(o, "armed", slot_armed());
	if (json_object_object_get_ex(o, "going_on", NULL)) {
		json_print(o);
		return true;
	}
	json_object_put(o);
	return false;
}
