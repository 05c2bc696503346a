// SPDX-License-Identifier: MIT
/*
 * fdt_contract.c - libfdt, for proofs: what libfdt.h promises of the functions that
 * core calls, and no more. tests/unit/test_libfdt.c holds the real one against it.
 * A tree is so small that loops over it end; what is in it is anything, and
 * need not be the same when it is asked for again.
 */
#include <libfdt.h>
#include <string.h>

#include "proof.h"

#define CHILDREN_MAX	2
#define NAME_BYTES_MAX	4	/* with its NUL */
#ifndef VALUE_BYTES_MAX
#define VALUE_BYTES_MAX	17
#endif

static int children, properties;

static int negative(void)
{
	int v = any_int();

	assume(v < 0);
	return v;
}

/* A string of any length, with its NUL, and not a byte behind it. */
static const char *any_name(int *length)
{
	uint64_t bytes = any_below(NAME_BYTES_MAX) + 1, i;
	char *name = any_bytes(bytes);

	for (i = 0; i + 1 < bytes; i++)
		assume(name[i]);
	assume(!name[bytes - 1]);
	if (length)
		*length = bytes - 1;
	return name;
}

const void *fdt_getprop(const void *fdt, int node, const char *name, int *lenp)
{
	uint32_t bytes = any_below(VALUE_BYTES_MAX + 1);

	(void)fdt;
	(void)node;
	check(name != NULL);
	if (any_bool()) {
		if (lenp)
			*lenp = negative();
		return NULL;
	}
	if (lenp)
		*lenp = bytes;
	return any_bytes(bytes);
}

const void *fdt_getprop_by_offset(const void *fdt, int offset,
				  const char **namep, int *lenp)
{
	uint32_t bytes = any_below(VALUE_BYTES_MAX + 1);

	(void)fdt;
	(void)offset;
	if (any_bool()) {
		if (lenp)
			*lenp = negative();
		return NULL;		/* the name is not set */
	}
	if (namep)
		*namep = any_name(NULL);
	if (lenp)
		*lenp = bytes;
	return any_bytes(bytes);
}

const char *fdt_get_name(const void *fdt, int node, int *lenp)
{
	(void)fdt;
	(void)node;
	if (any_bool()) {
		if (lenp)
			*lenp = negative();
		return NULL;
	}
	return any_name(lenp);
}

/* "/", or more, with its NUL. */
int fdt_get_path(const void *fdt, int node, char *buf, int buflen)
{
	uint64_t at = any_u64();

	(void)fdt;
	(void)node;
	check(buflen > 0);
	if (buflen < 2 || any_bool())
		return negative();
	assume(at >= 1 && at < NAME_BYTES_MAX && at < (uint64_t)buflen);
	__CPROVER_havoc_slice(buf, buflen);
	assume(buf[0] == '/' && !buf[at]);
	return 0;
}

static int next(int *count, int most)
{
	int v = any_int();

	if (*count == most || any_bool())
		return negative();
	assume(v > 0);
	++*count;
	return v;
}

int fdt_first_subnode(const void *fdt, int offset)
{
	(void)fdt;
	(void)offset;
	children = 0;
	return next(&children, CHILDREN_MAX);
}

int fdt_next_subnode(const void *fdt, int offset)
{
	(void)fdt;
	(void)offset;
	return next(&children, CHILDREN_MAX);
}

int fdt_first_property_offset(const void *fdt, int node)
{
	(void)fdt;
	(void)node;
	properties = 0;
	return next(&properties, CHILDREN_MAX);
}

int fdt_next_property_offset(const void *fdt, int offset)
{
	(void)fdt;
	(void)offset;
	return next(&properties, CHILDREN_MAX);
}

/* POSIX: CBMC has no model of it. */
size_t strnlen(const char *s, size_t most)
{
	size_t i;

	for (i = 0; i < most && s[i]; i++)
		;
	return i;
}
