// SPDX-License-Identifier: MIT
/*
 * fuzz_kept.c - any bytes as the stream of an update that failed, which may be
 * damaged anywhere: what is listed must be walkable, and nothing is intact
 * that no digest vouches for.
 */
#include <stdlib.h>

#include "kept.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct diag_log diag;
	struct kept_list list;
	struct kept_walk walk;
	struct kept_extent e;
	uint64_t pages = 0, listed = 0;
	uint32_t i;
	int rc;

	diag_init(&diag, HO_STAGE_LOADER);
	if (kept_read(&list, data, size, false, &diag))
		abort();
	rc = kept_walk_begin(&walk, data, size, ~0ull, &diag);
	while (!rc && (rc = kept_walk_next(&walk, &e, &diag)) > 0) {
		rc = 0;
		pages += range_bytes(e.place) >> HO_PAGE_SHIFT;
	}
	for (i = 0; i < list.count; i++)
		listed += list.domains[i].domain.frame_count;
	if (list.complete && (rc || pages != listed))
		abort();
	kept_free(&list);
	return 0;
}
