/* SPDX-License-Identifier: MIT */
/*
 * look.h - the last look before the jump, at what load_run() left, and the one
 * before it is loaded.
 */
#ifndef LOADER_LOOK_H
#define LOADER_LOOK_H

#include "collect.h"

/*
 * Everybody in LOADED_BLOB is asked, of every kind:
 * - those with a live owner: it is the same process, the frames are the ones in
 *   the blob, and the guest is as it was saved. HO_EPROCESS, HO_EMIGRATED,
 *   HO_EGUESTBUSY, HO_EXENRAN, HO_EQMP;
 * - those carried on from an earlier update: they are still kept, by this
 *   instance, not released, and nobody is on their memory. HO_ECARRIED;
 * - everybody else on this host: nobody is on memory that is kept.
 *   HO_EGUESTLEFT. Nobody waits for another update. HO_EUNDONE.
 * `held`: guests of this very process, which are asked by what it has open; NULL:
 * each is asked by what its state says. `keepers`: all owners, and the stream, must
 * outlive the services, and this process. HO_EKEEPER. Returns 0, or the code of the
 * first that is not as it should be; HO_ENOTLOADED, HO_ENOMEM, codes of
 * loaded_walk().
 */
int look_again(struct collect *held, bool keepers, struct diag_log *diag);
/* The same of a blob of `length` bytes that is to be loaded: an image whose guests have
 * run on since is a past of theirs, and a reboot could jump into it. Codes of
 * look_again(), but HO_ENOTLOADED. */
int look_before(const void *bytes, uint64_t length, struct diag_log *diag);

#endif /* LOADER_LOOK_H */
