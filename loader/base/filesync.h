/* SPDX-License-Identifier: MIT */
/*
 * filesync.h - what programs have written goes to the disks.
 */
#ifndef LOADER_FILESYNC_H
#define LOADER_FILESYNC_H

#include "diag.h"

/* As long as guests may stand still for it. */
#define SYNC_SECONDS	10
/* sync(2) of all file systems, for as long as it takes. */
#define FILESYNC_PATIENT	0

/*
 * sync(2) of all file systems, for so many seconds at most: guests stand still
 * meanwhile, and a mount whose server is gone never ends it. HO_ESYNC: not done in
 * time; HO_EIO.
 */
int filesync(int seconds, struct diag_log *diag);

#endif /* LOADER_FILESYNC_H */
