// SPDX-License-Identifier: MIT
/*
 * blob_stream.c - where the LU stream of a blob is: in it, or, by reference,
 * in pages of the pool.
 */
#include "blob_stream.h"

#include "checked.h"

struct range blob_stream_range(const struct blob *blob, uint32_t index)
{
	struct span s = span_of(blob->stream_ranges + 16ull * index, 16);
	struct range r = { 0, 0 };
	bool wraps;

	fdtread_next_range(&s, &r, &wraps);
	return r;
}

/* Whole pages of RAM, exactly as many as the stream needs. */
static int read_ranges(const struct fdt_reader *r, int node,
		       struct blob *blob, uint32_t bytes)
{
	struct span s = span_of(blob->stream_ranges, bytes);
	uint64_t left = align_up(blob->stream_bytes, HO_PAGE_BYTES);
	uint32_t hint = 0;
	struct range piece;
	bool wraps = false;

	blob->stream_range_count = bytes / 16;
	if (!bytes || bytes % 16 ||
	    blob->stream_range_count > HO_STREAM_RANGES_MAX)
		return fdtread_error(r, HO_EPROP, node, "reg");
	while (fdtread_next_range(&s, &piece, &wraps)) {
		if (!is_aligned(piece.start | piece.end, HO_PAGE_BYTES) ||
		    piece.start == piece.end || range_bytes(piece) > left)
			return fdtread_error(r, HO_EVALUE, node, "reg");
		if (!blob_in_memory(blob, piece, &hint))
			return fdtread_error(r, HO_ENOTRAM, node, "reg");
		left -= range_bytes(piece);
	}
	return wraps || left ? fdtread_error(r, HO_EVALUE, node, "reg") : 0;
}

static int read_reference(const struct fdt_reader *r, int node,
			  struct blob *blob, uint32_t reg_bytes)
{
	uint32_t bytes;
	int rc = read_ranges(r, node, blob, reg_bytes);

	if (!rc && fdtread_find(r, node, HO_FDT_DATA, &bytes))
		rc = fdtread_error(r, HO_EVALUE, node, HO_FDT_DATA);
	if (!rc)
		rc = fdtread_string(r, node, HO_FDT_FILE, &blob->stream_file);
	if (!rc)
		rc = fdtread_u32(r, node, HO_FDT_DIGEST_ALG,
				 &blob->stream_digest_alg);
	if (!rc)
		rc = fdtread_bytes(r, node, HO_FDT_DIGEST,
				   blob->stream_digest, HO_DIGEST_BYTES);
	if (!rc && (blob->stream_digest_alg == HO_DIGEST_NONE ||
		    blob->stream_digest_alg > HO_DIGEST_MAX))
		rc = fdtread_error(r, HO_EVALUE, node, HO_FDT_DIGEST_ALG);
	return rc;
}

static int read_data(const struct fdt_reader *r, int node, struct blob *blob)
{
	uint32_t bytes;

	blob->stream = fdtread_find(r, node, HO_FDT_DATA, &bytes);
	if (!blob->stream)
		return fdtread_error(r, HO_EPROP, node, HO_FDT_DATA);
	blob->stream_offset = blob->stream - (const uint8_t *)r->fdt;
	if (bytes != blob->stream_bytes)
		return fdtread_error(r, HO_EVALUE, node, HO_FDT_SIZE);
	return 0;
}

int blob_read_stream(const struct fdt_reader *r, struct blob *blob,
		     enum blob_form form)
{
	uint32_t bytes;
	int node, rc;

	if (blob->region_only) {
		node = fdtread_optional_node(r, 0, HO_FDT_STREAM);
		if (node < 0)
			return node == -FDTREAD_NONE ? 0 : node;
		return fdtread_error(r, HO_EVALUE, node, NULL);
	}
	node = fdtread_node(r, 0, HO_FDT_STREAM);
	if (node < 0)
		return node;
	if (!fdtread_is(r, node, HO_FDT_STREAM_COMPAT))
		return fdtread_error(r, HO_EBLOBCOMPAT, node, "compatible");
	rc = fdtread_u64(r, node, HO_FDT_SIZE, &blob->stream_bytes);
	if (rc)
		return rc;
	if (blob->stream_bytes > HO_STREAM_BYTES_MAX)
		return fdtread_error(r, HO_EVALUE, node, HO_FDT_SIZE);
	blob->stream_ranges = fdtread_find(r, node, "reg", &bytes);
	if (blob->stream_ranges)
		return read_reference(r, node, blob, bytes);
	if (form == BLOB_RESULT)
		return fdtread_u64(r, node, HO_FDT_DATA_ADDRESS,
				   &blob->stream_paddr);
	return read_data(r, node, blob);
}
