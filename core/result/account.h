/* SPDX-License-Identifier: MIT */
/*
 * account.h - bytes of the region by who has them, after an update: what was
 * staged, what the stub's allocator gave out, and what is left. The parts are
 * counted each from its own source and sum to the region's size.
 */
#ifndef CORE_ACCOUNT_H
#define CORE_ACCOUNT_H

#include "result.h"

/* Staged pieces in whole pages, as the allocator sees them. */
struct account {
	uint64_t breadcrumb;
	uint64_t stub;			/* 2 MiB, with its data and log */
	uint64_t images;		/* the target's */
	uint64_t fallback;		/* its images and its tree */
	uint64_t blob;			/* with the stream in it */
	uint64_t frametable;		/* tables, and pages of nodes */
	uint64_t domains;		/* the domain table */
	uint64_t result;		/* the result tree */
	uint64_t rest;			/* map, command line, zero page; for
					 * the check of page tables; padding */
	uint64_t free;
	uint64_t total;			/* of all ranges of the region */
};

/*
 * Of a result tree of `result_bytes` bytes, parsed to both structs.
 * HO_EVALUE: what is used is more than there is, or less than its parts.
 */
int account_region(struct account *a, const struct blob *blob,
		   const struct result *result, uint64_t result_bytes,
		   struct diag_log *diag);

#endif /* CORE_ACCOUNT_H */
