// SPDX-License-Identifier: MIT
/*
 * main.c - the stages, and the two runs through them: over the blob, and,
 * when that fails, over the fallback tree. fail.c decides between them.
 */
#include "stub.h"

#include "apic.h"
#include "chain.h"
#include "cpu.h"
#include "crypto.h"
#include "digest.h"
#include "fail.h"
#include "hook.h"
#include "libc.h"
#include "memory.h"
#include "ptcheck.h"
#include "watchdog.h"

extern uint8_t stub_image[];
extern struct ho_entry stub_entry_block;

struct stub stub;

/* Announce, time and record a stage before it starts. The breadcrumb of a run
 * that failed keeps the stage in which it did. */
static void begin_stage(struct stub *s, int stage, const char *what)
{
	s->diag.stage = stage;
	if (!s->falling_back) {
		s->crumb.stage = stage;
		s->crumb.stage_tsc[stage] = cpu_tsc();
	}
	console_say(&s->console, "baton-stub: %s%s: %s\n",
		    s->falling_back ? "fallback, " : "", stage_name(stage),
		    what);
	fail_write_crumb(s);
	apic_deadline(s);
	watchdog_wind_up(s);
	hook_stage(s, stage);
}

static void take_facts(struct stub *s)
{
	s->crumb.on_failure = s->blob.on_failure;
	if (s->falling_back)
		return;
	s->failed = s->blob.failed;
	if (s->failed.region && s->others_run)
		s->failed.error = HO_ECPUS;
	s->crumb.generation = s->blob.generation;
	s->crumb.tsc_khz = s->blob.tsc_khz;
	memcpy(s->crumb.id, s->blob.id, sizeof(s->crumb.id));
}

static int stage_verify(struct stub *s)
{
	const void *bytes = (const void *)(uintptr_t)s->given.place.start;
	uint64_t length = range_bytes(s->given.place);
	int rc = digest_check(s->given.digest_alg, s->given.digest, bytes,
			      length);

	if (rc)
		return diag_add(&s->diag, -rc, "blob at 0x%llx, %llu bytes",
				(unsigned long long)s->given.place.start,
				(unsigned long long)length);
	rc = blob_parse(&s->blob, bytes, length, BLOB_HANDOVER, &s->diag);
	if (rc)
		return rc;
	take_facts(s);
	watchdog_arm(s);
	rc = memory_check_entry(s);
	if (!rc)
		rc = memory_map_blob(s);
	if (!rc)
		rc = region_init(&s->region, &s->blob, s->self, 0, &s->diag);
	if (!rc && s->blob.stream_range_count)
		rc = memory_map_stream(s);
	return rc ? rc : memory_check_images(s);
}

/* The second pass over PV guests that is left: their tables alone. */
static int check_page_tables(struct stub *s)
{
	struct frametable_view view;
	struct ptcheck_work work;
	int rc;

	if (!s->pass.typed)
		return 0;
	frametable_view(&s->pass.ft, &s->blob, &view);
	rc = ptcheck_run(&s->pass, &view, memory_look_at, s, &work, &s->diag);
	memory_look_away(s);
	console_say(&s->console, "baton-stub: %llu page tables, %llu entries\n",
		    (unsigned long long)work.tables,
		    (unsigned long long)work.entries);
	return rc;
}

static int stage_pass(struct stub *s)
{
	int rc;

	if (s->blob.region_only)
		return 0;	/* its target gets no frame of the pool */
	rc = pass_run(&s->pass, &s->blob, &s->region, &s->diag);
	if (!rc)
		rc = check_page_tables(s);
	if (rc)
		return rc;
	console_say(&s->console,
		    "baton-stub: %u domains, %llu extents, %llu frames (%llu MiB); %llu tables, %llu nodes\n",
		    s->pass.domains.count,
		    (unsigned long long)s->pass.extent_count,
		    (unsigned long long)s->pass.frame_count,
		    (unsigned long long)s->pass.frame_count >> 8,
		    (unsigned long long)s->pass.ft.work.tables,
		    (unsigned long long)s->pass.ft.work.nodes);
	return memory_protect_tables(s);
}

static int stage_plug(struct stub *s)
{
	int rc = chain_plan(s);

	if (!rc && s->plan.rsdp)
		rc = memory_show_rsdp(s);
	if (rc)
		return rc;
	console_say(&s->console,
		    "baton-stub: map of %u entries, %llu MiB plugged, %llu frames in %llu gaps left out\n",
		    s->plan.map.count,
		    (unsigned long long)s->plan.report.plugged_frames >> 8,
		    (unsigned long long)s->plan.report.unplugged_frames,
		    (unsigned long long)s->plan.report.unplugged_ranges);
	return 0;
}

/* Microseconds of each stage, when the TSC's frequency is known. */
static void print_times(struct stub *s)
{
	const uint64_t *t = s->crumb.stage_tsc;
	uint64_t khz = s->blob.tsc_khz, us[HO_STAGE_TARGET];
	int i;

	if (!khz || s->falling_back)
		return;
	for (i = HO_STAGE_ENTRY; i < HO_STAGE_TARGET; i++)
		us[i] = (t[i + 1] - t[i]) * 1000 / khz;
	console_say(&s->console,
		    "baton-stub: us: entry %llu, verify %llu, pass %llu, plug %llu, chain %llu\n",
		    (unsigned long long)us[1], (unsigned long long)us[2],
		    (unsigned long long)us[3], (unsigned long long)us[4],
		    (unsigned long long)us[5]);
}

