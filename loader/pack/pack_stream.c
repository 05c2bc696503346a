// SPDX-License-Identifier: MIT
/*
 * pack_stream.c - the stream of a blob: inside it, or where it lies in memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "pack_tree.h"
#include "stream_writer.h"
#include "work.h"

/* Where it lies, when it is too long for the blob. */
static int refer_to_stream(struct packing *k, const char *path)
{
	uint64_t most = k->options->inline_only ? PACK_INLINE_MOST
						: k->options->inline_max;
	int rc;

	if (k->stream.length <= most)
		return 0;
	if (k->options->inline_only)
		return diag_add(k->diag, HO_EKEEPER, "the stream: %s",
				human_bytes(k->stream.length));
	if (!realpath(path, k->stream_path))
		return diag_add(k->diag, HO_EFILE, "%s: %s", path,
				strerror(errno));
	rc = streamref_open(&k->ref, k->stream_path, k->diag);
	if (rc)
		return rc;
	work_add(WORK_HASHED, k->stream.length);
	return digest_of(HO_DIGEST_XXH64, k->stream.bytes, k->stream.length,
			 k->stream_digest);
}

/* One stream is taken as it is; several become one beside the output, which
 * is needed no longer than until it is in the blob. */
int pack_open_stream(struct packing *k, const char *path)
{
	char joined[PATH_MAX];
	struct stream_writer *w;
	int i, rc;

	if (k->options->stream_count == 1) {
		rc = mapped_open(&k->stream, k->options->streams[0], HO_EFILE,
				 k->diag);
		return rc ? rc : refer_to_stream(k, k->options->streams[0]);
	}
	w = calloc(1, sizeof(*w));
	if (!w)
		return diag_add(k->diag, HO_ENOMEM, "stream");
	snprintf(joined, sizeof(joined), "%s.joined", path);
	rc = stream_writer_begin(w, joined, k->diag);
	for (i = 0; i < k->options->stream_count && !rc; i++) {
		struct mapped m;

		rc = mapped_open(&m, k->options->streams[i], HO_EFILE,
				 k->diag);
		if (!rc) {
			stream_writer_join(w, m.bytes, m.length);
			rc = w->rc;
			mapped_close(&m);
		}
	}
	if (rc)
		stream_writer_abandon(w);
	else
		rc = stream_writer_end(w);
	free(w);
	if (!rc)
		rc = mapped_open(&k->stream, joined, HO_EFILE, k->diag);
	if (!rc)
		rc = refer_to_stream(k, joined);
	if (rc || !k->ref.count)
		remove(joined);		/* the mapping lives on */
	return rc;
}
