// SPDX-License-Identifier: MIT
/*
 * blob_head.c - see blob_head.h.
 */
#include "blob_head.h"

#include <libfdt.h>

#include "handover/fdt.h"

/* What fdt_check_full() (libfdt 1.6.1) may let through: another root, a root
 * with a name, and properties behind nodes, which libfdt itself does not see. And
 * what it never comes back from: a property of -12 bytes ends where it begins. */
static bool is_one_tree(const void *fdt)
{
	int offset = 0, next, depth = 0, length = -1;
	uint32_t tag = fdt_next_tag(fdt, 0, &next), before = FDT_BEGIN_NODE;

	if (tag != FDT_BEGIN_NODE || !fdt_get_name(fdt, 0, &length) || length)
		return false;
	for (;; offset = next) {
		tag = fdt_next_tag(fdt, offset, &next);
		if (next <= offset)
			return false;
		if (tag == FDT_NOP)
			continue;
		if (tag == FDT_END ||
		    (tag == FDT_PROP && before == FDT_END_NODE))
			return false;
		if (tag == FDT_BEGIN_NODE)
			depth++;
		if (tag == FDT_END_NODE && !--depth)
			return fdt_next_tag(fdt, next, &next) == FDT_END;
		before = tag;
	}
}

int blob_check_header(const struct fdt_reader *r, uint64_t available,
		      uint32_t *total)
{
	uint32_t bytes;

	if (available < sizeof(struct fdt_header))
		return diag_add(r->diag, HO_EBLOBTRUNC, "%llu bytes",
				(unsigned long long)available);
	if (fdt_magic(r->fdt) != FDT_MAGIC)
		return diag_add(r->diag, HO_EBLOBMAGIC, "magic 0x%08x",
				fdt_magic(r->fdt));
	bytes = fdt_totalsize(r->fdt);
	if (bytes > available)
		return diag_add(r->diag, HO_EBLOBTRUNC,
				"%llu bytes of %u",
				(unsigned long long)available, bytes);
	/* below 16 fdt_check_full() itself reads from a NULL (libfdt 1.6.1) */
	if (fdt_version(r->fdt) < FDT_LAST_SUPPORTED_VERSION)
		return diag_add(r->diag, HO_EBLOBTREE,
				"version %u of the tree's format",
				fdt_version(r->fdt));
	if (bytes > INT32_MAX || fdt_check_header(r->fdt) ||
	    !is_one_tree(r->fdt) || fdt_check_full(r->fdt, bytes))
		return diag_add(r->diag, HO_EBLOBTREE, "structure of the tree");
	*total = bytes;
	return 0;
}

int blob_check_version(const struct fdt_reader *r, int node,
		       uint32_t *version, uint32_t *compat)
{
	int rc = fdtread_u32(r, node, HO_FDT_VERSION, version);

	if (!rc)
		rc = fdtread_u32(r, node, HO_FDT_COMPAT, compat);
	if (rc || HO_MAY_READ(*version, *compat))
		return rc;
	return diag_version(r->diag, node ? "result" : "blob", *version,
			    *compat);
}
