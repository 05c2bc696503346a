/* SPDX-License-Identifier: MIT */
/*
 * qemu_kind.h - guests of QEMU as a kind: their memory held by a keeper, a
 * process whose frames are written as any process's.
 */
#ifndef LOADER_QEMU_KIND_H
#define LOADER_QEMU_KIND_H

#include "guest.h"
#include "qemu.h"

extern const struct guest_kind qemu_kind;

/* hold() of a guest whose QEMU is `q`, for a manager's kind. Codes of qemu_keep(),
 * HO_EGUESTPAGES, and those of driverram_check(). */
int qemu_kind_hold(struct guest *g, struct qemu *q, struct diag_log *diag);
/* preview() of it: its memory, held or not, a state of that name and text, and room
 * for that of its devices. HO_EGUESTPAGES, and the codes of
 * process_kind_preview(). */
int qemu_kind_preview(struct guest *g, const struct qemu *q,
		      const char *name, const char *text,
		      struct stream_writer *w, struct diag_log *diag);
/* HO_EGUESTBUSY: a domain of a loaded blob is here, and no record of a command says
 * that it was saved. */
int qemu_kind_not_waiting(const struct guest_look *l, struct diag_log *diag);
/* Returns 0 when its QEMU has ended, and its keeper saw that it had not let the guest
 * run on. HO_EGUESTBUSY. */
int qemu_kind_ended(const struct guest_look *l, struct diag_log *diag);
/* The keeper that was recorded ends, and not a later process of its number. */
void qemu_kind_end_keeper(const struct guest_taken *t);

#endif /* LOADER_QEMU_KIND_H */
