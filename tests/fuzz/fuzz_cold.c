// SPDX-License-Identifier: MIT
/*
 * fuzz_cold.c - what a boot loader leaves, and a cold blob, as a door gets
 * them. First byte: which door, and state and stage of the breadcrumb of an
 * earlier boot. The rest is memory from ARENA on, and the
 * door's information lies there; the blob is where that says, or, for want of
 * it, behind a zero page. If all is taken, the blob that comes of it must be one
 * that the stub takes.
 */
#include <stdlib.h>
#include <string.h>

#include "bootparams.h"
#include "bootparams_read.h"
#include "cold.h"
#include "digest.h"
#include "mb2_read.h"
#include "pvh.h"

#define ARENA 0x10000ull
#define OUT_BYTES (1 << 20)

static struct hostmap map;
static struct facts facts;
static struct diag_log diag;
static uint8_t efi_map[HO_EFI_MAP_BYTES_MAX];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_door(unsigned int door, const struct physmem *memory)
{
	switch (door % 3) {
	case 0:
		return bootparams_read(&facts, &map, memory, ARENA, &diag);
	case 1:
		return mb2_info_read(&facts, &map, memory, ARENA, &diag);
	default:
		return pvh_read(&facts, &map, memory, ARENA, &diag);
	}
}

/* A page that an earlier boot has left, and this one finds intact. */
static void look_back(struct blob *blob, unsigned int first)
{
	struct ho_breadcrumb crumb = {
		.magic = HO_BREADCRUMB_MAGIC, .compat = HO_CRUMB_COMPAT,
		.version = HO_ABI_VERSION,
		.bytes = sizeof(crumb), .region_base = blob->region[0].start,
		.state = first / 3 % 8, .stage = first / 24, .error = first,
	};

	breadcrumb_seal(&crumb);
	cold_look_back(blob, &crumb);
}

static void start(unsigned int first, const void *tree, uint64_t bytes)
{
	static uint8_t out[OUT_BYTES];
	static struct blob blob, back;
	static struct cold cold;
	struct range region;

	if (cold_parse(&cold, tree, bytes, &diag) ||
	    cold_place(&cold, &map, facts.taken, facts.taken_count,
		       1ull << 36, &region, &diag))
		return;
	cold_describe(&blob, &cold, &map, region, 120000);
	look_back(&blob, first);
	blob.efi = facts.efi;
	facts_show_screen(&facts, &blob);
	if (cold_write(&blob, out, OUT_BYTES) &&
	    (blob_parse(&back, out, OUT_BYTES, BLOB_HANDOVER, &diag) ||
	     memcmp(&back.previous, &blob.previous, sizeof(back.previous))))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct physmem memory = { ARENA, ARENA + size - 1, 0 };
	struct range blob;
	uint8_t *bytes;

	if (size < 2)
		return 0;
	bytes = malloc(size - 1);	/* aligned, and bounded */
	memcpy(bytes, data + 1, size - 1);
	memory.bias = (uintptr_t)bytes - ARENA;
	diag_init(&diag, HO_STAGE_LOADER);
	map.raw_count = 0;
	if (!read_door(data[0], &memory) &&
	    !facts_find_rsdp(&facts, &map, &memory, &diag) &&
	    !facts_take_efi(&facts, &map, &memory, efi_map, &diag, &diag) &&
	    !hostmap_settle(&map, &diag)) {
		blob = facts.blob;
		if (!physmem_at(&memory, blob.start, range_bytes(blob)) &&
		    size - 1 > BOOTPARAMS_BYTES)
			blob = (struct range){ ARENA + BOOTPARAMS_BYTES,
					       memory.end };
		if (range_bytes(blob) && physmem_at(&memory, blob.start,
						    range_bytes(blob)))
			start(data[0], physmem_at(&memory, blob.start,
					 range_bytes(blob)),
			      range_bytes(blob));
	}
	free(bytes);
	return 0;
}
