// SPDX-License-Identifier: MIT
/*
 * prove_result.c - the result tree: what is let through points into the region, the
 * stream into its blob, and no list is longer than its room.
 *
 * proof: core/base/span.c
 * bound: lists of 2 entries, a region of 2 ranges
 * flags: --unwind 9
 */
#include "proof.h"
#include "core/result/result_read.c"

/* As fdtread.h promises. */
int fdtread_node(const struct fdt_reader *r, int parent, const char *name)
{
	int v = any_int();

	(void)r, (void)parent, (void)name;
	return v;
}
int fdtread_optional_node(const struct fdt_reader *r, int parent,
			  const char *name)
{
	(void)r, (void)parent, (void)name;
	return any_int();
}
const void *fdtread_find(const struct fdt_reader *r, int node,
			 const char *name, uint32_t *bytes)
{
	(void)r, (void)node, (void)name;
	*bytes = any_bool() ? 0 : any_below(41);
	return *bytes ? any_bytes(*bytes) : NULL;
}
int fdtread_error(const struct fdt_reader *r, int code, int node,
		  const char *name)
{
	(void)r, (void)node, (void)name;
	return -code;
}
int fdtread_bytes(const struct fdt_reader *r, int node, const char *name,
		  void *out, uint32_t bytes)
{
	(void)r, (void)node, (void)name;
	__CPROVER_havoc_slice(out, bytes);
	return any_bool() ? -HO_EPROP : 0;
}
int fdtread_u32(const struct fdt_reader *r, int node, const char *name,
		uint32_t *out)
{
	return fdtread_bytes(r, node, name, out, sizeof(*out));
}
int fdtread_u64(const struct fdt_reader *r, int node, const char *name,
		uint64_t *out)
{
	return fdtread_bytes(r, node, name, out, sizeof(*out));
}
bool fdtread_next_range(struct span *s, struct range *out, bool *wraps)
{
	uint64_t bytes;

	if (!span_be64(s, &out->start) || !span_be64(s, &bytes))
		return false;
	*wraps = !checked_add(out->start, bytes, &out->end);
	return !*wraps;
}
int fdtread_range(const struct fdt_reader *r, int node, const char *name,
		  struct range *out)
{
	(void)r, (void)node, (void)name;
	out->start = any_u64();
	out->end = any_u64();
	assume(out->start <= out->end);
	return any_bool() ? -HO_EPROP : 0;
}
bool fdtread_is(const struct fdt_reader *r, int node, const char *c)
{
	(void)r, (void)node, (void)c;
	return any_bool();
}
int blob_check_version(const struct fdt_reader *r, int node,
		       uint32_t *version, uint32_t *compat)
{
	(void)r, (void)node;
	*version = any_u32();
	*compat = any_u32();
	return any_bool() ? -HO_EBLOBVERSION : 0;
}
int fdt_subnode_offset(const void *fdt, int parent, const char *name)
{
	(void)fdt, (void)parent, (void)name;
	return any_int();
}

static struct result result;
static struct blob blob;

static bool whole_in_region(uint64_t at, uint64_t bytes)
{
	uint32_t i;

	for (i = 0; i < blob.region_count; i++)
		if (at >= blob.region[i].start && at <= blob.region[i].end &&
		    bytes <= blob.region[i].end - at)
			return true;
	return false;
}

int main(void)
{
	uint32_t i;

	blob.region_count = any_below(2) + 1;
	for (i = 0; i < 2; i++) {
		blob.region[i] = (struct range){ any_u64(), any_u64() };
		assume(blob.region[i].start < blob.region[i].end);
	}
	blob.stream_bytes = any_below(HO_STREAM_BYTES_MAX + 1);
	blob.stream_paddr = any_u64();
	blob.stream_range_count = any_u32();
	if (result_parse(&result, &blob, NULL))
		return 0;
	check(whole_in_region(result.blob_paddr, result.blob_bytes));
	check(whole_in_region(result.log_paddr, result.log_bytes));
	check(whole_in_region(result.frametable_root, HO_PAGE_BYTES));
	check(!(result.frametable_root & 4095));
	check(!result.domain_table_bytes ||
	      whole_in_region(result.domain_table,
			      result.domain_table_bytes));
	check(result.domain_table_bytes ==
	      (uint64_t)result.domain_count * sizeof(struct ho_domain));
	check(result.map_count <= 2 && result.not_plugged_count <= 2);
	if (!blob.stream_range_count)
		check(blob.stream_paddr >= result.blob_paddr &&
		      blob.stream_bytes <= result.blob_bytes &&
		      blob.stream_paddr - result.blob_paddr <=
		      result.blob_bytes - blob.stream_bytes);
	return 0;
}
