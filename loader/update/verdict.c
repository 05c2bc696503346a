// SPDX-License-Identifier: MIT
/*
 * verdict.c - see verdict.h.
 */
#include "verdict.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "checked.h"
#include "verdict_files.h"

/* More than any frametable needs: only what is touched costs memory. */
#define EXTRA_BYTES	(64ull << 30)
#define SPARE_PAGES	64
#define FALLBACK_SPARE	(32ull << 20)

/* A run of core's own way to the jump, over the arena. */
struct going {
	struct course *run;
	const struct arena *arena;
	struct tables *tables;		/* NULL: room is looked for that is
					 * not there */
	struct diag_log *diag;
	bool with_target;		/* false: its files are not there */
};

static int at_point(void *context, enum course_point point)
{
	struct going *g = context;

	switch (point) {
	case COURSE_REGION:
		arena_lend(g->arena, &g->run->region);
		break;
	case COURSE_PASS:
		g->diag->stage = HO_STAGE_PASS;
		break;
	case COURSE_PLUG:
		g->diag->stage = HO_STAGE_PLUG;
		return g->with_target ? 0 : 1;	/* as far as that goes */
	case COURSE_CHAIN:
		g->diag->stage = HO_STAGE_CHAIN;
		break;
	default:
		break;
	}
	return g->tables ? tables_map_at(g->tables, g->run, point, g->diag) : 0;
}

static int go(struct course *run, const struct arena *arena,
	      struct tables *tables, bool with_target, struct diag_log *diag)
{
	struct going g = { run, arena, tables, diag, with_target };
	int rc = course_run(run, at_point, &g, diag);

	return rc > 0 ? 0 : rc;
}

static void give_files(struct course *run, const struct verdict_files *f)
{
	int i;

	run->image = f->image.bytes;
	for (i = 0; i < HO_TARGET_MODULES_MAX; i++)
		run->modules[i] = f->modules[i].bytes;
}

/* True when what the arena has now is enough. */
static bool would_do(struct verdict *v, struct course *run, bool with_target)
{
	struct diag_log scratch;

	diag_init(&scratch, HO_STAGE_PASS);
	*run = v->run;
	return !go(run, &v->arena, NULL, with_target, &scratch);
}

/* The least number of pages behind the first range; `far` did, in one piece
 * somewhere else. What is free in pieces may do for one thing and not for
 * another. */
static uint64_t least_pages(struct verdict *v, struct course *run,
			    bool with_target, uint64_t far)
{
	uint64_t few = 0, enough = 2 * far + SPARE_PAGES, middle;

	if (!arena_add_tail(&v->arena, enough * HO_PAGE_BYTES))
		return far;
	arena_set_tail(&v->arena, enough * HO_PAGE_BYTES);
	if (!would_do(v, run, with_target))
		return far;
	while (enough - few > 1) {
		middle = few + (enough - few) / 2;
		arena_set_tail(&v->arena, middle * HO_PAGE_BYTES);
		if (would_do(v, run, with_target))
			enough = middle;
		else
			few = middle;
	}
	return enough;
}

/*
 * The region ran out: run again with room that is not there, to say how much
 * is missing.
 */
static void find_need(struct verdict *v, bool with_target,
		      struct diag_log *diag)
{
	struct course *run = malloc(sizeof(*run));
	uint64_t used, room, pages;

	if (run && arena_add_spare(&v->arena, EXTRA_BYTES) &&
	    would_do(v, run, with_target)) {
		used = run->region.used_bytes;
		room = run->region.room_bytes;
		pages = align_up(arena_spare_used(&v->arena, &run->region),
				 HO_PAGE_BYTES) / HO_PAGE_BYTES;
		pages = least_pages(v, run, with_target, pages);
		diag_add(diag, HO_EREGIONSMALL,
			 "tables and result: %llu bytes, room for %llu: at least %llu more",
			 (unsigned long long)used, (unsigned long long)room,
			 (unsigned long long)pages * HO_PAGE_BYTES);
	}
	free(run);
}

/* A fallback has little memory. Below this it is known to fail: the kernel
 * moves its initrd out of reserved memory and then unpacks it. */
static int fallback_memory(const struct blob_target *t,
			   const struct plan *plan, struct diag_log *diag)
{
	uint64_t have = plan->report.plugged_frames << HO_PAGE_SHIFT;
	uint64_t need = FALLBACK_SPARE + plan->bz.init_size;

	if (t->module_count)
		need += 2 * range_bytes(t->modules[0].place);
	if (have >= need)
		return 0;
	return diag_add(diag, HO_EREGIONSMALL,
			"fallback: %s of RAM, at least %s more is needed (--policy halt: no fallback)",
			human_bytes(have), human_bytes(need - have));
}

/* What the fallback's command line may have to say at worst: the longest name
 * of a stage, and an error of three digits. */
static struct blob_failed worst_failure(uint64_t region)
{
	struct blob_failed f = { .region = region, .error = 999 };
	uint32_t i;

	for (i = 0; i < HO_STAGE_COUNT; i++)
		if (strlen(stage_name(i)) > strlen(stage_name(f.stage)))
			f.stage = i;
	return f;
}

/* What the stub would do after a failure, in the arena before the pass uses
 * it. */
