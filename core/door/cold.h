/* SPDX-License-Identifier: MIT */
/*
 * cold.h - the first boot: from a cold blob and the firmware's map to a blob
 * that the stub takes as it takes any. Shapes: handover/fdt.h.
 *
 *	cold_parse -> cold_place -> cold_describe -> cold_write
 */
#ifndef CORE_COLD_H
#define CORE_COLD_H

#include "blob.h"
#include "hostmap.h"

struct cold {
	uint64_t region_bytes;		/* 0: cold_region_bytes() of RAM */
	uint64_t region_base;		/* 0: anywhere */
	uint32_t on_failure;		/* HALT or RESET */
	uint32_t e820_budget;
	uint32_t uart_port;		/* 0: none */
	uint32_t uart_baud;
	struct blob_target target;	/* places start at 0 until described */
	struct blob_trust trust;	/* manifest_bytes 0: none */
	const void *data[1 + HO_TARGET_MODULES_MAX]; /* image, then modules */
};

/* HO_EDOOR for any other tree, a handover's among them, and for one that is
 * not at a multiple of 8 bytes, which libfdt wants; codes of the tree as in
 * blob_parse(). Pointers point into `bytes`. */
int cold_parse(struct cold *c, const void *bytes, uint64_t available,
	       struct diag_log *diag);

/* Returns 0 when the files fit into a region of so many bytes.
 * HO_ECOLDSMALL. */
int cold_check_room(const struct cold *c, uint64_t region_bytes,
		    struct diag_log *diag);

/* What a host of so much RAM gets: room for images and fallback (an eighth,
 * 128 to 512 MiB) and for tables (1 KiB per MiB). */
uint64_t cold_region_bytes(uint64_t ram_bytes);

/*
 * Where the region goes: at its base, or as high as possible below 4 GiB, or
 * else as high as possible below `limit`; in RAM, away from `taken`. HO_ECOLDROOM
 * with what was looked for, HO_EREGIONALIGN, HO_ECOLDSMALL when the images
 * do not fit.
 */
int cold_place(const struct cold *c, const struct hostmap *map,
	       const struct range *taken, uint32_t taken_count,
	       uint64_t limit, struct range *region, struct diag_log *diag);

/* Fill `b`: generation 0, the images placed one behind the other. The stub is
 * `stub_bytes` long. Returns where the blob itself goes. */
uint64_t cold_describe(struct blob *b, const struct cold *c,
		       const struct hostmap *map, struct range region,
		       uint64_t stub_bytes);

/* Describe in `b` (previous) the breadcrumb of an earlier boot, of something
 * that did not complete, if `page`, the first of the region, holds one. Call
 * it before anything is written there. */
void cold_look_back(struct blob *b, const void *page);

/* The blob, with a stream that names nobody: its size, 0: no room. */
uint32_t cold_write(const struct blob *b, void *buffer, uint64_t bytes);

#endif /* CORE_COLD_H */
