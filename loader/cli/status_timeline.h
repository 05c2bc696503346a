/* SPDX-License-Identifier: MIT */
/*
 * status_timeline.h - `baton status --pause`.
 */
#ifndef LOADER_STATUS_TIMELINE_H
#define LOADER_STATUS_TIMELINE_H

#include "handover.h"

/* For each guest that an upgrade paused; as JSON. HO_ENODOMAIN: of none it is
 * known. */
int status_timeline(const struct handover *h, bool json,
		    struct diag_log *diag);

#endif /* LOADER_STATUS_TIMELINE_H */