static int run_fallback(struct verdict *v, struct diag_log *diag)
{
	struct course *run = &v->fallback_run;
	int rc;

	if (v->blob.fallback.kind == TARGET_NONE)
		return 0;
	diag->stage = HO_STAGE_PLUG;
	v->tree_bytes = malloc(range_bytes(v->blob.fallback_tree.place));
	if (!v->tree_bytes)
		return diag_add(diag, HO_ENOMEM, "fallback tree");
	memcpy(v->tree_bytes, v->blob.fallback_data,
	       range_bytes(v->blob.fallback_tree.place));
	rc = blob_parse_fallback(&v->tree, &v->blob, v->tree_bytes, diag);
	if (rc)
		return rc;
	run->blob = &v->tree;
	run->blob_paddr = v->blob.fallback_tree.place.start;
	run->self = (struct range){ run->blob_paddr, v->run.self.end };
	run->failed = worst_failure(v->blob.region[0].start);
	give_files(run, &v->fallback);
	rc = go(run, &v->arena, &v->tables, true, diag);
	return rc ? rc : fallback_memory(&v->tree.target, &run->plan, diag);
}

/* With the target's files, or without them as far as that goes. */
static int run_all(struct verdict *v, bool with_target, struct diag_log *diag)
{
	int rc = with_target ? run_fallback(v, diag) : 0;
	uint32_t i;

	if (rc)
		return rc;
	v->run.blob = &v->blob;
	v->run.blob_paddr = v->run.self.start;
	v->run.failed = v->blob.failed;
	/* the stub may say this instead */
	if (v->run.failed.region && v->run.failed.error < HO_ECPUS)
		v->run.failed.error = HO_ECPUS;
	give_files(&v->run, &v->target);
	rc = go(&v->run, &v->arena, &v->tables, with_target, diag);
	if (rc == -HO_EFULL || rc == -HO_EREGIONSMALL)
		find_need(v, with_target, diag);
	if (!rc && with_target && v->blob.region_only)
		rc = fallback_memory(&v->blob.target, &v->run.plan, diag);
	for (i = 0; i < v->blob.region_count; i++)
		v->region_bytes += range_bytes(v->blob.region[i]);
	v->need_bytes = v->region_bytes - (v->run.region.room_bytes -
					   v->run.region.used_bytes);
	return rc;
}

/* Where the blob is loaded: all of the file, whatever its tree says. */
static int place_blob(struct verdict *v, uint64_t length,
		      struct diag_log *diag)
{
	struct range self = blob_place(&v->blob);

	self.end = self.start + length;
	v->run.self = self;
	if (range_covers(v->blob.region[0], self))
		return 0;
	return diag_add(diag, HO_EREGIONSMALL,
			"staged images and blob: %llu bytes more",
			(unsigned long long)(self.end -
					     v->blob.region[0].end));
}

static int run_verdict(struct verdict *v, const struct tables_cpu *cpu,
		       const void *bytes, uint64_t length,
		       const struct verdict_known *known, struct diag_log *diag)
{
	int files, rc;

	memset(v, 0, sizeof(*v));
	v->run.levels = v->fallback_run.levels = cpu->levels_on;
	diag->stage = HO_STAGE_VERIFY;
	rc = blob_parse(&v->blob, bytes, length, BLOB_HANDOVER, diag);
	if (!rc)
		rc = place_blob(v, length, diag);
	if (!rc)
		rc = tables_open(&v->tables, TABLES_STUB_PAGES, cpu,
				 diag);
	if (rc)
		return rc;
	files = verdict_take_files(v, known, diag);
	rc = arena_open(&v->arena, &v->blob, diag);
	/* without its stream there is no pass, without files no plan */
	if (!rc && ((v->blob.stream_range_count && !v->blob.stream) ||
		    (v->blob.region_only && files)))
		rc = files;
	else if (!rc)
		rc = run_all(v, !files, diag);
	diag->stage = HO_STAGE_LOADER;
	return files ? files : rc;
}

int verdict_run(struct verdict *v, const void *bytes, uint64_t length,
		struct diag_log *diag)
{
	return verdict_run_staged(v, bytes, length, NULL, diag);
}

int verdict_run_staged(struct verdict *v, const void *bytes, uint64_t length,
		       const struct staged *staged, struct diag_log *diag)
{
	struct tables_cpu cpu = tables_this_cpu();
	struct verdict_known known = { .staged = staged };

	return run_verdict(v, &cpu, bytes, length, &known, diag);
}

int verdict_run_on(struct verdict *v, const struct tables_cpu *cpu,
		   const void *bytes, uint64_t length, struct diag_log *diag)
{
	return run_verdict(v, cpu, bytes, length,
			   &(struct verdict_known){ 0 }, diag);
}

int verdict_run_fresh(struct verdict *v, const void *bytes, uint64_t length,
		      struct diag_log *diag)
{
	struct tables_cpu cpu = tables_this_cpu();

	return run_verdict(v, &cpu, bytes, length,
			   &(struct verdict_known){ .fresh = true }, diag);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

int verdict_time_pass(struct verdict *v, uint64_t *nanoseconds,
		      struct diag_log *diag)
{
	struct region *r = &v->run.region;
	uint64_t start;
	int rc = region_init(r, &v->blob, v->run.self, 0, diag);

	arena_lend(&v->arena, r);
	if (!rc)
		rc = region_take_stream(r, &v->blob, diag);
	start = now();
	if (!rc)
		rc = pass_run(&v->run.pass, &v->blob, r, diag);
	*nanoseconds = now() - start;
	return rc;
}

void verdict_close(struct verdict *v)
{
	arena_close(&v->arena);
	free(v->tree_bytes);
	tables_close(&v->tables);
	verdict_drop_files(v);
}
