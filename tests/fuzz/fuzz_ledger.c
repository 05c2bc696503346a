// SPDX-License-Identifier: MIT
/*
 * fuzz_ledger.c - the record of what is going on: any bytes are refused, or are
 * what their text says, which says the same when it is read again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ledger_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool take(struct ledger *l, const void *bytes, size_t size)
{
	struct diag_log diag;

	diag_init(&diag, HO_STAGE_LOADER);
	*l = (struct ledger){ 0 };
	return !ledger_from_json(l, bytes, size, &diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ledger once, again;
	char *text, *same;

	if (take(&once, data, size)) {
		text = ledger_to_json(&once);
		if (!take(&again, text, strlen(text)))
			abort();
		same = ledger_to_json(&again);
		if (strcmp(text, same))
			abort();
		free(text);
		free(same);
		ledger_free(&again);
	}
	ledger_free(&once);
	return 0;
}
