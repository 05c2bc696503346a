// SPDX-License-Identifier: MIT
/*
 * fuzz_plan.c - any bytes as the target's image on a fixed machine: the first
 * says which kind of target, and whether it is a fallback. What the plan puts
 * outside the region must be RAM of the map that it gives the target.
 */
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "testmachine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct machine m;
static struct pass pass;
static struct plan plan;

static void check_places(void)
{
	uint32_t i, j;

	for (i = 0; i < plan.place.taken_count; i++) {
		for (j = 0; j < plan.map.count; j++)
			if (plan.map.entries[j].type == E820_RAM &&
			    range_covers(plan.map.entries[j].place,
					 plan.place.taken[i]))
				break;
		if (j == plan.map.count)
			abort();
	}
	for (i = 0; i < plan.copy_count; i++)
		if (plan.copies[i].file_bytes > plan.copies[i].memory_bytes)
			abort();
}

static void give_pass(void)
{
	const uint64_t words[] = { frame_word(0x1000, 4096, 0),
				   frame_word(0x30001, 3, 0) };
	struct stream_text s;

	stream_text_begin(&s);
	stream_text_domain(&s, 1, "one");
	stream_text_frames(&s, 1, words, 2);
	stream_text_domain_end(&s, 1, 4099, 2);
	stream_text_end(&s);
	if (machine_pass(&m, &s, &pass))
		abort();
	stream_text_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plan_input in = { .blob = &m.blob, .region = &m.region };
	struct blob_target *t = &m.blob.target;
	struct frametable_view owned;
	uint8_t *image;

	if (size < 2)
		return 0;
	machine_setup(&m, 2 * GIB, 192 * MIB);
	t->kind = !(data[0] & 1) ? TARGET_LINUX :
		  data[0] & 16 ? TARGET_XEN : TARGET_MULTIBOOT2;
	t->bootargs = data[0] & 2 ? "console=ttyS0" : "";
	t->image.place = (struct range){ REGION_BASE + 8 * MIB,
					 REGION_BASE + 8 * MIB + size - 1 };
	t->module_count = data[0] >> 3 & 1;
	t->modules[0].place = (struct range){ REGION_BASE + 64 * MIB,
					      REGION_BASE + 64 * MIB + 7 };
	t->modules[0].bootargs = "quiet";
	image = malloc(size - 1);
	if (!image)
		abort();
	memcpy(image, data + 1, size - 1);
	in.image = image;
	in.modules[0] = "initrd";
	m.blob.region_only = data[0] & 4;
	if (m.blob.region_only) {
		in.failed = (struct blob_failed){ REGION_BASE, 3, 101 };
	} else {
		give_pass();
		frametable_view(&pass.ft, &m.blob, &owned);
		in.owned = &owned;
		in.owned_frames = pass.frame_count;
	}
	if (!plan_build(&plan, &in, &m.diag))
		check_places();
	else if (!m.diag.total)
		abort();
	free(image);
	machine_teardown(&m);
	return 0;
}
