/* SPDX-License-Identifier: MIT */
/*
 * fakesave.h - what xl save writes, as tests make it: bytes behind each other in a
 * buffer of the test's, which is large enough.
 */
#ifndef FAKE_FAKESAVE_H
#define FAKE_FAKESAVE_H

#include <stddef.h>
#include <stdint.h>

#define FAKE_SAVE_PV	1		/* of a domain: its type */
#define FAKE_SAVE_HVM	2

struct fake_save {
	uint8_t *bytes;
	size_t used;
};

void fake_save_put(struct fake_save *s, const void *bytes, size_t length);
/* A record, padded to 8 bytes. */
void fake_save_record(struct fake_save *s, uint32_t type, const void *body,
		      uint32_t length);
/* From the start: xl's own head, libxl's, libxc's, and the domain of this type;
 * returns where that is. */
size_t fake_save_begin(struct fake_save *s, uint32_t type);

#endif /* FAKE_FAKESAVE_H */
