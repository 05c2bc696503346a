/* SPDX-License-Identifier: MIT */
/*
 * plan_part.h - what the plans of all targets have in common.
 */
#ifndef CORE_PLAN_PART_H
#define CORE_PLAN_PART_H

#include "plan.h"

#define PLAN_CMDLINE_BYTES	HO_PAGE_BYTES

/* HO_ENOROOM for `what`, which wants `bytes` below `max`. */
int plan_no_room(struct diag_log *diag, const char *what, uint64_t bytes,
		 uint64_t max);

/* For a Linux that no door starts acpi_no_memhotplug, then baton=0x<region base>,
 * and why this is a fallback. */
void plan_baton_words(const struct plan_input *in, char *out, size_t bytes);

/* A page of its own, *pa, for `before`, `args` and `after`, of at most `max`
 * bytes. HO_EFULL, HO_ECMDLINE. */
int plan_write_line(struct plan *plan, uint64_t *pa, const char *before,
		    const char *args, const char *after, uint64_t max,
		    struct diag_log *diag);
/* plan->cmdline: bootargs and baton=. HO_EFULL, HO_ECMDLINE: more than `max`
 * bytes. */
int plan_write_cmdline(struct plan *plan, const struct plan_input *in,
		       uint64_t max, struct diag_log *diag);

/* One more copy; its place has been taken. */
void plan_add_copy(struct plan *plan, const void *source, uint64_t bytes,
		   uint64_t pa, uint64_t memory_bytes);

#endif /* CORE_PLAN_PART_H */
