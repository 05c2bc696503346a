// SPDX-License-Identifier: MIT
/*
 * cmd_update.c - the commands that prepare and do an update: collect, pack,
 * check, load, exec. `upgrade` is in cmd_upgrade.c, `unload` in cmd_unload.c.
 */
#include "commands.h"

#include <stdlib.h>

#include "collect.h"
#include "filesync.h"
#include "jsonout.h"
#include "kexec.h"
#include "ledger.h"
#include "load.h"
#include "lock.h"
#include "look.h"
#include "note.h"
#include "pack.h"
#include "rundir.h"
#include "sequence.h"
#include "slot.h"
#include "stublook.h"
#include "util.h"
#include "verdict.h"

static int may_collect(struct sequence *s, struct diag_log *diag)
{
	int rc = lock_alone("collect", diag);

	(void)s;
	return rc ? rc : ledger_check(false, diag);
}

/* From here on the guests wait for what is made of their stream. */
static int collected(struct sequence *s, struct diag_log *diag)
{
	int rc = ledger_take(s->collect, false, LEDGER_REST, GUEST_SAVED,
			     diag);

	return rc ? rc : collect_wipe(s->collect, diag);
}

int cmd_collect(struct arguments *a, struct diag_log *diag)
{
	struct sequence s = { .collect = &a->collect, .guard = GUARD_NONE,
			      .stream = a->output,
			      .may = may_collect, .saved = collected };
	int rc;

	a->collect.command = "collect";
	rc = sequence_run(&s, diag);

	collect_free(&a->collect);
	return rc;
}

int cmd_pack(struct arguments *a, struct diag_log *diag)
{
	struct handover *h;
	int rc;

	if (a->cold)
		return pack_cold(&a->pack, a->output, diag);
	rc = handover_parent(&h, diag);
	if (!rc)
		rc = pack_run(&a->pack, h && h->known ? h : NULL, a->output,
			      diag);
	handover_free(h);
	return rc;
}

static void print_verdict(const struct verdict *v)
{
	const struct e820_report *r = &v->run.plan.report;

	printf("yes: %u domains, %llu extents, %s kept\n",
	       v->run.pass.domains.count,
	       (unsigned long long)v->run.pass.extent_count,
	       human_bytes(v->run.pass.frame_count << HO_PAGE_SHIFT));
	printf("     region: %s of %s used\n", human_bytes(v->need_bytes),
	       human_bytes(v->region_bytes));
	printf("     target: map of %u entries (budget %u), %s plugged, %s left out\n",
	       v->run.plan.map.count, v->blob.chosen.e820_budget,
	       human_bytes(r->plugged_frames << HO_PAGE_SHIFT),
	       human_bytes(r->unplugged_frames << HO_PAGE_SHIFT));
}

/* What the update will take, in numbers. */
static int print_plan(struct verdict *v, struct diag_log *diag)
{
	const struct e820_report *r = &v->run.plan.report;
	const struct frametable_work *w = &v->run.pass.ft.work;
	uint64_t ns, tables = v->run.region.used_bytes;
	uint32_t i;
	int rc = v->blob.region_only ? 0 : verdict_time_pass(v, &ns, diag);

	if (rc)
		return rc;
	printf("region      %llu bytes needed of %llu\n",
	       (unsigned long long)v->need_bytes,
	       (unsigned long long)v->region_bytes);
	if (!v->blob.region_only)
		printf("pass        %.3f ms here, for %llu extents of %u domains\n"
		       "tables      %s: %llu tables, %llu run nodes; with map, command line and result\n",
		       ns / 1e6, (unsigned long long)v->run.pass.extent_count,
		       v->run.pass.domains.count, human_bytes(tables),
		       (unsigned long long)w->tables,
		       (unsigned long long)w->nodes);
	printf("map         %u entries, budget %u\n", v->run.plan.map.count,
	       v->blob.chosen.e820_budget);
	printf("plugged     %s\n",
	       human_bytes(r->plugged_frames << HO_PAGE_SHIFT));
	printf("not plugged %s in %llu ranges\n",
	       human_bytes(r->unplugged_frames << HO_PAGE_SHIFT),
	       (unsigned long long)r->unplugged_ranges);
	for (i = 0; i < r->listed && i < 8; i++)
		printf("            0x%llx  %s\n",
		       (unsigned long long)r->list[i].start,
		       human_bytes(range_bytes(r->list[i])));
	for (i = 0; i < v->run.plan.place.taken_count; i++)
		printf("target      0x%llx  %s\n",
		       (unsigned long long)v->run.plan.place.taken[i].start,
		       human_bytes(range_bytes(v->run.plan.place.taken[i])));
	if (v->blob.fallback.kind != TARGET_NONE)
		printf("fallback    %s of RAM in the region\n",
		       human_bytes(v->fallback_run.plan.report.plugged_frames
				   << HO_PAGE_SHIFT));
	return 0;
}

/* The same as data; errors as a list. */
static void print_verdict_json(const struct verdict *v,
			       const struct diag_log *diag)
{
	struct json_object *o = json_object_new_object();
	struct json_object *errors = json_object_new_array();
	uint32_t i;

	json_flag(o, "ok", !diag->total);
	for (i = 0; i < diag->kept; i++) {
		const struct ho_diag *d = &diag->items[i];
		struct json_object *e = json_object_new_object();

		json_text(e, "error", error_name(d->code));
		json_text(e, "stage", stage_name(d->stage));
		json_text(e, "where", d->where);
		json_text(e, "remedy", error_remedy(d->code));
		json_object_array_add(errors, e);
	}
	json_object_object_add(o, "errors", errors);
	json_u64(o, "domains", v->run.pass.domains.count);
	json_u64(o, "extents", v->run.pass.extent_count);
	json_u64(o, "frames", v->run.pass.frame_count);
	json_u64(o, "tables", v->run.pass.ft.work.tables);
	json_u64(o, "region_used", v->need_bytes);
	json_u64(o, "region_bytes", v->region_bytes);
	json_u64(o, "map_entries", v->run.plan.map.count);
	json_u64(o, "frames_unplugged", v->run.plan.report.unplugged_frames);
	json_print(o);
}

