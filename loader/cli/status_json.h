/* SPDX-License-Identifier: MIT */
/*
 * status_json.h - baton status --json.
 */
#ifndef LOADER_STATUS_JSON_H
#define LOADER_STATUS_JSON_H

#include "handover.h"
#include "note.h"

/* How long a stage of the stub took, in microseconds; 0: not known. */
uint64_t status_stage_us(const struct handover *h, int stage);

/* All that is known; `lost`: an update that did not complete, or NULL. */
void status_json_print(const struct handover *h, const struct note *lost);
/* No handover started this instance, and one was to. */
void status_json_print_lost(const struct note *lost);

/* Where no update started this instance: what is going on. False: nothing
 * is, and nothing is printed. */
bool status_json_print_ledger(void);

#endif /* LOADER_STATUS_JSON_H */
