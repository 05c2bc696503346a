/* SPDX-License-Identifier: MIT */
/*
 * mapread.h - what a picture of the memory is made of.
 */
#ifndef LOADER_MAPREAD_H
#define LOADER_MAPREAD_H

#include "handover.h"
#include "owners.h"

/* RAM, kernel and crash kernel of the running instance. HO_ENOMEM, codes of
 * iomem_walk(). */
int mapread_iomem(struct owners *o, const char *path, struct diag_log *diag);
/* Region and kept domains that a handover left here, and RAM that it did not
 * plug. HO_ENOMEM, HO_EBLOBTREE, codes of kept_walk_next(). */
int mapread_handover(struct owners *o, const struct handover *h,
		     struct diag_log *diag);
/* What a blob says: RAM, region, guests. `stream` is its, of blob->stream_bytes.
 * HO_ENOMEM, codes of kept_walk_next(). */
int mapread_blob(struct owners *o, const struct blob *blob,
		 const uint8_t *stream, struct diag_log *diag);

#endif /* LOADER_MAPREAD_H */
