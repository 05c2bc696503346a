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
#include "trust.h"
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
	fail_policy(s, s->blob.on_failure);
	if (s->falling_back)
		return;
	s->run.failed = s->blob.failed;
	if (s->run.failed.region && s->others_run)
		s->run.failed.error = HO_ECPUS;
	s->crumb.generation = s->blob.generation;
	s->crumb.tsc_khz = s->blob.tsc_khz;
	memcpy(s->crumb.id, s->blob.id, sizeof(s->crumb.id));
}

static const void *staged(const struct blob_image *image)
{
	return (const void *)(uintptr_t)image->place.start;
}

/* What course_run() is told of the tree. */
static void give_tree(struct stub *s)
{
	const struct blob_target *t = &s->blob.target;
	uint32_t i;

	s->run.blob = &s->blob;
	s->run.blob_paddr = s->given.place.start;
	s->run.levels = cpu_has_la57() ? 5 : 4;
	s->run.image = staged(&t->image);
	for (i = 0; i < t->module_count; i++)
		s->run.modules[i] = staged(&t->modules[i]);
}

/* Whoever packed this may be anybody: with a key, what a signature does not
 * cover does not decide over ports and registers. */
static bool is_held(void)
{
	return stub_trust.alg != HO_TRUST_NONE;
}

static int check_trust(struct stub *s)
{
	int rc = trust_check(&stub_trust, &s->blob.trust, &s->blob.target,
			     s->run.image, s->run.modules, &s->diag);

	if (!rc && is_held())
		console_say(&s->console,
			    "baton-stub: the target is in the signed manifest\n");
	return rc;
}

static int begin_verify(struct stub *s)
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
	/* its policy is taken from a tree that says what the entry block does */
	if (!rc)
		rc = memory_check_entry(s);
	if (rc)
		return rc;
	take_facts(s);
	give_tree(s);
	if (!is_held())
		watchdog_arm(s);
	return memory_map_blob(s);
}

static int end_verify(struct stub *s)
{
	int rc = s->blob.stream_range_count ? memory_map_stream(s) : 0;

	if (!rc)
		rc = memory_check_images(s);
	return rc ? rc : check_trust(s);
}

/* The second pass over PV guests that is left: their tables alone. */
static int check_page_tables(struct stub *s)
{
	struct frametable_view view;
	struct ptcheck_work work;
	int rc;

	if (!s->run.pass.typed)
		return 0;
	frametable_view(&s->run.pass.ft, &s->blob, &view);
	rc = ptcheck_run(&s->run.pass, &view, memory_look_at, s, &work, &s->diag);
	memory_look_away(s);
	console_say(&s->console, "baton-stub: %llu page tables, %llu entries\n",
		    (unsigned long long)work.tables,
		    (unsigned long long)work.entries);
	return rc;
}

static int end_pass(struct stub *s)
{
	const struct pass *pass = &s->run.pass;
	int rc = check_page_tables(s);

	if (rc)
		return rc;
	console_say(&s->console,
		    "baton-stub: %u domains, %llu extents, %llu frames (%llu MiB); %llu tables, %llu nodes\n",
		    pass->domains.count,
		    (unsigned long long)pass->extent_count,
		    (unsigned long long)pass->frame_count,
		    (unsigned long long)pass->frame_count >> 8,
		    (unsigned long long)pass->ft.work.tables,
		    (unsigned long long)pass->ft.work.nodes);
	return memory_protect_tables(s);
}

