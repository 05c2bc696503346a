// SPDX-License-Identifier: MIT
/*
 * result_read.c - the reader of the result tree, for the new instance and
 * the payload. Trusts nothing.
 */
#include "result.h"

#include <libfdt.h>
#include <string.h>

#include "blob_head.h"
#include "blob_target.h"
#include "checked.h"
#include "fdtread.h"

static bool in_region(const struct blob *blob, uint64_t address,
		      uint64_t bytes)
{
	uint32_t i;

	for (i = 0; i < blob->region_count; i++)
		if (address >= blob->region[i].start &&
		    address <= blob->region[i].end &&
		    blob->region[i].end - address >= bytes)
			return true;
	return false;
}

/* The first child called name@...: its offset and reg. 0 offset: none. */
static int child_reg(const struct fdt_reader *r, const struct blob *blob,
		     int parent, const char *name, struct range *reg,
		     int *child)
{
	int rc;

	*child = fdtread_node(r, parent, name);
	if (*child < 0)
		return *child;
	rc = fdtread_range(r, *child, "reg", reg);
	if (rc)
		return rc;
	if (!in_region(blob, reg->start, range_bytes(*reg)))
		return fdtread_error(r, HO_EVALUE, *child, "reg");
	return 0;
}

static int read_map(const struct fdt_reader *r, int node,
		    struct result *result)
{
	uint32_t bytes, type;
	const void *value = fdtread_find(r, node, HO_FDT_MEMORY_MAP, &bytes);
	struct span s = span_of(value, bytes);
	struct range place;
	bool wraps = false;

	if (!value || bytes % 20 || bytes / 20 > HO_E820_BUDGET_MAX)
		return fdtread_error(r, HO_EPROP, node, HO_FDT_MEMORY_MAP);
	while (span_be32(&s, &type) && fdtread_next_range(&s, &place, &wraps))
		result->map[result->map_count++] =
			(struct e820_entry){ place, type };
	return wraps ? fdtread_error(r, HO_EVALUE, node, HO_FDT_MEMORY_MAP)
		     : 0;
}

static int read_not_plugged(const struct fdt_reader *r, int node,
			    struct result *result)
{
	uint32_t bytes;
	const void *value = fdtread_find(r, node, HO_FDT_NOT_PLUGGED, &bytes);
	struct span s = span_of(value, bytes);
	struct range place;
	bool wraps = false;

	if (!value || bytes % 16 || bytes / 16 > HO_NOT_PLUGGED_MAX)
		return fdtread_error(r, HO_EPROP, node, HO_FDT_NOT_PLUGGED);
	while (fdtread_next_range(&s, &place, &wraps))
		result->not_plugged[result->not_plugged_count++] = place;
	return wraps ? fdtread_error(r, HO_EVALUE, node, HO_FDT_NOT_PLUGGED)
		     : 0;
}

static int read_frametable(const struct fdt_reader *r,
			   const struct blob *blob, int node,
			   struct result *result)
{
	struct range reg;
	uint32_t levels;
	int child, rc;

	rc = child_reg(r, blob, node, HO_FDT_FRAMETABLE, &reg, &child);
	if (rc)
		return rc;
	result->frametable_root = reg.start;
	if (range_bytes(reg) != HO_PAGE_BYTES ||
	    !is_aligned(reg.start, HO_PAGE_BYTES))
		return fdtread_error(r, HO_EVALUE, child, "reg");
	rc = fdtread_u32(r, child, HO_FDT_LEVELS, &levels);
	if (!rc && levels != HO_FT_LEVELS)
		rc = fdtread_error(r, HO_EVALUE, child, HO_FDT_LEVELS);
	if (!rc)
		rc = fdtread_u32(r, child, HO_FDT_TABLES, &result->tables);
	return rc ? rc : fdtread_u32(r, child, HO_FDT_RUNS, &result->runs);
}

static int read_domain_table(const struct fdt_reader *r,
			     const struct blob *blob, int node,
			     struct result *result)
{
	uint32_t entry_size;
	struct range reg;
	int child, rc;

