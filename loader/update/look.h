/* SPDX-License-Identifier: MIT */
/*
 * look.h - the last look before the jump, at what load_run() left.
 */
#ifndef LOADER_LOOK_H
#define LOADER_LOOK_H

#include "diag.h"

/*
 * Everybody in LOADED_BLOB is asked. Live owners live, and have the frames that
 * are in the blob; what is carried on from an earlier update is still kept.
 * HO_ENOTLOADED, HO_EPROCESS, HO_EMIGRATED, HO_ECARRIED, HO_EXENRAN. With
 * LOOK_GUESTS QEMU guests are still stopped as they were saved, and nobody else
 * runs on kept memory. HO_EGUESTBUSY, HO_EGUESTLEFT. With LOOK_KEEPERS all
 * owners would outlive the services. HO_EKEEPER.
 */
#define LOOK_GUESTS	1
#define LOOK_KEEPERS	2
/* Returns 0, or the code of the first that is not as it should be. `what`:
 * LOOK_* or 0. */
int look_again(int what, struct diag_log *diag);

#endif /* LOADER_LOOK_H */
