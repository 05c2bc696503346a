/* SPDX-License-Identifier: MIT */
/*
 * status_ledger.h - what is going on, of `baton status`: the ledger, and whether
 * what it says still holds.
 */
#ifndef LOADER_STATUS_LEDGER_H
#define LOADER_STATUS_LEDGER_H

#include <json-c/json.h>
#include <stdbool.h>

#include "diag.h"

/* Print it; false: nothing is going on, and nothing is printed. */
bool status_ledger_print(void);
/* The same as data; NULL: nothing is going on. */
struct json_object *status_ledger_json(void);

#endif /* LOADER_STATUS_LEDGER_H */