int cmd_check(struct arguments *a, struct diag_log *diag)
{
	struct verdict *v = calloc(1, sizeof(*v));
	struct mapped m = { 0 };
	int rc;

	if (!v)
		return diag_add(diag, HO_ENOMEM, "check");
	rc = mapped_open(&m, a->operands[0], HO_EFILE, diag);
	if (!rc)
		rc = verdict_run(v, m.bytes, m.length, diag);
	if (!rc)
		rc = stublook_check(v, diag);
	if (a->json)
		print_verdict_json(v, diag);
	else if (!rc)
		print_verdict(v);
	if (!rc && a->plan)
		rc = print_plan(v, diag);
	verdict_close(v);
	mapped_close(&m);
	free(v);
	return rc;
}

/* Whatever became of it, it is over. */
static int load_alone(const struct load *l, bool replace,
		      struct diag_log *diag)
{
	struct diag_log scratch;
	int rc = ledger_check(false, diag), after;

	if (!rc)
		rc = kexec_allowed_times(kexec_load_calls(), false, diag);
	if (!rc)
		rc = slot_check(false, replace, diag);
	if (rc)
		return rc;
	diag_init(&scratch, HO_STAGE_LOADER);
	rc = load_run(l, diag);
	after = ledger_set_stage("load", LEDGER_REST, &scratch);
	if (!rc && after) {
		diag_merge(diag, &scratch);
		rc = after;
	}
	return rc;
}

int cmd_load(struct arguments *a, struct diag_log *diag)
{
	struct load l = a->load;
	int rc;

	l.blob = a->operands[0];
	l.command = "load";
	/* --force is for blobs that nobody can read */
	l.look = !l.force;
	if (l.dry_run || l.elf)
		return load_run(&l, diag);
	rc = lock_alone("load", diag);
	return rc ? rc : load_alone(&l, a->replace, diag);
}

/* Once more, so that what the kernel has is what is looked at now. Where it does
 * not allow that, or its limit not to unload it then, what it has must be known to be
 * ours: it starts it all the same. */
static int load_once_more(struct diag_log *diag)
{
	const struct load load = { .blob = LOADED_BLOB, .again = true };
	struct diag_log own;
	int rc;

	diag_init(&own, HO_STAGE_LOADER);
	rc = kexec_allowed_times(kexec_load_calls(), false, &own);
	if (!rc)
		return load_run(&load, diag);
	if ((rc == -HO_EKEXECLIMIT || rc == -HO_EKEXECOFF) &&
	    slot_state(false) == SLOT_OURS)
		return 0;
	diag_merge(diag, &own);
	return rc;
}

/* To start what is loaded takes no load. */
static int may_start(struct diag_log *diag)
{
	struct diag_log own;
	int rc;

	diag_init(&own, HO_STAGE_LOADER);
	rc = kexec_allowed(&own);
	if (rc == -HO_EKEXECOFF)
		return 0;
	diag_merge(diag, &own);
	return rc;
}

static int may_exec(struct diag_log *diag)
{
	int rc = lock_alone("exec", diag);

	if (!rc)
		rc = may_start(diag);
	if (!rc)
		rc = slot_is_ours(diag);
	if (!rc)
		rc = ledger_check_jump(diag);
	return rc ? rc : load_once_more(diag);
}

/* The last of all: a guest that runs on behind it is lost. */
static int last_look(bool keepers, struct diag_log *diag)
{
	int rc = look_again(NULL, keepers, diag);

	return rc ? rc : slot_is_ours(diag);
}

/* What another command left undone stays so. */
static enum ledger_stage stage_now(void)
{
	enum ledger_stage stage = LEDGER_REST;
	struct diag_log scratch;
	struct ledger l;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (!ledger_read(&l, &scratch)) {
		stage = l.stage;
		ledger_free(&l);
	}
	return stage;
}

static void stay_here(enum ledger_stage stage)
{
	struct diag_log scratch;

	note_withdraw(NOTE_PATH);
	diag_init(&scratch, HO_STAGE_LOADER);
	ledger_set_stage("exec", stage, &scratch);
}

/* Returns when nothing came of it, or the host goes down by itself. What takes long
 * comes before the last look. */
static int jump(bool shutdown, struct diag_log *diag)
{
	enum ledger_stage was = stage_now();
	bool jumped = false;
	int rc = ledger_set_stage("exec", LEDGER_JUMPING, diag);

	if (rc)
		return rc;
	note_begin(NOTE_PATH, LOADED_BLOB);
	rc = kexec_prepare(diag);
	if (!rc)
		rc = last_look(shutdown, diag);
	if (!rc) {
		jumped = true;
		rc = shutdown ? kexec_shutdown(diag) : kexec_jump(diag);
	}
	if (rc)
		stay_here(jumped ? LEDGER_REST : was);
	if (rc && jumped)
		progress("the update is loaded still, and its guests wait: baton exec tries again, baton unload lets them run on");
	return rc;
}

int cmd_exec(struct arguments *a, struct diag_log *diag)
{
	bool shutdown = a->shutdown;
	int rc = a->no_sync ? 0 : filesync(SYNC_SECONDS, diag);

	if (!rc)
		rc = may_exec(diag);
	return rc ? rc : jump(shutdown, diag);
}