static int end_plug(struct stub *s)
{
	const struct plan *plan = &s->run.plan;
	int rc = plan->rsdp ? memory_show_rsdp(s) : 0;

	if (rc)
		return rc;
	console_say(&s->console,
		    "baton-stub: map of %u entries, %llu MiB plugged, %llu frames in %llu gaps left out\n",
		    plan->map.count,
		    (unsigned long long)plan->report.plugged_frames >> 8,
		    (unsigned long long)plan->report.unplugged_frames,
		    (unsigned long long)plan->report.unplugged_ranges);
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

static int begin_chain(struct stub *s)
{
	int rc = memory_map_target(s);

	if (!rc)
		rc = memory_show_firmware(s);
	if (rc)
		return rc;
	plan_carry_out(&s->run.plan);
	if (!s->falling_back)
		s->crumb.stage_tsc[HO_STAGE_TARGET] = cpu_tsc();
	print_times(s);
	console_say(&s->console, "baton-stub: jump to 0x%llx\n",
		    (unsigned long long)s->run.plan.entry);
	s->run.log_paddr = (uintptr_t)s->console.log_bytes;
	s->run.log_bytes = s->console.log.used;
	memcpy(s->run.stage_tsc, s->crumb.stage_tsc, sizeof(s->crumb.stage_tsc));
	return 0;
}

static void jump(struct stub *s) __attribute__((noreturn));
static void jump(struct stub *s)
{
	s->crumb.result_paddr = s->run.result.start;
	s->crumb.result_bytes = range_bytes(s->run.result);
	if (!s->falling_back)
		s->crumb.state = HO_STATE_CHAINED;
	fail_write_crumb(s);
	chain_prepare(&s->run.plan);
	watchdog_stop(s);
	/* last of all: from here on nothing ends what hangs */
	apic_quiet(s);
	chain_jump(&s->run.plan);
}

static int at_point(void *context, enum course_point point)
{
	struct stub *s = context;

	switch (point) {
	case COURSE_VERIFY:
		begin_stage(s, HO_STAGE_VERIFY, "blob, images, versions");
		return begin_verify(s);
	case COURSE_REGION:
		return 0;
	case COURSE_STREAM:
		return end_verify(s);
	case COURSE_PASS:
		begin_stage(s, HO_STAGE_PASS, "owner and type of every frame");
		return 0;
	case COURSE_OWNED:
		return end_pass(s);
	case COURSE_PLUG:
		begin_stage(s, HO_STAGE_PLUG, "the target's memory map");
		return 0;
	case COURSE_PLANNED:
		return end_plug(s);
	case COURSE_CHAIN:
		begin_stage(s, HO_STAGE_CHAIN, "placing the target");
		return begin_chain(s);
	case COURSE_JUMP:
		jump(s);
	}
	__builtin_unreachable();
}

static void run_stages(struct stub *s) __attribute__((noreturn));
static void run_stages(struct stub *s)
{
	course_run(&s->run, at_point, s, &s->diag);
	fail(s);
}

static void take_entry(struct stub *s, const struct ho_entry *e)
{
	fail_policy(s, e->on_failure);
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
	s->run.self = s->given.place;
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

static int check_entry(struct stub *s, const struct ho_entry *e)
{
	unsigned long long at = (const uint8_t *)e - stub_image;

	if (entry_is_newer(e))
		return diag_version(&s->diag, "entry block", e->version,
				    e->compat);
	return entry_check(e) ? 0 : diag_add(&s->diag, HO_EENTRY,
				"entry block at stub+0x%llx", at);
}

/* Before the entry block is believed there is COM1 and nothing else. */
static int stage_entry(struct stub *s)
{
	const struct ho_entry *e = &stub_entry_block;
	int rc;

	s->crumb = (struct ho_breadcrumb){
		.magic = HO_BREADCRUMB_MAGIC, .compat = HO_CRUMB_COMPAT,
		.version = HO_ABI_VERSION,
		.bytes = sizeof(s->crumb), .state = HO_STATE_RUNNING,
		.stage = HO_STAGE_ENTRY, .trap_vector = HO_NO_TRAP,
	};
	s->crumb.stage_tsc[HO_STAGE_ENTRY] = cpu_tsc();
	s->entry = e;
	console_init(&s->console, 0x3f8, 0);
	trap_init();
	crypto_init();
	rc = check_entry(s, e);
	if (rc)
		return rc;
	console_init(&s->console, console_port(e->uart_port, is_held()),
		     e->uart_baud);
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
	if (s->given.place.start < s->run.self.start)
		s->run.self.start = s->given.place.start;
	else
		s->run.self.end = s->given.place.end;
	s->run.failed = (struct blob_failed){ e->region_base, s->crumb.stage,
					  s->crumb.error };
	s->deadline_tsc = 0;
	diag_init(&s->diag, HO_STAGE_ENTRY);
	if (memory_map_region(s))
		fail(s);
	run_stages(s);
}
