/* SPDX-License-Identifier: MIT */
/*
 * precheck.h - would an upgrade be refused now, and how long would guests stand
 * still? The first half of an upgrade, and all that its second half can refuse:
 * guests run on and are not touched, nothing in RUN_DIR or in the kernel's slot
 * changes.
 */
#ifndef LOADER_PRECHECK_H
#define LOADER_PRECHECK_H

#include "collect.h"
#include "pack.h"
#include "willadopt.h"

enum precheck_stage_id {
	PRECHECK_SAVE, PRECHECK_COLLECT, PRECHECK_PACK, PRECHECK_LOAD,
	PRECHECK_DOWN, PRECHECK_STUB, PRECHECK_BOOT, PRECHECK_ADOPT,
	PRECHECK_STAGES
};

/* A part of the pause. */
struct precheck_stage {
	const char *name;
	double seconds;			/* below 0: not known */
	char from[96];			/* what says so */
};

struct precheck {
	struct collect *collect;
	struct pack *pack;
	bool replace, shutdown;
	/* what was found */
	struct diag_log host;		/* every reason that is of no one guest */
	struct diag_log *whys;		/* of each guest in *collect */
	struct will_adopt_answer adopts;
	bool estimated;			/* nothing refused it: */
	struct precheck_stage stages[PRECHECK_STAGES];
	double seconds;			/* of those that are known */
};

/* What is refused is in *p, and no error: HO_EPERM, HO_ENOMEM, HO_EFILE: it could
 * not look. */
int precheck_run(struct precheck *p, struct diag_log *diag);
/* How many reasons there are. */
uint64_t precheck_reasons(const struct precheck *p);
/* The guests are closed, as they are; the options are the caller's. */
void precheck_free(struct precheck *p);

/* What the trial took, and what this machine is, as parts of a pause. */
struct trial;
/* Fill in p->stages and p->seconds. */
void precheck_estimate(struct precheck *p, const struct trial *t,
		       double examine_seconds);

#endif /* LOADER_PRECHECK_H */
