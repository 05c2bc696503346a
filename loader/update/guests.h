/* SPDX-License-Identifier: MIT */
/*
 * guests.h - the QEMU guests among the domains to collect, all of them at
 * once: opened, their memory held, saved side by side.
 */
#ifndef LOADER_GUESTS_H
#define LOADER_GUESTS_H

#include "collect.h"

#define GUESTS_SAVE_SECONDS	60

/* Look at all of them; codes of qemu_open(). Nothing is stopped yet. */
int guests_open(struct collect *c, struct diag_log *diag);
/* Guests that run on memory that an earlier update kept, and are not among
 * them, would lose it: HO_EGUESTLEFT. */
int guests_left(struct collect *c, struct diag_log *diag);
/* Their keepers; codes of qemu_keep(). They still run. */
int guests_keep(struct collect *c, struct diag_log *diag);
/* Stop and save; codes of qemu_save_begin() and qemu_save_wait(). */
int guests_save(struct collect *c, struct diag_log *diag);
/* Is each still stopped as it was saved? HO_EGUESTBUSY. */
int guests_look_again(struct collect *c, struct diag_log *diag);
/* For a process that was forked off and may have to resume them: as if all
 * were stopped. */
void guests_touched(struct collect *c);
/* Back to how they were found. */
void guests_resume(struct collect *c);
/* What was collected stays held when this process has ended. */
void guests_keep_on(struct collect *c);
void guests_close(struct collect *c);

#endif /* LOADER_GUESTS_H */
