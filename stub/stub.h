/* SPDX-License-Identifier: MIT */
/*
 * stub.h - all the stub knows, in one place: main.c owns it, the stages get
 * a pointer.
 */
#ifndef STUB_STUB_H
#define STUB_STUB_H

#include "console.h"
#include "paging.h"
#include "pass.h"
#include "plan.h"
#include "trap.h"

struct stub {
	const struct ho_entry *entry;
	struct ho_breadcrumb crumb;
	struct ho_breadcrumb *crumb_page; /* NULL until the region is mapped */
	bool failing;			/* in fail(): a fault ends at once */
	bool reporting;			/* in the report of a fault: likewise */
	bool last_words;		/* said that there was one */
	struct range self;		/* where the blob lies */
	struct diag_log diag;
	struct console console;
	struct paging paging;
	struct blob blob;
	struct region region;
	struct pass pass;
	struct plan plan;
};

/* Called by head.S. Never returns. */
void stub_main(void) __attribute__((noreturn));

#endif /* STUB_STUB_H */
