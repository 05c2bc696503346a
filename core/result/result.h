/* SPDX-License-Identifier: MIT */
/*
 * result.h - the result tree that the stub leaves in the region, and its
 * reader for the new instance. Layout: handover/fdt.h.
 */
#ifndef CORE_RESULT_H
#define CORE_RESULT_H

#include "pass.h"
#include "plan.h"

struct result_input {
	const struct blob *blob;
	uint64_t blob_paddr;
	const struct pass *pass;
	const struct plan *plan;
	uint64_t stage_tsc[8];
	uint64_t log_paddr;
	uint64_t log_bytes;
};

/* What is set aside for the tree: fdt without the stream, plus what is added.
 * The log's text and the times do not count. */
uint64_t result_bytes(const struct result_input *in);

/* Write the tree to out[capacity]; *bytes becomes its totalsize.
 * HO_EINTERNAL (libfdt's error number in the place) when it does not fit. */
int result_write(void *out, uint64_t capacity, const struct result_input *in,
		 uint64_t *bytes, struct diag_log *diag);

/* What the new instance reads back; blob_parse(BLOB_RESULT) gives the rest. */
struct result {
	uint32_t version;		/* of the stub that wrote it */
	uint64_t stage_tsc[8];
	uint64_t frames_owned;
	uint64_t frames_plugged;
	uint64_t frames_unplugged;
	uint64_t region_used;
	uint64_t blob_paddr, blob_bytes;
	uint64_t frametable_root;
	uint32_t tables, runs;
	uint64_t domain_table, domain_table_bytes;
	uint32_t domain_count;
	uint64_t log_paddr, log_bytes;
	uint32_t map_count;
	struct e820_entry map[HO_E820_BUDGET_MAX];
	uint32_t not_plugged_count;
	struct range not_plugged[HO_NOT_PLUGGED_MAX];
};

/* `blob` was parsed from the same bytes. Every address must lie in the
 * region (HO_EVALUE). HO_ENODE, HO_EPROP, HO_EBLOBCOMPAT. */
int result_parse(struct result *result, const struct blob *blob,
		 struct diag_log *diag);

#endif /* CORE_RESULT_H */
