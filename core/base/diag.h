/* SPDX-License-Identifier: MIT */
/*
 * diag.h - where an error is born it is recorded once: code, stage, place.
 * A function that fails records and returns -HO_E...; its callers only pass
 * the code on.
 */
#ifndef CORE_DIAG_H
#define CORE_DIAG_H

#include "types.h"
#include "handover/breadcrumb.h"
#include "handover/errors.h"
#include "handover/stage.h"

struct ho_diag {
	int code;			/* enum ho_error, positive */
	int stage;			/* enum ho_stage */
	char where[HO_WHERE_BYTES];	/* the place, text */
};

#define DIAG_KEPT 32

/* The first DIAG_KEPT errors, and how many there were. */
struct diag_log {
	int stage;			/* set by whoever enters a stage */
	uint64_t total;
	uint32_t kept;			/* min(total, DIAG_KEPT) */
	struct ho_diag items[DIAG_KEPT];
};

/* Make the log empty. Errors that follow are recorded under `stage` (enum
 * ho_stage). */
void diag_init(struct diag_log *log, int stage);

/* Record `code` (positive) with a place; returns -code. */
int diag_add(struct diag_log *log, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* HO_EBLOBVERSION: `what` was written by `version`, for readers of `compat`
 * and later, and this is none (handover-abi/README.md, rule 3). */
int diag_version(struct diag_log *log, const char *what, uint32_t version,
		 uint32_t compat);

/* Add what another log holds. */
void diag_merge(struct diag_log *log, const struct diag_log *other);

/* The list's columns for a code; "unknown error" for one not in the list. */
const char *error_name(int code);	/* "HO_EDOUBLE" */
/* What is wrong, without a final stop; "unknown error" for a code not in the
 * list. */
const char *error_text(int code);
/* What to do; "" for a code not in the list. */
const char *error_remedy(int code);
/* The exit status of baton, HO_EXIT_*; HO_EXIT_FAILURE for a code not in the
 * list. */
int error_exit(int code);		/* HO_EXIT_* */
/* 'B': a blob can carry it, 'L': the loader alone has it, 'S': the stub
 * alone; 0 for a code not in the list. */
char error_class(int code);		/* 'B', 'L', 'S', 0: not in the list */
/* The name of an enum ho_stage, "verify"; "?" for another number. */
const char *stage_name(int stage);

#endif /* CORE_DIAG_H */
