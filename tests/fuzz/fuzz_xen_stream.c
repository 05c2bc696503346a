// SPDX-License-Identifier: MIT
/*
 * fuzz_xen_stream.c - any bytes as the output of xl save. What is accepted
 * must come back byte for byte, if it has the contents of all its pages, but for
 * those of ordinary ones; the same bytes as a stripped stream must not lead anywhere outside. Both also as of
 * a guest that goes on in place.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xen_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where the n-th page of the stream stands is not known here: all zeroes, so
 * that only an input whose pages are zeroes has its digest again. */
static int read_pages(void *context, const uint64_t *pfns,
		      const uint8_t *types, uint32_t count, uint8_t *out,
		      struct diag_log *diag)
{
	(void)context, (void)pfns, (void)types, (void)diag;
	memset(out, 0, (uint64_t)count * HO_PAGE_BYTES);
	return 0;
}

/* Ordinary pages: their contents are not in the digest, and are zeroes now. */
static size_t bytes_of_ordinary(const struct xen_saved *saved)
{
	size_t bytes = 0;
	uint64_t i;

	for (i = 0; i < saved->pfn_count; i++)
		if (!saved->types[i])
			bytes += HO_PAGE_BYTES;
	return bytes;
}

static bool is_same(const char *out, const uint8_t *data, size_t length,
		    size_t but)
{
	size_t i, other = 0;

	for (i = 0; i < length; i++)
		other += out[i] != (char)data[i];
	return other <= but;
}

/* `same`: what is made has to be what it came from, but for so many bytes. */
static void inflate(const uint8_t *bytes, size_t length,
		    const uint8_t *digest, bool in_place, bool same, size_t but,
		    const uint8_t *data, size_t size)
{
	static const struct xen_start_info start = { .pfn = 3 };
	struct xen_pages pages = { .read = read_pages, .in_place = in_place,
				   .start_info = &start };
	struct diag_log diag;
	size_t made;
	char *out;
	FILE *f = open_memstream(&out, &made);

	diag_init(&diag, HO_STAGE_LOADER);
	if (!xen_stream_inflate(bytes, length, digest, &pages, f, &diag)) {
		fflush(f);
		if (same && (made > size || !is_same(out, data, made, but)))
			abort();
	} else if (!diag.total) {
		abort();
	}
	fclose(f);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t none[HO_DIGEST_BYTES];
	struct xen_saved saved;
	struct diag_log diag;
	FILE *in;

	if (!size)
		return 0;
	in = fmemopen((void *)data, size, "r");
	diag_init(&diag, HO_STAGE_LOADER);
	if (!xen_stream_strip(in, &saved, &diag)) {
		inflate(saved.bytes, saved.length, saved.digest, false,
			!saved.stays_count && !saved.absent_count,
			bytes_of_ordinary(&saved), data, size);
		inflate(saved.bytes, saved.length, saved.digest, true, false, 0,
			data, size);
		xen_saved_free(&saved);
	} else if (!diag.total) {
		abort();
	}
	fclose(in);
	inflate(data, size, none, false, true, 0, data, 0);
	inflate(data, size, none, true, false, 0, data, 0);
	return 0;
}
