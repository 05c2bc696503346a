/* SPDX-License-Identifier: MIT */
/*
 * fdtread.h - typed reads of device-tree properties with the place recorded
 * on failure. Shared by the readers of the blob and of the result; not for
 * anyone who has a validated struct.
 */
#ifndef CORE_FDTREAD_H
#define CORE_FDTREAD_H

#include "diag.h"
#include "span.h"

struct fdt_reader {
	const void *fdt;
	struct diag_log *diag;
};

/* More properties than a node that anybody reads has: README rule 21. */
#define FDTREAD_PROPERTIES_MAX	64

/* Offset of the one child node of that name, its unit address left out.
 * -HO_ENODE (recorded), -HO_EBLOBDUP (recorded): there are two, or it has two
 * properties of one name. */
int fdtread_node(const struct fdt_reader *r, int parent, const char *name);
/* The same, but -FDTREAD_NONE and nothing recorded when there is none. */
int fdtread_optional_node(const struct fdt_reader *r, int parent,
			  const char *name);
#define FDTREAD_NONE	HO_ENODE

/* True for a node whose name, without unit address, is `name`. */
bool fdtread_is_called(const struct fdt_reader *r, int node,
		       const char *name);
/* For a node that may be there more than once: no other child of `parent` has
 * its whole name, and its properties are one of a name each. 0, or
 * -HO_EBLOBDUP (recorded). */
int fdtread_one(const struct fdt_reader *r, int parent, int node);
/* The latter alone. */
int fdtread_properties(const struct fdt_reader *r, int node);

/* Bytes of a property; NULL when it is absent. Records nothing. */
const void *fdtread_find(const struct fdt_reader *r, int node,
			 const char *name, uint32_t *bytes);

/* Each returns 0 or -HO_EPROP (recorded): absent or not of that size. */
int fdtread_bytes(const struct fdt_reader *r, int node, const char *name,
		  void *out, uint32_t bytes);
/* One big-endian cell. Returns 0, or -HO_EPROP (recorded): absent, or not 4
 * bytes. */
int fdtread_u32(const struct fdt_reader *r, int node, const char *name,
		uint32_t *out);
/* Two big-endian cells. Returns 0, or -HO_EPROP (recorded): absent, or not 8
 * bytes. */
int fdtread_u64(const struct fdt_reader *r, int node, const char *name,
		uint64_t *out);
/* A single NUL-terminated string. */
int fdtread_string(const struct fdt_reader *r, int node, const char *name,
		   const char **out);
/* {u64 base, u64 bytes}: -HO_EVALUE when it wraps. */
int fdtread_range(const struct fdt_reader *r, int node, const char *name,
		  struct range *out);
/* The next such pair of a property being read; false at the end or when it
 * wraps (*wraps set). */
bool fdtread_next_range(struct span *s, struct range *out, bool *wraps);

/* Like the above, but absence leaves *out as it is and returns 0. */
int fdtread_optional_u32(const struct fdt_reader *r, int node,
			 const char *name, uint32_t *out);
/* The same for two cells: 0, also when it is absent; -HO_EPROP (recorded)
 * for another size. */
int fdtread_optional_u64(const struct fdt_reader *r, int node,
			 const char *name, uint64_t *out);

/* Record an error at a node (and property, which may be NULL). */
int fdtread_error(const struct fdt_reader *r, int code, int node,
		  const char *name);

/* True when the node's list of compatible strings, each with its NUL, has
 * this one. */
bool fdtread_is(const struct fdt_reader *r, int node, const char *compatible);

#endif /* CORE_FDTREAD_H */
