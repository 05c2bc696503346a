/* SPDX-License-Identifier: MIT */
/*
 * signmanifest.h - the manifest half of sign.h.
 */
#ifndef LOADER_SIGNMANIFEST_H
#define LOADER_SIGNMANIFEST_H

#include "sign.h"

/* The target of `p`, and its fallback if one is named, as a manifest: to
 * s->output, and its signature by s->key beside it. HO_EFILE, HO_EKEY, HO_ENOMEM,
 * codes of pack_check_target(). */
int sign_manifest(const struct sign *s, const struct pack *p,
		  struct diag_log *diag);

#endif /* LOADER_SIGNMANIFEST_H */
