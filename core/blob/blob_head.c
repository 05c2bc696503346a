// SPDX-License-Identifier: MIT
/*
 * blob_head.c - see blob_head.h.
 */
#include "blob_head.h"

#include <libfdt.h>

#include "handover/fdt.h"

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
	if (bytes > INT32_MAX || fdt_check_full(r->fdt, bytes))
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
