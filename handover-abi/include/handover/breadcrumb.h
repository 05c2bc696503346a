/* SPDX-License-Identifier: MIT */
/*
 * breadcrumb.h - the first page of the region: what the stub leaves for
 * whoever comes next, and what `baton=<region base>` on the new instance's
 * command line points to.
 *
 * Written by the stub: once before each stage starts, once when it chains,
 * and once when it fails. Read by the new instance, which trusts nothing
 * before magic, versions, size and checksum agree. All fields little-endian.
 * Magic, compat, bytes, checksum and version stay where they are in every
 * version.
 */
#ifndef HANDOVER_BREADCRUMB_H
#define HANDOVER_BREADCRUMB_H

#include "base.h"
#include "stage.h"

/* "BATNCRMB" read as bytes in memory */
#define HO_BREADCRUMB_MAGIC	0x424d52434e544142

/* state */
#define HO_STATE_RUNNING	1	/* the stage named was started */
#define HO_STATE_CHAINED	2	/* the target was started, all is well */
#define HO_STATE_FAILED		3	/* error and where say why */

/* fallback */
#define HO_FALLBACK_NONE	0	/* not tried */
#define HO_FALLBACK_STARTED	1	/* what runs now, if anything does */
#define HO_FALLBACK_FAILED	2	/* fallback_error says why */

#define HO_WHERE_BYTES		96

/* Oldest reader of what a stub writes here: whoever gives `reserved` a meaning
 * raises it to 2, for readers of version 1 want zeroes there. */
#define HO_CRUMB_COMPAT		1

#ifndef __ASSEMBLER__

struct ho_breadcrumb {
	uint64_t magic;			/* HO_BREADCRUMB_MAGIC */
	uint32_t compat;		/* since 2: HO_CRUMB_COMPAT, oldest
					 * reader that may read it. Version 1
					 * has its only number here, and its
					 * readers compare it with 1 */
	uint32_t bytes;			/* sizeof(struct ho_breadcrumb) */
	uint64_t checksum;		/* XXH64 (seed 0) of the struct with
					 * this field zero */
	uint64_t region_base;		/* first range of the region */
	uint64_t region_bytes;
	uint32_t state;			/* HO_STATE_* */
	uint32_t stage;			/* enum ho_stage: the last one that the
					 * stub began: CHAIN when CHAINED */
	uint32_t error;			/* enum ho_error, 0 unless FAILED */
	uint32_t on_failure;		/* HO_ON_FAILURE_* in force */
	uint64_t blob_paddr;		/* the blob this run was given */
	uint64_t blob_bytes;
	uint64_t result_paddr;		/* the result tree; 0 before CHAINED */
	uint64_t result_bytes;
	uint64_t log_paddr;		/* console text, oldest byte first */
	uint64_t log_bytes;		/* bytes of text there */
	uint32_t generation;		/* of the blob; 0 until it is read */
	uint32_t tsc_khz;		/* of the blob; 0: unknown */
	uint8_t  id[HO_ID_BYTES];	/* of the blob */
	uint64_t stage_tsc[7];		/* TSC at the start of stage n;
					 * [HO_STAGE_TARGET] is the jump, [0]
					 * is 0 */
	uint32_t version;		/* since 2: HO_ABI_VERSION of the stub;
					 * 0, as written by version 1: 1 */
	uint32_t reserved0;		/* 0 */
	uint32_t trap_vector;		/* of the CPU fault that failed the
					 * run, HO_NO_TRAP if none */
	uint32_t trap_error_code;
	uint64_t trap_rip;		/* relative to the stub image */
	uint64_t trap_cr2;
	char     where[HO_WHERE_BYTES];	/* place of the error, NUL-terminated
					 * text */
	uint32_t fallback;		/* HO_FALLBACK_* */
	uint32_t fallback_error;	/* enum ho_error, 0 unless FAILED */
	uint64_t fallback_paddr;	/* the fallback tree; 0: none given */
	uint64_t fallback_bytes;
	uint8_t  reserved[72];		/* 0 */
};

#define HO_NO_TRAP		0xffffffff

HO_ASSERT_FIELD(struct ho_breadcrumb, magic, 0);
HO_ASSERT_FIELD(struct ho_breadcrumb, compat, 8);
HO_ASSERT_FIELD(struct ho_breadcrumb, bytes, 12);
HO_ASSERT_FIELD(struct ho_breadcrumb, checksum, 16);
HO_ASSERT_FIELD(struct ho_breadcrumb, region_base, 24);
HO_ASSERT_FIELD(struct ho_breadcrumb, region_bytes, 32);
HO_ASSERT_FIELD(struct ho_breadcrumb, state, 40);
HO_ASSERT_FIELD(struct ho_breadcrumb, stage, 44);
HO_ASSERT_FIELD(struct ho_breadcrumb, error, 48);
HO_ASSERT_FIELD(struct ho_breadcrumb, on_failure, 52);
HO_ASSERT_FIELD(struct ho_breadcrumb, blob_paddr, 56);
HO_ASSERT_FIELD(struct ho_breadcrumb, blob_bytes, 64);
HO_ASSERT_FIELD(struct ho_breadcrumb, result_paddr, 72);
HO_ASSERT_FIELD(struct ho_breadcrumb, result_bytes, 80);
HO_ASSERT_FIELD(struct ho_breadcrumb, log_paddr, 88);
HO_ASSERT_FIELD(struct ho_breadcrumb, log_bytes, 96);
HO_ASSERT_FIELD(struct ho_breadcrumb, generation, 104);
HO_ASSERT_FIELD(struct ho_breadcrumb, tsc_khz, 108);
HO_ASSERT_FIELD(struct ho_breadcrumb, id, 112);
HO_ASSERT_FIELD(struct ho_breadcrumb, stage_tsc, 128);
HO_ASSERT_FIELD(struct ho_breadcrumb, version, 184);
HO_ASSERT_FIELD(struct ho_breadcrumb, reserved0, 188);
HO_ASSERT_FIELD(struct ho_breadcrumb, trap_vector, 192);
HO_ASSERT_FIELD(struct ho_breadcrumb, trap_error_code, 196);
HO_ASSERT_FIELD(struct ho_breadcrumb, trap_rip, 200);
HO_ASSERT_FIELD(struct ho_breadcrumb, trap_cr2, 208);
HO_ASSERT_FIELD(struct ho_breadcrumb, where, 216);
HO_ASSERT_FIELD(struct ho_breadcrumb, fallback, 312);
HO_ASSERT_FIELD(struct ho_breadcrumb, fallback_error, 316);
HO_ASSERT_FIELD(struct ho_breadcrumb, fallback_paddr, 320);
HO_ASSERT_FIELD(struct ho_breadcrumb, fallback_bytes, 328);
HO_ASSERT_FIELD(struct ho_breadcrumb, reserved, 336);
HO_ASSERT_SIZE(struct ho_breadcrumb, 408);

#endif /* __ASSEMBLER__ */
#endif /* HANDOVER_BREADCRUMB_H */
