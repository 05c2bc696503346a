/* SPDX-License-Identifier: MIT */
/*
 * status_metrics.h - baton status --metrics: gauges in Prometheus' text format,
 * for the textfile collector of its node exporter.
 */
#ifndef LOADER_STATUS_METRICS_H
#define LOADER_STATUS_METRICS_H

#include "handover.h"
#include "note.h"

/* `path` gets them all at once, readable by everybody; "-" is standard output.
 * `h` is NULL where no update started this instance; `lost` is the note of an
 * update that did not complete, or NULL. HO_EFILE. */
int status_metrics_write(const char *path, const struct handover *h,
			 const struct note *lost, struct diag_log *diag);

#endif /* LOADER_STATUS_METRICS_H */
