// SPDX-License-Identifier: MIT
/*
 * kernelpayload.c - see kernelpayload.h. What Linux packs its kernel with:
 * scripts/Makefile.lib, *_with_size; arch/x86/boot/compressed/Makefile.
 */
#include "kernelpayload.h"

#include <lz4.h>
#include <lzma.h>
#include <string.h>
#include <sys/mman.h>
#include <zstd.h>

#include "span.h"
#include "unpack.h"

#define LZ4_BLOCK_BYTES	(8u << 20)	/* of its old format, unpacked, at most */
#define SIZE_BYTES	4		/* behind what is packed */

/* True when `in` unpacks to all of the `length` bytes at `out`, and no more. */
typedef bool unpack_fn(struct span in, uint8_t *out, uint64_t length);

static bool from_gzip(struct span in, uint8_t *out, uint64_t length)
{
	return unpack_gzip(in.bytes, in.length, out, length) == length;
}

static bool from_lzma(struct span in, uint8_t *out, uint64_t length)
{
	lzma_stream z = LZMA_STREAM_INIT;
	bool good;

	z.next_in = in.bytes;
	z.avail_in = in.length;
	z.next_out = out;
	z.avail_out = length;
	if (lzma_auto_decoder(&z, UNPACK_MAX_BYTES, 0) != LZMA_OK)
		return false;
	good = lzma_code(&z, LZMA_FINISH) == LZMA_STREAM_END &&
	       z.total_out == length;
	lzma_end(&z);
	return good;
}

static bool from_zstd(struct span in, uint8_t *out, uint64_t length)
{
	return ZSTD_decompress(out, length, in.bytes, in.length) == length;
}

/* Blocks, each with its length before it, behind four bytes that say so. */
static bool from_lz4(struct span in, uint8_t *out, uint64_t length)
{
	uint64_t done = 0, room;
	struct span block;
	uint32_t bytes;
	int got;

	if (!span_skip(&in, 4))
		return false;
	while (span_left(&in)) {
		if (!span_le32(&in, &bytes) || bytes > INT32_MAX ||
		    !span_take(&in, bytes, &block))
			return false;
		room = length - done;
		if (room > LZ4_BLOCK_BYTES)
			room = LZ4_BLOCK_BYTES;
		got = LZ4_decompress_safe((const char *)block.bytes,
					  (char *)out + done, bytes, room);
		if (got < 0)
			return false;
		done += got;
	}
	return done == length;
}

static const struct {
	const char *magic;
	uint32_t bytes;
	bool sized;			/* the size is none of the format's own */
	unpack_fn *unpack;
} formats[] = {
	{ "\x1f\x8b", 2, false, from_gzip },
	{ "\xfd" "7zXZ", 6, true, from_lzma },
	{ "\x5d\0\0", 3, true, from_lzma },
	{ "\x02\x21\x4c\x18", 4, true, from_lz4 },
	{ "\x28\xb5\x2f\xfd", 4, true, from_zstd },
};

static int failed(struct diag_log *diag, const char *what)
{
	return diag_add(diag, HO_EUNPACK, "what is packed: %s", what);
}

uint8_t *kernel_zeroes(struct mapped *m, uint64_t length, struct diag_log *diag)
{
	void *bytes = mmap(NULL, length, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (bytes == MAP_FAILED) {
		diag_add(diag, HO_ENOMEM, "%s of a kernel", human_bytes(length));
		return NULL;
	}
	*m = (struct mapped){ bytes, length };
	return bytes;
}

static int unpack(struct mapped *out, unpack_fn *fn, struct span in,
		  uint64_t length, struct diag_log *diag)
{
	uint8_t *bytes = kernel_zeroes(out, length, diag);

	if (!bytes)
		return -HO_ENOMEM;
	if (fn(in, bytes, length))
		return 0;
	mapped_close(out);
	return failed(diag, "damaged");
}

int payload_unpack(struct mapped *out, const void *packed, uint64_t length,
		   struct diag_log *diag)
{
	struct span in = span_of(packed, length), end = in;
	uint32_t bytes;
	size_t i;

	*out = (struct mapped){ 0 };
	for (i = 0; i < ARRAY_COUNT(formats); i++)
		if (length > formats[i].bytes &&
		    !memcmp(packed, formats[i].magic, formats[i].bytes))
			break;
	if (i == ARRAY_COUNT(formats))
		return failed(diag, "neither gzip, xz, lzma, lz4 nor zstd");
	if (length < SIZE_BYTES || length > UINT32_MAX ||
	    !span_skip(&end, length - SIZE_BYTES) || !span_le32(&end, &bytes))
		return failed(diag, "too short, or too long");
	if (!bytes || bytes > UNPACK_MAX_BYTES)
		return failed(diag, "of no size that a kernel has");
	if (formats[i].sized)
		in.length -= SIZE_BYTES;
	return unpack(out, formats[i].unpack, in, bytes, diag);
}
