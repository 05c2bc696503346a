/* SPDX-License-Identifier: MIT */
/*
 * ledger_json.h - the text of the ledger.
 */
#ifndef LOADER_LEDGER_JSON_H
#define LOADER_LEDGER_JSON_H

#include <json-c/json.h>

#include "ledger.h"

/* All of it as an object, for others as well. */
struct json_object *ledger_object(const struct ledger *l);
/* Its text, to be freed; NULL: no memory. */
char *ledger_to_json(const struct ledger *l);
/* Whatever the bytes are. HO_ELEDGER, HO_ENOMEM; then free what is there. */
int ledger_from_json(struct ledger *l, const char *text, uint64_t length,
		     struct diag_log *diag);

#endif /* LOADER_LEDGER_JSON_H */
