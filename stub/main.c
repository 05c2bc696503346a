// SPDX-License-Identifier: MIT
/*
 * main.c - the stages. The only file of the stub that turns an error into
 * the end of the run.
 */
#include "stub.h"

#include "chain.h"
#include "cpu.h"
#include "crypto.h"
#include "digest.h"
#include "fmt.h"
#include "hook.h"
#include "libc.h"
#include "memory.h"

#define RESET_WAIT 100000	/* reads of port 0x80, 0.1 s */

extern uint8_t stub_image[], stub_memory_end[];
extern struct ho_entry stub_entry_block;

static struct stub stub;

static void end_of_run(struct stub *s) __attribute__((noreturn));

static void write_crumb(struct stub *s)
{
	s->crumb.log_paddr = (uintptr_t)s->console.log_bytes;
	s->crumb.log_bytes = s->console.log.used;
	if (!s->crumb_page)
		return;
	breadcrumb_seal(&s->crumb);
	*s->crumb_page = s->crumb;
}

/* PCI reset, keyboard controller, and on a machine that has neither a triple
 * fault. The first two take a moment; an IN from an unused port is about one
 * microsecond. */
static void reset(void) __attribute__((noreturn));
static void reset(void)
{
	uint32_t i;

	cpu_out8(0xcf9, 0x02);
	cpu_out8(0xcf9, 0x06);
	cpu_out8(0x64, 0xfe);
	for (i = 0; i < RESET_WAIT; i++)
		cpu_in8(0x80);
	cpu_triple_fault();
}

/* A fault on the way out: no report, whatever it takes may be broken. */
static void end_at_once(struct stub *s) __attribute__((noreturn));
static void end_at_once(struct stub *s)
{
	if (!s->last_words) {
		s->last_words = true;
		console_send(&s->console, "\nbaton-stub: fault while failing\n");
	}
	if (s->crumb.on_failure == HO_ON_FAILURE_RESET)
		reset();
	cpu_halt();
}

/* The policy's way out. A fallback target would be started here; until one
 * can be staged, "fallback" halts. */
static void end_of_run(struct stub *s)
{
	if (s->crumb.on_failure == HO_ON_FAILURE_RESET) {
		console_say(&s->console, "baton-stub: reset\n");
		reset();
	}
	console_say(&s->console, "baton-stub: halted\n");
	cpu_halt();
}

static void print_error(struct stub *s, const struct ho_diag *d)
{
	console_say(&s->console,
		    "baton-stub: FAILED stage=%s error=%s (%d) %s: %s\n",
		    stage_name(d->stage), error_name(d->code), d->code,
		    error_text(d->code), d->where);
}

/* Reason to console and breadcrumb, then the way out. */
static void fail(struct stub *s) __attribute__((noreturn));
static void fail(struct stub *s)
{
	const struct ho_diag *first = &s->diag.items[0];
	uint32_t i;

	if (s->failing)
		end_at_once(s);
	s->failing = true;
	for (i = 0; i < s->diag.kept; i++)
		print_error(s, &s->diag.items[i]);
	if (s->diag.total > s->diag.kept)
		console_say(&s->console, "baton-stub: and %llu more\n",
			    (unsigned long long)(s->diag.total -
						 s->diag.kept));
	console_say(&s->console,
		    "baton-stub: remedy: %s. Guest memory was not touched.\n",
		    error_remedy(first->code));
	s->crumb.state = HO_STATE_FAILED;
	s->crumb.error = first->code;
	memcpy(s->crumb.where, first->where, sizeof(s->crumb.where));
	write_crumb(s);
	end_of_run(s);
}

static void print_registers(struct stub *s, const struct trap_frame *f)
{
	console_say(&s->console,
		    "baton-stub: rax=%llx rbx=%llx rcx=%llx rdx=%llx rsi=%llx rdi=%llx rbp=%llx rsp=%llx\n",
		    (unsigned long long)f->rax, (unsigned long long)f->rbx,
		    (unsigned long long)f->rcx, (unsigned long long)f->rdx,
		    (unsigned long long)f->rsi, (unsigned long long)f->rdi,
		    (unsigned long long)f->rbp, (unsigned long long)f->rsp);
	console_say(&s->console,
		    "baton-stub: r8=%llx r9=%llx r10=%llx r11=%llx r12=%llx r13=%llx r14=%llx r15=%llx rflags=%llx\n",
		    (unsigned long long)f->r8, (unsigned long long)f->r9,
		    (unsigned long long)f->r10, (unsigned long long)f->r11,
		    (unsigned long long)f->r12, (unsigned long long)f->r13,
		    (unsigned long long)f->r14, (unsigned long long)f->r15,
		    (unsigned long long)f->rflags);
}

void trap_report(const struct trap_frame *f)
{
	struct stub *s = &stub;
	uint64_t cr2 = cpu_cr2(), offset = f->rip - (uintptr_t)stub_image;

	if (s->failing || s->reporting)
		end_at_once(s);
	s->reporting = true;
	print_registers(s, f);
	s->crumb.trap_vector = f->vector;
	s->crumb.trap_error_code = f->error_code;
	s->crumb.trap_rip = offset;
	s->crumb.trap_cr2 = cr2;
	diag_init(&s->diag, s->crumb.stage);
	diag_add(&s->diag, HO_ETRAP,
		 "vector %llu (%s) error 0x%llx cr2 0x%llx rip stub+0x%llx",
		 (unsigned long long)f->vector, trap_name(f->vector),
		 (unsigned long long)f->error_code, (unsigned long long)cr2,
		 (unsigned long long)offset);
	fail(s);
}

