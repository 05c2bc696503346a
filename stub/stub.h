/* SPDX-License-Identifier: MIT */
/*
 * stub.h - all the stub knows, in one place: main.c owns it, the stages get
 * a pointer.
 */
#ifndef STUB_STUB_H
#define STUB_STUB_H

#include "console.h"
#include "course.h"
#include "paging.h"
#include "trap.h"

/* A tree, as the entry block names it. */
struct given {
	struct range place;
	uint32_t digest_alg;
	const uint8_t *digest;
};

/* The local APIC, and what it was like. */
struct apic {
	bool present;
	bool x2;
	bool boot_cpu;
	uint64_t base;
	uint64_t tpr;			/* CR8 */
	uint32_t svr, lint0;
	uint64_t rate;			/* timer counts a sample; 0: not begun */
};

struct stub {
	const struct ho_entry *entry;
	struct ho_breadcrumb crumb;
	struct ho_breadcrumb *crumb_page; /* NULL until the region is mapped */
	bool failing;			/* in fail(): a fault ends at once */
	bool reporting;			/* in the report of a fault: likewise */
	bool last_words;		/* said that there was one */
	bool falling_back;		/* the second run, on its own tree */
	struct given given;		/* what this run works on */
	struct apic apic;
	struct wdat watchdog;		/* as it was armed */
	bool others_run;		/* CPUs in code of the old instance */
	uint64_t deadline_tsc;		/* of a stage; 0: apic.c's own. Tests
					 * set it */
	struct diag_log diag;
	struct console console;
	struct paging paging;
	uint64_t *window;		/* entry of a page, paging_window() */
	struct blob blob;
	struct course run;		/* self: both trees that were given;
					 * failed: why a fallback is started */
};

extern struct stub stub;
/* The key that targets are held to, if there is one: trust_check(). */
extern const struct ho_trust stub_trust;

/* The whole run, entered by head.S on the stub's own stack with interrupts off.
 * Never returns. */
void stub_main(void) __attribute__((noreturn));
/* The second run, over the fallback tree, on an empty stack. Never returns. */
void stub_fall_back(void) __attribute__((noreturn));

#endif /* STUB_STUB_H */
