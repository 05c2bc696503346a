// SPDX-License-Identifier: MIT
/*
 * fuzz_mb2.c - any bytes as a multiboot2 ELF; what is accepted must have
 * segments inside the file and inside its own link range.
 */
#include "mb2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct diag_log diag;
	struct mb2_image image;
	uint32_t i;

	diag_init(&diag, HO_STAGE_PLUG);
	if (mb2_parse(&image, data, size, &diag))
		return 0;
	for (i = 0; i < image.segment_count; i++) {
		const struct mb2_segment *s = &image.segments[i];

		if (s->file_offset > size ||
		    s->file_bytes > size - s->file_offset ||
		    s->memory_bytes < s->file_bytes ||
		    s->link_paddr < image.link_start ||
		    s->link_paddr + s->memory_bytes > image.link_end)
			__builtin_trap();
	}
	if (image.entry < image.link_start || image.entry >= image.link_end)
		__builtin_trap();
	return 0;
}
