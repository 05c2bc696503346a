// SPDX-License-Identifier: MIT
/*
 * fdtread.c - typed reads of device-tree properties.
 */
#include "fdtread.h"

#include <libfdt.h>
#include <string.h>

#include "checked.h"

int fdtread_error(const struct fdt_reader *r, int code, int node,
		  const char *name)
{
	char path[HO_WHERE_BYTES / 2];

	if (node < 0 || fdt_get_path(r->fdt, node, path, sizeof(path)))
		memcpy(path, "?", 2);
	if (!name)
		return diag_add(r->diag, code, "%s", path);
	return diag_add(r->diag, code, "%s%s%s", path,
			path[strlen(path) - 1] == '/' ? "" : "/", name);
}

/* Each name is compared with those before it, which are few: more than
 * anybody writes are refused. */
int fdtread_properties(const struct fdt_reader *r, int node)
{
	const char *names[FDTREAD_PROPERTIES_MAX];
	uint32_t count = 0, i;
	int at;

	fdt_for_each_property_offset(at, r->fdt, node) {
		const char *name = NULL;

		fdt_getprop_by_offset(r->fdt, at, &name, NULL);
		if (!name || count == FDTREAD_PROPERTIES_MAX)
			return fdtread_error(r, HO_EBLOBDUP, node, NULL);
		for (i = 0; i < count; i++)
			if (!strcmp(names[i], name))
				return fdtread_error(r, HO_EBLOBDUP, node,
						     name);
		names[count++] = name;
	}
	return 0;
}

bool fdtread_is_called(const struct fdt_reader *r, int node,
		       const char *name)
{
	int length, want = strlen(name);
	const char *have = fdt_get_name(r->fdt, node, &length);

	return have && length >= want && !memcmp(have, name, want) &&
	       (!have[want] || have[want] == '@');
}

int fdtread_one(const struct fdt_reader *r, int parent, int node)
{
	const char *name = fdt_get_name(r->fdt, node, NULL), *other;
	int child;

	fdt_for_each_subnode(child, r->fdt, parent) {
		other = fdt_get_name(r->fdt, child, NULL);
		if (child != node && name && other && !strcmp(name, other))
			return fdtread_error(r, HO_EBLOBDUP, node, NULL);
	}
	return fdtread_properties(r, node);
}

int fdtread_optional_node(const struct fdt_reader *r, int parent,
			  const char *name)
{
	int node = -FDTREAD_NONE, child, rc;

	fdt_for_each_subnode(child, r->fdt, parent) {
		if (!fdtread_is_called(r, child, name))
			continue;
		if (node >= 0)
			return fdtread_error(r, HO_EBLOBDUP, child, NULL);
		node = child;
	}
	if (node < 0)
		return node;
	rc = fdtread_properties(r, node);
	return rc ? rc : node;
}

int fdtread_node(const struct fdt_reader *r, int parent, const char *name)
{
	int node = fdtread_optional_node(r, parent, name);

	return node == -FDTREAD_NONE ? fdtread_error(r, HO_ENODE, parent, name)
				     : node;
}

const void *fdtread_find(const struct fdt_reader *r, int node,
			 const char *name, uint32_t *bytes)
{
	int length;
	const void *value = fdt_getprop(r->fdt, node, name, &length);

	*bytes = value ? length : 0;
	return value;
}

int fdtread_bytes(const struct fdt_reader *r, int node, const char *name,
		  void *out, uint32_t bytes)
{
	uint32_t length;
	const void *value = fdtread_find(r, node, name, &length);

	if (!value || length != bytes)
		return fdtread_error(r, HO_EPROP, node, name);
	memcpy(out, value, bytes);
	return 0;
}

int fdtread_u32(const struct fdt_reader *r, int node, const char *name,
		uint32_t *out)
{
	fdt32_t cell;
	int rc = fdtread_bytes(r, node, name, &cell, sizeof(cell));

	if (!rc)
		*out = fdt32_to_cpu(cell);
	return rc;
}

int fdtread_u64(const struct fdt_reader *r, int node, const char *name,
		uint64_t *out)
{
	fdt64_t cells;
	int rc = fdtread_bytes(r, node, name, &cells, sizeof(cells));

	if (!rc)
		*out = fdt64_to_cpu(cells);
	return rc;
}

int fdtread_optional_u32(const struct fdt_reader *r, int node,
			 const char *name, uint32_t *out)
{
	uint32_t bytes;

	return fdtread_find(r, node, name, &bytes)
		       ? fdtread_u32(r, node, name, out) : 0;
}

int fdtread_optional_u64(const struct fdt_reader *r, int node,
			 const char *name, uint64_t *out)
{
	uint32_t bytes;

	return fdtread_find(r, node, name, &bytes)
		       ? fdtread_u64(r, node, name, out) : 0;
}

int fdtread_string(const struct fdt_reader *r, int node, const char *name,
		   const char **out)
{
	uint32_t bytes;
	const char *value = fdtread_find(r, node, name, &bytes);

	if (!value || !bytes || strnlen(value, bytes) != bytes - 1)
		return fdtread_error(r, HO_EPROP, node, name);
	*out = value;
	return 0;
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
	uint32_t bytes;
	const void *value = fdtread_find(r, node, name, &bytes);
	struct span s = span_of(value, bytes);
	bool wraps = false;

	if (!value || bytes != 16)
		return fdtread_error(r, HO_EPROP, node, name);
	if (!fdtread_next_range(&s, out, &wraps))
		return fdtread_error(r, HO_EVALUE, node, name);
	return 0;
}

bool fdtread_is(const struct fdt_reader *r, int node, const char *compatible)
{
	uint32_t left, want = strlen(compatible) + 1, n;
	const char *list = fdtread_find(r, node, "compatible", &left);

	while (list && left >= want) {
		n = strnlen(list, left) + 1;	/* more than left: no NUL */
		if (n == want && !memcmp(list, compatible, want))
			return true;
		if (n >= left)
			return false;
		list += n;
		left -= n;
	}
	return false;
}
