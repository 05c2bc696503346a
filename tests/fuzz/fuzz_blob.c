// SPDX-License-Identifier: MIT
/*
 * fuzz_blob.c - any bytes as a handover blob: parse, and if it parses run the
 * pass over an arena. Nothing may crash, and what is accepted must hold the
 * invariants. Seeds: the golden blobs.
 */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "e820.h"
#include "pass.h"

#define ARENA_BYTES (16ull << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct blob blob, tree;
static struct diag_log diag;
static struct region region;
static struct pass pass;
static struct e820_entry entries[HO_E820_BUDGET_MAX];

static uint8_t *arena(void)
{
	static uint8_t *bytes;

	if (!bytes)
		bytes = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			     0);
	if (bytes == MAP_FAILED)
		abort();
	return bytes;
}

static void check_map(void)
{
	struct e820_map map = { .entries = entries,
				.capacity = HO_E820_BUDGET_MAX };
	struct e820_report report;
	struct frametable_view view;

	frametable_view(&pass.ft, &blob, &view);
	if (!e820_build(&map, &blob, &view, &region, blob.chosen.e820_budget,
			&report, &diag) &&
	    !e820_check(&map, &blob, &view))
		abort();
}

/* From a copy, as the loader does it; accepted, it must be what it says. */
static void check_fallback(void)
{
	uint64_t bytes = range_bytes(blob.fallback_tree.place);
	void *copy = malloc(bytes);

	if (!copy)
		abort();
	memcpy(copy, blob.fallback_data, bytes);
	if (!blob_parse_fallback(&tree, &blob, copy, &diag) &&
	    !tree.region_only)
		abort();
	free(copy);
}

#ifdef __clang__
/*
 * Plain mutations of a device tree are mostly no device tree any more: every
 * other time the bytes of one property are changed in place.
 */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room,
			       unsigned int seed);
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size,
					      size_t room)
{
	(void)data;
	(void)room;
	return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room,
			       unsigned int seed)
{
	int node = 0, property, length, skip = seed >> 1 & 0x3f;
	const struct fdt_property *p = NULL;

	if (seed & 1 || fdt_check_full(data, size))
		return LLVMFuzzerMutate(data, size, room);
	while (node >= 0 && skip >= 0) {
		fdt_for_each_property_offset(property, data, node)
			if (!skip--)
				p = fdt_get_property_by_offset(data, property,
							       &length);
		node = fdt_next_node(data, node, NULL);
	}
	if (!p || !length)
		return LLVMFuzzerMutate(data, size, room);
	LLVMFuzzerMutate((uint8_t *)(uintptr_t)p->data, length, length);
	return size;
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t base;

	diag_init(&diag, HO_STAGE_VERIFY);
	if (blob_parse(&blob, data, size, BLOB_HANDOVER, &diag))
		return 0;
	if (blob.fallback.kind != TARGET_NONE)
		check_fallback();
	/* the arena stands for the first bytes of a one-range region */
	base = blob.region[0].start;
	if (range_bytes(blob.region[0]) > ARENA_BYTES)
		blob.region[0].end = base + ARENA_BYTES;
	blob.region_count = 1;
	if (region_init(&region, &blob, (struct range){ 0, 0 },
			(uintptr_t)arena() - base, &diag))
		return 0;
	if (blob.stream_range_count) {	/* nobody maps it here */
		blob.stream = data;
		blob.stream_bytes = size;
	}
	if (!pass_run(&pass, &blob, &region, &diag))
		check_map();
	return 0;
}
