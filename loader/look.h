/* SPDX-License-Identifier: MIT */
/*
 * look.h - the last look before the jump, at what load_run() left.
 */
#ifndef LOADER_LOOK_H
#define LOADER_LOOK_H

#include "diag.h"

/*
 * Are the frames of live owners still the ones in the blob, and do the
 * owners live? HO_ENOTLOADED, HO_EPROCESS, HO_EMIGRATED. With LOOK_GUESTS: are
 * QEMU guests still stopped as they were saved? HO_EGUESTBUSY. With
 * LOOK_KEEPERS: would all owners outlive the services? HO_EKEEPER.
 */
#define LOOK_GUESTS	1
#define LOOK_KEEPERS	2
int look_again(int what, struct diag_log *diag);

/* Nothing is to happen: the QEMU guests in it run on, those that did, and their
 * keepers end. No error when there is none. HO_EPROCESS, HO_EQMP. */
int look_resume(struct diag_log *diag);

#endif /* LOADER_LOOK_H */
