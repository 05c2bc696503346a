// SPDX-License-Identifier: MIT
/*
 * fuzz_cold.c - a zero page and a cold blob behind it, as a door gets them. If
 * both are taken, the blob that comes of it must be one that the stub takes.
 */
#include <stdlib.h>
#include <string.h>

#include "bootparams.h"
#include "cold.h"

#define OUT_BYTES (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t zero_page[BOOTPARAMS_BYTES], out[OUT_BYTES];
	static struct hostmap map;
	static struct blob blob, back;
	static struct cold cold;
	static struct diag_log diag;
	struct bootparams_facts facts;
	struct range region;
	void *tree;

	if (size <= BOOTPARAMS_BYTES)
		return 0;
	memcpy(zero_page, data, BOOTPARAMS_BYTES);
	memset(zero_page + 0x250, 0, 8);	/* setup_data: an address */
	diag_init(&diag, HO_STAGE_LOADER);
	if (bootparams_read(&facts, zero_page, &map, &diag) ||
	    hostmap_settle(&map, &diag))
		return 0;
	tree = malloc(size - BOOTPARAMS_BYTES);	/* aligned, and bounded */
	memcpy(tree, data + BOOTPARAMS_BYTES, size - BOOTPARAMS_BYTES);
	if (!cold_parse(&cold, tree, size - BOOTPARAMS_BYTES, &diag) &&
	    !cold_place(&cold, &map, facts.data, facts.data_count, 1ull << 36,
			&region, &diag)) {
		cold_describe(&blob, &cold, &map, region, 120000);
		if (cold_write(&blob, out, OUT_BYTES) &&
		    blob_parse(&back, out, OUT_BYTES, BLOB_HANDOVER, &diag))
			abort();
	}
	free(tree);
	return 0;
}
