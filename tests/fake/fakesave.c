// SPDX-License-Identifier: MIT
/*
 * fakesave.c - see fakesave.h.
 */
#include "fakesave.h"

#include <string.h>

void fake_save_put(struct fake_save *s, const void *bytes, size_t length)
{
	if (length)
		memcpy(s->bytes + s->used, bytes, length);
	s->used += length;
}

void fake_save_record(struct fake_save *s, uint32_t type, const void *body,
		      uint32_t length)
{
	const uint32_t head[2] = { type, length };
	const uint64_t zero = 0;

	fake_save_put(s, head, sizeof(head));
	fake_save_put(s, body, length);
	fake_save_put(s, &zero, -length % 8);
}

size_t fake_save_begin(struct fake_save *s, uint32_t type)
{
	static const uint8_t config[16] = "{ \"name\": 1 }";
	static const uint32_t file_tail[4] = { 0x01020304, 0, 1, 16 };
	static const uint8_t libxl[16] = "LibxlFmt\0\0\0\2";
	static const uint8_t libxc[24] = "\377\377\377\377\377\377\377\377"
					 "XENF\0\0\0\3";
	const uint32_t domain[4] = { type, 12, 4, 17 };
	size_t at;

	s->used = 0;
	fake_save_put(s, "Xen saved domain, xl format\n \0 \r", 32);
	fake_save_put(s, file_tail, sizeof(file_tail));
	fake_save_put(s, config, sizeof(config));
	fake_save_put(s, libxl, sizeof(libxl));
	fake_save_record(s, 1, NULL, 0);
	fake_save_put(s, libxc, sizeof(libxc));
	at = s->used;
	fake_save_put(s, domain, sizeof(domain));
	return at;
}
