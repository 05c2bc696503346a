/* SPDX-License-Identifier: MIT */
/*
 * fdtwrite.h - sequential writing of a device tree in which the first error
 * sticks, so that a writer reads as the tree does.
 */
#ifndef CORE_FDTWRITE_H
#define CORE_FDTWRITE_H

#include <stdint.h>
#include <string.h>

struct fdtwrite {
	void *fdt;
	int rc;				/* libfdt's, 0: none yet */
};

/* Begin a tree in a buffer; fdtwrite_finish() returns its size, 0 on error. */
void fdtwrite_start(struct fdtwrite *w, void *buffer, uint64_t bytes);
/* End the root node and the tree. Returns its size in bytes; 0 when any call
 * failed, and w->rc then has libfdt's code. */
uint32_t fdtwrite_finish(struct fdtwrite *w);

/* Begin a child of the open node. fdtwrite_end() ends it. */
void fdtwrite_begin(struct fdtwrite *w, const char *name);
/* name@address, and reg = <address bytes> when bytes is not 0 */
void fdtwrite_begin_at(struct fdtwrite *w, const char *name,
		       uint64_t address, uint64_t bytes);
/* End the node that was begun last. */
void fdtwrite_end(struct fdtwrite *w);
/* A property of `length` bytes, copied as they are. Properties of a node
 * come before its children. */
void fdtwrite_bytes(struct fdtwrite *w, const char *name, const void *bytes,
		    uint32_t length);
/* Room for a property that the caller fills in; NULL on error. */
void *fdtwrite_room(struct fdtwrite *w, const char *name, uint32_t length);
/* A property of one big-endian cell. */
void fdtwrite_u32(struct fdtwrite *w, const char *name, uint32_t v);
/* A property of two big-endian cells. */
void fdtwrite_u64(struct fdtwrite *w, const char *name, uint64_t v);
/* A property without a value. */
void fdtwrite_flag(struct fdtwrite *w, const char *name);

/* A property that is one string, with its NUL. */
static inline void fdtwrite_string(struct fdtwrite *w, const char *name,
				   const char *text)
{
	fdtwrite_bytes(w, name, text, strlen(text) + 1);
}

/* #address-cells and #size-cells */
static inline void fdtwrite_cells(struct fdtwrite *w, uint32_t address,
				  uint32_t size)
{
	fdtwrite_u32(w, "#address-cells", address);
	fdtwrite_u32(w, "#size-cells", size);
}

#endif /* CORE_FDTWRITE_H */
