/* SPDX-License-Identifier: MIT */
/*
 * leftover.h - what an update leaves in memory, made by core/'s own writers
 * over a stream: a region with breadcrumb, blob, frametable and result tree.
 */
#ifndef TESTS_XEN_LEFTOVER_H
#define TESTS_XEN_LEFTOVER_H

#include "testmachine.h"

#define LEFTOVER_BYTES	(8 * MIB)	/* of the region, at REGION_BASE */
#define LEFTOVER_RAM	(1024 * MIB)

struct leftover {
	uint8_t *region;
	uint64_t ram;			/* of the machine; 0: LEFTOVER_RAM */
	uint64_t blob, tree;		/* physical */
	uint64_t tree_bytes, stream, stream_bytes;
	uint64_t root;			/* of the frametable */
};

/* Make it. False: the stream is one that the pass refuses; the region then has
 * a blob and no more. `l` is zero the first time. */
bool leftover_make(struct leftover *l, const void *stream, size_t bytes);
/* The breadcrumb; leftover_seal() after a change. */
struct ho_breadcrumb *leftover_crumb(struct leftover *l);
void leftover_seal(struct leftover *l);
/* The digest of the END record of the stream, anew. */
void leftover_seal_stream(struct leftover *l);
/* Bytes of the region by physical address; NULL outside of it. */
void *leftover_at(struct leftover *l, uint64_t pa, uint64_t bytes);

#endif /* TESTS_XEN_LEFTOVER_H */