	/* absent when nothing was kept */
	child = fdtread_optional_node(r, node, HO_FDT_DOMAIN_TABLE);
	if (child == -FDTREAD_NONE)
		return 0;
	rc = child_reg(r, blob, node, HO_FDT_DOMAIN_TABLE, &reg, &child);
	if (!rc)
		rc = fdtread_u32(r, child, HO_FDT_COUNT,
				 &result->domain_count);
	if (!rc)
		rc = fdtread_u32(r, child, HO_FDT_ENTRY_SIZE, &entry_size);
	if (rc)
		return rc;
	if (entry_size != sizeof(struct ho_domain) ||
	    range_bytes(reg) != (uint64_t)result->domain_count * entry_size)
		return fdtread_error(r, HO_EVALUE, child, HO_FDT_COUNT);
	result->domain_table = reg.start;
	result->domain_table_bytes = range_bytes(reg);
	return 0;
}

static int read_numbers(const struct fdt_reader *r, int node,
			struct result *result)
{
	fdt64_t tsc[8];
	int i, rc;

	rc = fdtread_bytes(r, node, HO_FDT_STAGE_TSC, tsc, sizeof(tsc));
	for (i = 0; !rc && i < 8; i++)
		result->stage_tsc[i] = fdt64_to_cpu(tsc[i]);
	if (!rc)
		rc = fdtread_u64(r, node, HO_FDT_FRAMES_OWNED,
				 &result->frames_owned);
	if (!rc)
		rc = fdtread_u64(r, node, HO_FDT_FRAMES_PLUGGED,
				 &result->frames_plugged);
	if (!rc)
		rc = fdtread_u64(r, node, HO_FDT_FRAMES_UNPLUGGED,
				 &result->frames_unplugged);
	if (!rc)
		rc = fdtread_u64(r, node, HO_FDT_REGION_USED,
				 &result->region_used);
	return rc;
}

/* Of the stub, which may be another than the loader's; version 1 has none. */
static int read_versions(const struct fdt_reader *r, int node,
			 struct result *result)
{
	uint32_t bytes, compat;

	result->version = 1;
	if (!fdtread_find(r, node, HO_FDT_VERSION, &bytes))
		return 0;
	return blob_check_version(r, node, &result->version, &compat);
}

/* The stream lies in the blob that it came in. */
static int check_stream(const struct fdt_reader *r, const struct blob *blob,
			struct range reg)
{
	if (blob->stream_paddr >= reg.start && blob->stream_paddr <= reg.end &&
	    reg.end - blob->stream_paddr >= blob->stream_bytes)
		return 0;
	return fdtread_error(r, HO_EVALUE,
			     fdt_subnode_offset(r->fdt, 0, HO_FDT_STREAM),
			     HO_FDT_DATA_ADDRESS);
}

int result_parse(struct result *result, const struct blob *blob,
		 struct diag_log *diag)
{
	struct fdt_reader r = { .fdt = blob->fdt, .diag = diag };
	int node = fdtread_node(&r, 0, HO_FDT_RESULT), child, rc;
	struct range blob_reg = { 0 }, log_reg = { 0 };

	memset(result, 0, sizeof(*result));
	if (node < 0)
		return node;
	if (!fdtread_is(&r, node, HO_FDT_RESULT_COMPAT))
		return fdtread_error(&r, HO_EBLOBCOMPAT, node, "compatible");
	rc = read_versions(&r, node, result);
	if (!rc)
		rc = read_numbers(&r, node, result);
	if (!rc)
		rc = read_map(&r, node, result);
	if (!rc)
		rc = read_not_plugged(&r, node, result);
	if (!rc)
		rc = child_reg(&r, blob, node, HO_FDT_BLOB, &blob_reg, &child);
	if (!rc)
		rc = child_reg(&r, blob, node, HO_FDT_LOG, &log_reg, &child);
	if (!rc)
		rc = read_frametable(&r, blob, node, result);
	if (!rc)
		rc = read_domain_table(&r, blob, node, result);
	if (!rc && !blob->stream_range_count)
		rc = check_stream(&r, blob, blob_reg);
	result->blob_paddr = blob_reg.start;
	result->blob_bytes = range_bytes(blob_reg);
	result->log_paddr = log_reg.start;
	result->log_bytes = range_bytes(log_reg);
	return rc;
}
