/* SPDX-License-Identifier: MIT */
/*
 * region.h - the allocator of the reserved region: hands out what the staged
 * pieces leave, once, never takes back. Memory is not cleared.
 *
 * Addresses are physical. `bias` turns them into pointers: 0 in the stub
 * (identity), arena - base in hosted code. There ranges may be farther apart
 * than an address space is wide: those in `far` have a bias each.
 */
#ifndef CORE_REGION_H
#define CORE_REGION_H

#include "blob.h"
#include "diag.h"

/* A new region begins here or above: Linux, and dom0, want what is below. */
#define REGION_LOWEST	(64 * MIB)

/* one more for `spare` */
#define REGION_CHUNKS_MAX (HO_REGION_RANGES_MAX + BLOB_STAGED_MAX + 1)

/* Memory that stands somewhere else than `bias` says. */
struct region_far {
	uint32_t count;			/* 0 in the stub */
	struct range places[HO_REGION_RANGES_MAX];
	uintptr_t bias[HO_REGION_RANGES_MAX];
};

struct region_chunk {
	uint64_t next;			/* first byte not handed out */
	uint64_t end;
	uint64_t start;			/* what was handed out begins here */
};

struct region {
	uint32_t chunk_count;
	uint32_t current;		/* chunk of small allocations */
	struct region_chunk chunks[REGION_CHUNKS_MAX];
	uint64_t node_next;		/* 64-byte nodes come from one page */
	uint64_t node_end;
	uint64_t used_bytes;		/* handed out, with padding */
	uint64_t room_bytes;		/* in all chunks at the start */
	uintptr_t bias;
	struct region_far far;
	struct range spare;		/* hosted code alone: room that no range
					 * of the region has */
	/* A stream by reference: room for the page tables that show it as one
	 * piece. 0 pages: there is none. */
	uint64_t stream_tables;
	uint32_t stream_table_pages;
};

/* From the blob's ranges minus its staged pieces (`self`: where the blob
 * itself lies). HO_EREGIONSMALL when nothing is left. */
int region_init(struct region *r, const struct blob *blob, struct range self,
		uintptr_t bias, struct diag_log *diag);
/* More room than there is, for hosted code: a chunk that is used last or, when
 * it is just behind one that there is, as if that had been longer. */
void region_add_spare(struct region *r, struct range spare);
/* Take stream_tables. HO_EREGIONSMALL */
int region_take_stream(struct region *r, const struct blob *blob,
		       struct diag_log *diag);
/* What comes next starts on a page of its own. */
void region_end_pages(struct region *r);

/* `bytes` at `align` (a power of two, at least 64); 0 when there is no room.
 * O(chunks). */
uint64_t region_alloc(struct region *r, uint64_t bytes, uint64_t align);
/* One 4 KiB page; O(1) but at the end of a chunk. */
uint64_t region_page(struct region *r);
/* One 64-byte node. */
uint64_t region_node(struct region *r);

/* The bias of the physical address `pa`: that of its place in `far`, else
 * `near`. */
static inline uintptr_t region_bias(const struct region_far *far,
				    uintptr_t near, uint64_t pa)
{
	uint32_t i;

	for (i = 0; i < far->count; i++)
		if (pa >= far->places[i].start && pa < far->places[i].end)
			return far->bias[i];
	return near;
}

/* A pointer to the physical address `pa`. */
static inline void *region_at(const struct region_far *far, uintptr_t near,
			      uint64_t pa)
{
	return (void *)((uintptr_t)pa + region_bias(far, near, pa));
}

/* The same for one that region_alloc(), region_page() or region_node() gave. */
static inline void *region_va(const struct region *r, uint64_t pa)
{
	return region_at(&r->far, r->bias, pa);
}

#endif /* CORE_REGION_H */
