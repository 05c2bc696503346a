/* SPDX-License-Identifier: MIT */
/*
 * early.h - what can be put in place before guests are paused, is.
 */
#ifndef LOADER_EARLY_H
#define LOADER_EARLY_H

#include "verdict.h"

/*
 * After a good verdict: the files of target and fallback, by staged.h. That it
 * cannot be done is said, and no reason to refuse: then they are loaded in the
 * pause. HO_EDIGEST: a file is another by now.
 */
int early_put(struct staged *s, const struct verdict *v,
	      const struct handover *parent, struct diag_log *diag);

#endif /* LOADER_EARLY_H */
