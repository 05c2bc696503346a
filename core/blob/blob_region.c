// SPDX-License-Identifier: MIT
/*
 * blob_region.c - see blob_region.h.
 */
#include "blob_region.h"

#include <libfdt.h>

#include "checked.h"

static int bad_region(const struct fdt_reader *r, int code, struct range m)
{
	return diag_add(r->diag, code, "region 0x%llx..0x%llx",
			(unsigned long long)m.start,
			(unsigned long long)m.end);
}

static int check_region(const struct fdt_reader *r, const struct blob *blob,
			struct range m)
{
	uint32_t i;

	if (!is_aligned(m.start, HO_PAGE_2M_BYTES) ||
	    !is_aligned(m.end, HO_PAGE_2M_BYTES))
		return bad_region(r, HO_EREGIONALIGN, m);
	for (i = 0; i < blob->region_count; i++)
		if (range_overlaps(blob->region[i], m))
			return bad_region(r, HO_EREGIONRANGES, m);
	if (blob->region_count == HO_REGION_RANGES_MAX)
		return bad_region(r, HO_EREGIONRANGES, m);
	for (i = 0; i < blob->memory_count; i++)
		if (range_covers(blob->memory[i], m))
			break;
	if (i == blob->memory_count || m.start < 0x100000 || m.start == m.end)
		return bad_region(r, HO_EREGIONRAM, m);
	return 0;
}

/* Kept free now: the ranges of the region cover it, one behind the other. */
static bool region_covers(const struct blob *blob, struct range r)
{
	bool found = true;
	uint32_t i;

	while (found && r.start < r.end) {
		found = false;
		for (i = 0; i < blob->region_count; i++)
			if (blob->region[i].start <= r.start &&
			    r.start < blob->region[i].end) {
				r.start = blob->region[i].end;
				found = true;
			}
	}
	return r.start >= r.end;
}

static int read_next_region(const struct fdt_reader *r, int parent,
			    struct blob *blob)
{
	struct range next;
	uint32_t bytes, hint = 0;
	int rc;

	if (!fdtread_find(r, parent, HO_FDT_NEXT_REGION, &bytes))
		return 0;
	rc = fdtread_range(r, parent, HO_FDT_NEXT_REGION, &next);
	if (rc)
		return rc;
	if (!is_aligned(next.start | next.end, HO_PAGE_2M_BYTES) ||
	    range_bytes(next) < HO_REGION_BYTES_MIN ||
	    !blob_in_memory(blob, next, &hint) || !region_covers(blob, next))
		return bad_region(r, HO_ENEXTREGION, next);
	blob->next_region = next;
	return 0;
}

int blob_read_region(const struct fdt_reader *r, struct blob *blob)
{
	int parent = fdtread_node(r, 0, HO_FDT_RESERVED);
	int node, rc = 0;
	struct range m;

	if (parent < 0)
		return parent;
	fdt_for_each_subnode(node, r->fdt, parent) {
		bool called = fdtread_is_called(r, node, HO_FDT_REGION);

		/* by both: with one of them damaged it would be RAM */
		if (fdtread_is(r, node, HO_FDT_REGION_COMPAT) != called)
			return fdtread_error(r, HO_EBLOBCOMPAT, node,
					     "compatible");
		if (!called)
			continue;
		rc = fdtread_one(r, parent, node);
		if (!rc)
			rc = fdtread_range(r, node, "reg", &m);
		if (!rc)
			rc = check_region(r, blob, m);
		if (rc)
			return rc;
		blob->region[blob->region_count++] = m;
	}
	if (!blob->region_count)
		return fdtread_error(r, HO_ENOREGION, parent, NULL);
	if (range_bytes(blob->region[0]) < HO_REGION_BYTES_MIN)
		return bad_region(r, HO_EREGIONSMALL, blob->region[0]);
	return read_next_region(r, parent, blob);
}
