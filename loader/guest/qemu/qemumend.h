/* SPDX-License-Identifier: MIT */
/*
 * qemumend.h - what somebody changed of a running guest by its monitor becomes
 * part of the command line that the next QEMU is started with. Only what QEMU
 * says in full is taken over; the checks of qemulook.h refuse what is left, and
 * a rehearsal has to prove the rest.
 */
#ifndef LOADER_QEMUMEND_H
#define LOADER_QEMUMEND_H

#include "qemu.h"

/* Change q->conf.args, and set q->mended when anything was. What it cannot read
 * stays as it is. HO_EQMP, HO_ENOMEM. */
int qemu_mend(struct qemu *q, struct diag_log *diag);

#endif /* LOADER_QEMUMEND_H */
