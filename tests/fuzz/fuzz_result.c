// SPDX-License-Identifier: MIT
/*
 * fuzz_result.c - any bytes as a result tree, which the new instance reads
 * and does not trust.
 */
#include "result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct diag_log diag;
	static struct blob blob;
	static struct result result;

	diag_init(&diag, HO_STAGE_LOADER);
	if (!blob_parse(&blob, data, size, BLOB_RESULT, &diag))
		result_parse(&result, &blob, &diag);
	return 0;
}