void __stack_chk_fail(void);
void __stack_chk_fail(void)
{
	if (stub.failing || stub.reporting)
		end_at_once(&stub);
	stub.reporting = true;
	diag_init(&stub.diag, stub.crumb.stage);
	diag_add(&stub.diag, HO_ETRAP, "stack protector, called from stub+0x%llx",
		 (unsigned long long)((uint8_t *)__builtin_return_address(0) -
				      stub_image));
	fail(&stub);
}

/* Announce, time and record a stage before it starts. */
static void begin_stage(struct stub *s, int stage, const char *what)
{
	s->diag.stage = stage;
	s->crumb.stage = stage;
	s->crumb.stage_tsc[stage] = cpu_tsc();
	console_say(&s->console, "baton-stub: %s: %s\n", stage_name(stage),
		    what);
	write_crumb(s);
	hook_stage(s, stage);
}

static int stage_verify(struct stub *s)
{
	const struct ho_entry *e = s->entry;
	const void *bytes = (const void *)(uintptr_t)e->blob_paddr;
	int rc;

	rc = digest_check(e->blob_digest_alg, e->blob_digest, bytes,
			  e->blob_bytes);
	if (rc)
		return diag_add(&s->diag, -rc, "blob at 0x%llx, %llu bytes",
				(unsigned long long)e->blob_paddr,
				(unsigned long long)e->blob_bytes);
	rc = blob_parse(&s->blob, bytes, e->blob_bytes, BLOB_HANDOVER,
			&s->diag);
	if (rc)
		return rc;
	s->crumb.on_failure = s->blob.on_failure;
	s->crumb.generation = s->blob.generation;
	s->crumb.tsc_khz = s->blob.tsc_khz;
	memcpy(s->crumb.id, s->blob.id, sizeof(s->crumb.id));
	rc = memory_check_entry(s);
	if (!rc)
		rc = memory_map_blob(s);
	return rc ? rc : memory_check_images(s);
}

static int stage_pass(struct stub *s)
{
	int rc = region_init(&s->region, &s->blob, s->self, 0, &s->diag);

	if (!rc)
		rc = pass_run(&s->pass, &s->blob, &s->region, &s->diag);
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
	return 0;
}

static int stage_plug(struct stub *s)
{
	struct frametable_view view;
	int rc;

	rc = chain_plan(s);
	if (rc)
		return rc;
	frametable_view(&s->pass.ft, &s->blob, &view);
	if (!e820_check(&s->plan.map, &s->blob, &view))
		return diag_add(&s->diag, HO_EINTERNAL,
				"memory map of %u entries covers an owned frame",
				s->plan.map.count);
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
	uint64_t khz = s->blob.tsc_khz, us[HO_STAGE_COUNT];
	int i;

	if (!khz)
		return;
	for (i = HO_STAGE_ENTRY; i < HO_STAGE_COUNT; i++)
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
	s->crumb.stage_tsc[HO_STAGE_TSC_JUMP] = cpu_tsc();
	print_times(s);
	console_say(&s->console, "baton-stub: jump to 0x%llx\n",
		    (unsigned long long)s->plan.entry);
	rc = chain_result(s);
	if (rc)
		return rc;
	s->crumb.state = HO_STATE_CHAINED;
	write_crumb(s);
	chain_jump(s);
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
				(unsigned long long)((uint8_t *)&stub_entry_block -
						     stub_image));
	console_init(&s->console, e->uart_port, e->uart_baud);
	s->crumb.on_failure = e->on_failure;
	s->crumb.region_base = e->region_base;
	s->crumb.region_bytes = e->region_bytes;
	s->crumb.blob_paddr = e->blob_paddr;
	s->crumb.blob_bytes = e->blob_bytes;
	s->self = (struct range){ e->blob_paddr,
				  e->blob_paddr + e->blob_bytes };
	console_say(&s->console,
		    "\nbaton-stub " BATON_VERSION ": entry at 0x%llx, %d-level paging\n",
		    (unsigned long long)(uintptr_t)stub_image,
		    cpu_has_la57() ? 5 : 4);
	rc = memory_init(s, (uintptr_t)stub_image, (uintptr_t)stub_memory_end);
	if (rc)
		return rc;
	s->crumb_page = (struct ho_breadcrumb *)(uintptr_t)e->region_base;
	write_crumb(s);
	return 0;
}

void stub_main(void)
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
	struct stub *s = &stub;
	uint32_t i;

	diag_init(&s->diag, HO_STAGE_ENTRY);
	if (stage_entry(s))
		fail(s);
	for (i = 0; i < ARRAY_COUNT(stages); i++) {
		begin_stage(s, stages[i].stage, stages[i].what);
		if (stages[i].run(s))
			fail(s);
	}
	end_of_run(s);
}
