/* SPDX-License-Identifier: MIT */
/*
 * look.h - the last look before the jump, at what load_run() left.
 */
#ifndef LOADER_LOOK_H
#define LOADER_LOOK_H

#include "diag.h"

/*
 * Are the frames of live owners still the ones in the blob, and do the
 * owners live? With `guests`: are QEMU guests still stopped as they were
 * saved? HO_ENOTLOADED, HO_EPROCESS, HO_EMIGRATED, HO_EGUESTBUSY.
 */
int look_again(bool guests, struct diag_log *diag);

/* Nothing is to happen: the QEMU guests in it run on, those that did, and their
 * keepers end. No error when there is none. HO_EPROCESS, HO_EQMP. */
int look_resume(struct diag_log *diag);

#endif /* LOADER_LOOK_H */
