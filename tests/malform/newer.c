// SPDX-License-Identifier: MIT
/*
 * newer.c - a tree, an entry block or a breadcrumb of a writer to come, for
 * readers to come: otherwise what it was, and sealed. An entry block may stand
 * anywhere in the file, as in an image.
 */
#include "malform.h"

#include <libfdt.h>
#include <string.h>

#include "digest.h"
#include "handover/fdt.h"

#define NEWER (HO_ABI_VERSION + 1)

static void newer_tree(uint8_t *fdt)
{
	int node = fdt_path_offset(fdt, "/" HO_FDT_RESULT);
	fdt32_t cell = cpu_to_fdt32(NEWER);

	/* the result's own pair where it has one, else the root's */
	if (node < 0 || !fdt_getprop(fdt, node, HO_FDT_VERSION, NULL))
		node = 0;
	if (fdt_setprop_inplace(fdt, node, HO_FDT_VERSION, &cell, 4) ||
	    fdt_setprop_inplace(fdt, node, HO_FDT_COMPAT, &cell, 4))
		malform_die("no pair of versions");
}

static void newer_entry(uint8_t *at)
{
	struct ho_entry e;

	memcpy(&e, at, sizeof(e));
	e.version = e.compat = NEWER;
	entry_seal(&e);
	memcpy(at, &e, sizeof(e));
}

static void newer_crumb(uint8_t *at)
{
	struct ho_breadcrumb c;

	memcpy(&c, at, sizeof(c));
	c.version = c.compat = NEWER;
	breadcrumb_seal(&c);
	memcpy(at, &c, sizeof(c));
}

/* It begins with a magic, and its field `bytes` is right. */
static bool is_struct(const uint8_t *at, uint64_t magic, uint32_t bytes)
{
	return !memcmp(at, &magic, sizeof(magic)) &&
	       !memcmp(at + 12, &bytes, sizeof(bytes));
}

void malform_newer(uint8_t *bytes, size_t length)
{
	size_t at;

	if (length > sizeof(struct fdt_header) && !fdt_check_header(bytes)) {
		newer_tree(bytes);
		return;
	}
	for (at = 0; at + sizeof(struct ho_entry) <= length; at++) {
		if (is_struct(bytes + at, HO_ENTRY_MAGIC,
			      sizeof(struct ho_entry))) {
			newer_entry(bytes + at);
			return;
		}
		if (length - at >= sizeof(struct ho_breadcrumb) &&
		    is_struct(bytes + at, HO_BREADCRUMB_MAGIC,
			      sizeof(struct ho_breadcrumb))) {
			newer_crumb(bytes + at);
			return;
		}
	}
	malform_die("nothing that has a version");
}
