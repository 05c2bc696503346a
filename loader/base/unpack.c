// SPDX-License-Identifier: MIT
/*
 * unpack.c - see unpack.h.
 */
#include "unpack.h"

#include <string.h>
#include <sys/mman.h>
#include <zlib.h>

#define WINDOW_GZIP	(15 + 16)	/* inflateInit2(): largest, gzip only */

static bool is_gzip(const struct mapped *m)
{
	return m->length > 2 && !memcmp(m->bytes, "\x1f\x8b", 2);
}

uint64_t unpack_gzip(const void *in, uint64_t length, void *out, uint64_t room)
{
	z_stream z = { .next_in = (Bytef *)in, .avail_in = length,
		       .next_out = out, .avail_out = room };
	uint64_t bytes = 0;

	if (length > UINT32_MAX || room > UINT32_MAX ||
	    inflateInit2(&z, WINDOW_GZIP) != Z_OK)
		return 0;
	if (inflate(&z, Z_FINISH) == Z_STREAM_END)
		bytes = z.total_out;
	inflateEnd(&z);
	return bytes;
}

int mapped_unpack(struct mapped *m, const char *path, struct diag_log *diag)
{
	uint64_t bytes;
	void *out;

	if (!is_gzip(m))
		return 0;
	/* only what is written costs memory */
	out = mmap(NULL, UNPACK_MAX_BYTES, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (out == MAP_FAILED)
		return diag_add(diag, HO_ENOMEM, "%s: unpacking", path);
	bytes = unpack_gzip(m->bytes, m->length, out, UNPACK_MAX_BYTES);
	mapped_close(m);
	m->bytes = out;
	m->length = UNPACK_MAX_BYTES;
	if (!bytes) {
		mapped_close(m);
		return diag_add(diag, HO_EFILE,
				"%s: gzip is damaged, or larger than 256 MiB",
				path);
	}
	m->length = bytes;
	/* the rest of the mapping, which mapped_close() would not know of */
	bytes = (bytes + HO_PAGE_BYTES - 1) & -(uint64_t)HO_PAGE_BYTES;
	munmap((uint8_t *)out + bytes, UNPACK_MAX_BYTES - bytes);
	return 0;
}
