/* SPDX-License-Identifier: MIT */
/*
 * plan_mb2.h - the plan of a multiboot2 target, Xen among them.
 */
#ifndef CORE_PLAN_MB2_H
#define CORE_PLAN_MB2_H

#include "plan.h"

/* All of the plan but its memory map, which must have been built. Codes of
 * plan_build(). */
int plan_multiboot2(struct plan *plan, const struct plan_input *input,
		    struct diag_log *diag);

#endif /* CORE_PLAN_MB2_H */
