// SPDX-License-Identifier: MIT
/*
 * prove_blob_stream.c - a stream by reference: its pieces are whole pages of RAM, and
 * as many as it needs; one in the blob lies in it.
 *
 * proof: core/base/span.c
 * bound: 2 pieces
 * flags: --unwind 4
 */
#include "proof.h"
#include "core/blob/blob_stream.c"

bool fdtread_next_range(struct span *s, struct range *out, bool *wraps)
{
	uint64_t bytes;

	if (!span_be64(s, &out->start) || !span_be64(s, &bytes))
		return false;
	*wraps = !checked_add(out->start, bytes, &out->end);
	return !*wraps;
}
int fdtread_error(const struct fdt_reader *r, int code, int node,
		  const char *name)
{
	(void)r, (void)node, (void)name;
	return -code;
}
static uint64_t seen_pages;
static bool seen_bad;

bool blob_in_memory(const struct blob *b, struct range r, uint32_t *hint)
{
	(void)b, (void)hint;
	seen_bad |= (r.start | r.end) & 4095 || r.start >= r.end;
	seen_pages += (r.end - r.start) >> 12;
	return any_bool();
}

static struct blob blob;

int main(void)
{
	const struct fdt_reader r = { 0 };
	uint32_t bytes = any_below(33), i;

	blob.stream_ranges = any_bytes(bytes);
	blob.stream_bytes = any_below(HO_STREAM_BYTES_MAX + 1);
	if (read_ranges(&r, 0, &blob, bytes))
		return 0;
	check(!seen_bad);
	check(seen_pages == (blob.stream_bytes + 4095) / 4096);
	check(blob.stream_range_count == bytes / 16);
	i = any_below(blob.stream_range_count);
	check(range_bytes(blob_stream_range(&blob, i)) > 0);
	return 0;
}
