// SPDX-License-Identifier: MIT
/*
 * fail.c - the only file of the stub that turns an error into the end of a
 * run: reason to console and breadcrumb, then the fallback, then the policy.
 *
 * Each step back is taken once, so that a fault in any of them leads to the
 * next and never in a circle:
 *	report -> fallback -> report -> halt or reset
 * A fault during a report skips what is left of it.
 */
#include "fail.h"

#include "apic.h"
#include "cpu.h"
#include "digest.h"
#include "libc.h"
#include "symbols.h"
#include "watchdog.h"

extern uint8_t stub_image[], stub_stack_top[];

void fail_write_crumb(struct stub *s)
{
	s->crumb.log_paddr = (uintptr_t)s->console.log_bytes;
	s->crumb.log_bytes = s->console.log.used;
	if (!s->crumb_page)
		return;
	breadcrumb_seal(&s->crumb);
	*s->crumb_page = s->crumb;
}

void fail_policy(struct stub *s, uint32_t on_failure)
{
	s->crumb.on_failure = on_failure;
	trap_policy(on_failure == HO_ON_FAILURE_RESET ||
		    on_failure == HO_ON_FAILURE_FALLBACK_RESET);
}

static bool fallback_is_open(const struct stub *s)
{
	return !s->falling_back && s->crumb_page &&
	       s->crumb.fallback_paddr &&
	       (s->crumb.on_failure == HO_ON_FAILURE_FALLBACK ||
		s->crumb.on_failure == HO_ON_FAILURE_FALLBACK_RESET);
}

/* On an empty stack: the one in use may be why it failed. */
static void fall_back(struct stub *s) __attribute__((noreturn));
static void fall_back(struct stub *s)
{
	s->falling_back = true;
	s->failing = s->reporting = false;
	if (s->crumb.state != HO_STATE_FAILED) {
		s->crumb.state = HO_STATE_FAILED;
		s->crumb.error = HO_ETRAP;
	}
	s->crumb.fallback = HO_FALLBACK_STARTED;
	console_mend(&s->console);
	apic_end_of_interrupt(s);	/* if it was the deadline's */
	cpu_start_over(stub_stack_top, stub_fall_back);
}

/* A fault on the way out: no report, whatever it takes may be broken. */
static void end_at_once(struct stub *s) __attribute__((noreturn));
static void end_at_once(struct stub *s)
{
	if (!s->last_words) {
		s->last_words = true;
		console_send(&s->console, "\nbaton-stub: fault while failing\n");
		watchdog_stop(s);
	}
	if (fallback_is_open(s))
		fall_back(s);
	if (trap_policy_is_reset())
		cpu_reset();
	cpu_halt();
}

/* The policy's way out. */
static void end_of_run(struct stub *s) __attribute__((noreturn));
static void end_of_run(struct stub *s)
{
	if (trap_policy_is_reset()) {
		console_say(&s->console, "baton-stub: reset\n");
		cpu_reset();
	}
	console_say(&s->console, "baton-stub: halted\n");
	watchdog_stop(s);
	cpu_halt();
}

static void print_error(struct stub *s, const struct ho_diag *d)
{
	console_say(&s->console,
		    "baton-stub: FAILED stage=%s error=%s (%d) %s: %s\n",
		    stage_name(d->stage), error_name(d->code), d->code,
		    error_text(d->code), d->where);
}

static void print_reasons(struct stub *s)
{
	uint32_t i;

	for (i = 0; i < s->diag.kept; i++)
		print_error(s, &s->diag.items[i]);
	if (s->diag.total > s->diag.kept)
		console_say(&s->console, "baton-stub: and %llu more\n",
			    (unsigned long long)(s->diag.total -
						 s->diag.kept));
	console_say(&s->console,
		    "baton-stub: remedy: %s. Guest memory was not touched.\n",
		    error_remedy(s->diag.items[0].code));
}

/* The reason of the first run stays when the second one fails, too. */
static void record(struct stub *s)
{
	const struct ho_diag *first = &s->diag.items[0];

	if (s->falling_back) {
		s->crumb.fallback = HO_FALLBACK_FAILED;
		s->crumb.fallback_error = first->code;
	} else {
		s->crumb.state = HO_STATE_FAILED;
		s->crumb.error = first->code;
		memcpy(s->crumb.where, first->where, sizeof(s->crumb.where));
	}
	fail_write_crumb(s);
}

void fail(struct stub *s)
{
	if (s->failing)
		end_at_once(s);
	s->failing = true;
	print_reasons(s);
	record(s);
	if (!fallback_is_open(s))
		end_of_run(s);
	console_say(&s->console,
		    "baton-stub: fallback: a target with the region as its only RAM\n");
	fall_back(s);
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

/* Without a canary of its own: its page may be what faults, and then this is where it
 * would fault for ever. */
__attribute__((no_stack_protector))
void trap_report(const struct trap_frame *f)
{
	struct stub *s = &stub;
	uint64_t cr2 = cpu_cr2(), offset = f->rip - (uintptr_t)stub_image;
	const char *symbol;
	uint32_t into;

	if (s->failing || s->reporting)
		end_at_once(s);
	s->reporting = true;
	print_registers(s, f);
	if (!s->falling_back) {
		s->crumb.trap_vector = f->vector;
		s->crumb.trap_error_code = f->error_code;
		s->crumb.trap_rip = offset;
		s->crumb.trap_cr2 = cr2;
	}
	diag_init(&s->diag, s->diag.stage);
	symbol = symbol_of(offset, &into);
	if (f->vector == APIC_DEADLINE_VECTOR) {
		diag_add(&s->diag, HO_EDEADLINE, "rip stub+0x%llx %s+0x%x",
			 (unsigned long long)offset, symbol, into);
		fail(s);
	}
	diag_add(&s->diag, HO_ETRAP,
		 "vector %llu (%s) error 0x%llx cr2 0x%llx rip stub+0x%llx %s+0x%x",
		 (unsigned long long)f->vector, trap_name(f->vector),
		 (unsigned long long)f->error_code, (unsigned long long)cr2,
		 (unsigned long long)offset, symbol, into);
	fail(s);
}

void __stack_chk_fail(void);
void __stack_chk_fail(void)
{
	if (stub.failing || stub.reporting)
		end_at_once(&stub);
	stub.reporting = true;
	diag_init(&stub.diag, stub.diag.stage);
	diag_add(&stub.diag, HO_ETRAP, "stack protector, called from stub+0x%llx",
		 (unsigned long long)((uint8_t *)__builtin_return_address(0) -
				      stub_image));
	fail(&stub);
}
