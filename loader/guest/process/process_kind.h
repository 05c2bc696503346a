/* SPDX-License-Identifier: MIT */
/*
 * process_kind.h - a process that holds memory, as a guest: it is stopped by a
 * signal, and its state is its own affair.
 */
#ifndef LOADER_PROCESS_KIND_H
#define LOADER_PROCESS_KIND_H

#include "guest.h"

extern const struct guest_kind process_kind;

/*
 * Its owner g->pid, and the frames behind ranges and maps, for other kinds whose
 * memory a process holds. Each range is read twice: HO_EMIGRATED when they
 * differ. Codes of process_owner(), process_extents(); HO_ENOMAP.
 */
int process_kind_frames(struct guest *g, struct stream_writer *w,
			 struct diag_log *diag);
/* The same of a process that runs: read once. The same codes, and those of
 * driverram_check(). */
int process_kind_preview(struct guest *g, struct stream_writer *w,
			 struct diag_log *diag);

#endif /* LOADER_PROCESS_KIND_H */
