/* SPDX-License-Identifier: MIT */
/*
 * stublook.h - the stub that a blob names, and what it will say to the blob's
 * target where it has a key of manifests: in the same words, before a guest is
 * paused.
 */
#ifndef LOADER_STUBLOOK_H
#define LOADER_STUBLOOK_H

#include "handover/entry.h"
#include "verdict.h"

/* The file, as it was when the blob was packed, and its header. HO_EDIGEST, codes
 * of stubfile_open(), stubfile_read() and stubfile_check_blob(). mapped_close() is
 * the caller's, also then. */
int stublook_open(struct mapped *m, struct ho_stub_header *h,
		  const struct blob *b, struct diag_log *diag);

/* Does a stub of these bytes start target and fallback of a good verdict? Also 0
 * when it has no key. HO_ENOTRUST and the other codes of trust_check(). */
int stublook_trust(const struct verdict *v, const struct mapped *stub,
		   struct diag_log *diag);

/* Both, for who loads nothing. HO_ESTUB, HO_EDIGEST, HO_ENOTRUST and the other
 * codes of both. */
int stublook_check(const struct verdict *v, struct diag_log *diag);

#endif /* LOADER_STUBLOOK_H */
