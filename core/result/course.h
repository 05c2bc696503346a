/* SPDX-License-Identifier: MIT */
/*
 * course.h - the way from a tree to the jump: region, pass, plan, result tree,
 * in one order and from one allocator. The stub and `baton check` both run
 * course_run(), so that what is taken of the region is the same for both.
 *
 * What only the machine can do in between (page tables, digests of what is
 * staged, the console) is done by `at`, which is told each point.
 */
#ifndef CORE_COURSE_H
#define CORE_COURSE_H

#include "pass.h"
#include "plan.h"
#include "result.h"

enum course_point {
	COURSE_VERIFY,			/* begins: fill in what is `given` */
	COURSE_REGION,			/* the allocator is there: bias */
	COURSE_STREAM,			/* show a stream by reference */
	COURSE_PASS,			/* begins */
	COURSE_OWNED,			/* the pass is over, and its tables
					 * begin and end on pages */
	COURSE_PLUG,			/* begins */
	COURSE_PLANNED,			/* nothing more is taken of the region */
	COURSE_CHAIN,			/* begins: place the target, and say
					 * where the log is */
	COURSE_JUMP,			/* all is written */
};

struct course {
	/* given, by COURSE_VERIFY at the latest */
	struct blob *blob;		/* parsed */
	uint64_t blob_paddr;		/* where its bytes are, in the end */
	struct range self;		/* the trees, as they are loaded */
	struct blob_failed failed;	/* region 0: a handover */
	unsigned int levels;		/* of page tables, as in plan.h */
	const void *image;		/* the target's bytes */
	const void *modules[HO_TARGET_MODULES_MAX];
	/* given at COURSE_CHAIN, for the result tree */
	uint64_t stage_tsc[8];
	uint64_t log_paddr, log_bytes;

	/* what becomes of it */
	struct region region;
	struct pass pass;		/* unused if region-only */
	struct plan plan;
	struct range result;		/* the tree's place, then the tree;
					 * empty if region-only */
};

typedef int (*course_at)(void *context, enum course_point point);

/*
 * Run it. `at` returns 0, or -HO_E... with the reason recorded, which ends the
 * run. Returns 0 (the stub jumps at COURSE_JUMP and does not return), or the
 * first error: HO_ESTAGING when `self` overlaps a staged piece, HO_EFULL when
 * the region is too small for the result tree, HO_EREGIONSMALL, and the codes
 * of pass_run(), plan_build() and result_write().
 */
int course_run(struct course *c, course_at at, void *context,
	       struct diag_log *diag);

#endif /* CORE_COURSE_H */
