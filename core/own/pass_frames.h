/* SPDX-License-Identifier: MIT */
/*
 * pass_frames.h - the extents of one FRAMES record, and the stream's own
 * frames: a part of the pass.
 */
#ifndef CORE_PASS_FRAMES_H
#define CORE_PASS_FRAMES_H

#include "pass.h"

/* Give all extents to domain d. Errors of single extents are recorded and
 * the walk goes on; -HO_EFULL ends it. */
int pass_take_frames(struct pass *p, struct ho_domain *d,
		     const struct frames *f);

/* Give a stream by reference its own frames. The same. */
int pass_take_stream(struct pass *p);

#endif /* CORE_PASS_FRAMES_H */
