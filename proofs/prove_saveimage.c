// SPDX-License-Identifier: MIT
/*
 * prove_saveimage.c - a save image of libvirt's: what is found of it lies in it, and
 * texts end there.
 *
 * proof: core/base/span.c
 * bound: images of 128 bytes, which are 36 of texts and state
 * flags: --unwind 40
 */
#include "proof.h"

#include <string.h>

/* POSIX: CBMC has no model of it. */
void *memchr(const void *at, int byte, size_t bytes)
{
	const unsigned char *p = at;
	size_t i;

	for (i = 0; i < bytes; i++)
		if (p[i] == (unsigned char)byte)
			return (void *)(p + i);
	return NULL;
}

#include "loader/guest/libvirt/saveimage.c"

int main(void)
{
	uint64_t bytes = any_below(129);
	const uint8_t *image = any_bytes(bytes), *end = image + bytes;
	struct saveimage s;

	if (saveimage_read(image, bytes, &s, NULL))
		return 0;
	check(s.xml_bytes > 0 && !s.xml[s.xml_bytes]);
	check((const uint8_t *)s.xml + s.xml_bytes < s.state);
	if (s.cookie) {
		check(s.cookie > s.xml + s.xml_bytes);
		check(!s.cookie[s.cookie_bytes]);
		check((const uint8_t *)s.cookie + s.cookie_bytes < s.state);
	}
	check(s.state + s.state_bytes == end);
	return 0;
}
