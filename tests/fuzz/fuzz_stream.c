// SPDX-License-Identifier: MIT
/*
 * fuzz_stream.c - any bytes as the LU stream of a fixed machine: the pass
 * must end with 0 or an error, and a frametable that was accepted must walk.
 * The first byte chooses whether the digest of the END record is repaired,
 * so that the fuzzer gets behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "testmachine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void repair_digest(uint8_t *bytes, size_t size)
{
	size_t end = 8 + sizeof(struct ho_rec_end);

	if (size >= end)
		digest_of(HO_DIGEST_XXH64, bytes, size - end,
			  bytes + size - HO_DIGEST_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct machine m;
	struct stream_text s;
	struct pass pass;

	if (size < 1)
		return 0;
	s = (struct stream_text){ .bytes = malloc(size), .length = size - 1 };
	if (!s.bytes)
		abort();
	memcpy(s.bytes, data + 1, size - 1);
	if (data[0] & 1)
		repair_digest(s.bytes, s.length);
	machine_setup(&m, 4 * GIB, 8 * MIB);
	if (!machine_pass(&m, &s, &pass)) {
		struct frametable_span span;
		struct frametable_view view;
		struct frametable_walk walk;
		uint64_t frames = 0;
		int rc;

		frametable_view(&pass.ft, &m.blob, &view);
		walk = frametable_walk(&view);
		while ((rc = frametable_next(&walk, &span)) > 0)
			frames += span.count;
		if (rc || frames != pass.frame_count)
			abort();
	}
	machine_teardown(&m);
	stream_text_free(&s);
	return 0;
}
