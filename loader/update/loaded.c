// SPDX-License-Identifier: MIT
/*
 * loaded.c - see loaded.h.
 */
#include "loaded.h"

#include <stdlib.h>

#include "blob.h"
#include "streamref.h"
#include "util.h"
#include "verdict.h"

static int hold_stream(const struct blob *blob, enum loaded_hold hold,
		       struct diag_log *diag)
{
	if (!blob->stream_range_count || hold == LOADED_READ)
		return 0;
	return hold == LOADED_HOLD ? streamref_hold(blob, diag)
		: diag_add(diag, HO_EKEEPER, STREAMREF_ALONE);
}

int loaded_walk_bytes(const void *bytes, uint64_t length,
		      enum loaded_hold hold, loaded_fn fn, void *context,
		      struct diag_log *diag)
{
	struct blob *blob = malloc(sizeof(*blob));
	struct mapped stream = { 0 };
	struct stream s;
	struct record rec;
	int rc;

	if (!blob)
		return diag_add(diag, HO_ENOMEM, "blob");
	rc = blob_parse(blob, bytes, length, BLOB_HANDOVER, diag);
	if (!rc)
		rc = hold_stream(blob, hold, diag);
	if (!rc)
		rc = verdict_open_stream(&stream, blob, diag);
	if (!rc)
		rc = stream_open(&s, blob->stream, blob->stream_bytes, diag);
	while (!rc && (rc = stream_next(&s, &rec, diag)) > 0)
		rc = fn(context, &rec, diag);
	mapped_close(&stream);
	free(blob);
	return rc;
}

int loaded_walk(const char *path, enum loaded_hold hold, loaded_fn fn,
		void *context, struct diag_log *diag)
{
	struct mapped m = { 0 };
	int rc = mapped_open_own(&m, path, HO_ENOTLOADED, diag);

	if (!rc)
		rc = loaded_walk_bytes(m.bytes, m.length, hold, fn, context,
				       diag);
	mapped_close(&m);
	return rc;
}