static int stage_chain(struct stub *s)
{
	int rc = memory_map_target(s);

	if (rc)
		return rc;
	plan_carry_out(&s->plan);
	if (!s->falling_back)
		s->crumb.stage_tsc[HO_STAGE_TARGET] = cpu_tsc();
	print_times(s);
	console_say(&s->console, "baton-stub: jump to 0x%llx\n",
		    (unsigned long long)s->plan.entry);
	if (!s->blob.region_only)
		rc = chain_result(s);
	if (rc)
		return rc;
	if (!s->falling_back)
		s->crumb.state = HO_STATE_CHAINED;
	fail_write_crumb(s);
	apic_quiet(s);
	watchdog_stop(s);
	chain_jump(s);
}

static void run_stages(struct stub *s) __attribute__((noreturn));
static void run_stages(struct stub *s)
{
	static const struct {
		int stage;
		int (*run)(struct stub *s);
		const char *what;
	} stages[] = {
		{ HO_STAGE_VERIFY, stage_verify, "blob, images, versions" },
		{ HO_STAGE_PASS, stage_pass, "owner and type of every frame" },
		{ HO_STAGE_PLUG, stage_plug, "the target's memory map" },
		{ HO_STAGE_CHAIN, stage_chain, "placing the target" },
	};
	uint32_t i;

	for (i = 0; i < ARRAY_COUNT(stages); i++) {
		begin_stage(s, stages[i].stage, stages[i].what);
		if (stages[i].run(s))
			break;
	}
	fail(s);
}

static void take_entry(struct stub *s, const struct ho_entry *e)
{
	s->crumb.on_failure = e->on_failure;
	s->crumb.region_base = e->region_base;
	s->crumb.region_bytes = e->region_bytes;
	s->crumb.blob_paddr = e->blob_paddr;
	s->crumb.blob_bytes = e->blob_bytes;
	s->crumb.fallback_paddr = e->fallback_paddr;
	s->crumb.fallback_bytes = e->fallback_bytes;
	s->given = (struct given){
		.place = { e->blob_paddr, e->blob_paddr + e->blob_bytes },
		.digest_alg = e->blob_digest_alg, .digest = e->blob_digest,
	};
	s->self = s->given.place;
}

/* A crash kernel may have been entered on any CPU. */
static int stop_others(struct stub *s)
{
	int rc = apic_init(s);

	if (rc)
		return rc;
	s->others_run = !apic_park_others(s);
	if (s->others_run)
		console_say(&s->console,
			    "baton-stub: not the boot CPU: the others cannot be stopped\n");
	return 0;
}

/* Before the entry block is believed there is COM1 and nothing else. */
static int stage_entry(struct stub *s)
{
	const struct ho_entry *e = &stub_entry_block;
	int rc;

	s->crumb = (struct ho_breadcrumb){
		.magic = HO_BREADCRUMB_MAGIC, .version = HO_ABI_VERSION,
		.bytes = sizeof(s->crumb), .state = HO_STATE_RUNNING,
		.stage = HO_STAGE_ENTRY, .trap_vector = HO_NO_TRAP,
	};
	s->crumb.stage_tsc[HO_STAGE_ENTRY] = cpu_tsc();
	s->entry = e;
	console_init(&s->console, 0x3f8, 0);
	trap_init();
	crypto_init();
	if (!entry_check(e))
		return diag_add(&s->diag, HO_EENTRY, "entry block at stub+0x%llx",
				(unsigned long long)((uint8_t *)e -
						     stub_image));
	console_init(&s->console, e->uart_port, e->uart_baud);
	take_entry(s, e);
	console_say(&s->console,
		    "\nbaton-stub " BATON_VERSION ": entry at 0x%llx, %d-level paging\n",
		    (unsigned long long)(uintptr_t)stub_image,
		    cpu_has_la57() ? 5 : 4);
	rc = memory_init(s);
	if (rc)
		return rc;
	s->crumb_page = (struct ho_breadcrumb *)(uintptr_t)e->region_base;
	fail_write_crumb(s);
	return stop_others(s);
}

void stub_main(void)
{
	struct stub *s = &stub;

	diag_init(&s->diag, HO_STAGE_ENTRY);
	if (stage_entry(s))
		fail(s);
	run_stages(s);
}

/* What was given to the stub is one range, README rule 14. */
void stub_fall_back(void)
{
	struct stub *s = &stub;
	const struct ho_entry *e = s->entry;

	s->given = (struct given){
		.place = { e->fallback_paddr,
			   e->fallback_paddr + e->fallback_bytes },
		.digest_alg = e->fallback_digest_alg,
		.digest = e->fallback_digest,
	};
	if (s->given.place.start < s->self.start)
		s->self.start = s->given.place.start;
	else
		s->self.end = s->given.place.end;
	s->failed = (struct blob_failed){ e->region_base, s->crumb.stage,
					  s->crumb.error };
	s->deadline_tsc = 0;
	diag_init(&s->diag, HO_STAGE_ENTRY);
	if (memory_map_region(s))
		fail(s);
	run_stages(s);
}
