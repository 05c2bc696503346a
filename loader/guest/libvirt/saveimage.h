/* SPDX-License-Identifier: MIT */
/*
 * saveimage.h - a save image of libvirt (`virsh save`, `virsh restore`) around a
 * domain's XML and a device state of QEMU; and such an image read. Bytes in, bytes
 * out. Source: src/qemu/qemu_saveimage.h of libvirt 9.0; 11.3 has the same.
 */
#ifndef LOADER_SAVEIMAGE_H
#define LOADER_SAVEIMAGE_H

#include "diag.h"

#define SAVEIMAGE_HEAD_BYTES	92
#define SAVEIMAGE_TEXT_MAX	(16u << 20) /* bytes of XML and cookie */

struct saveimage {
	const char *xml;		/* with a NUL behind it */
	uint64_t xml_bytes;		/* without */
	const char *cookie;		/* NULL: none */
	uint64_t cookie_bytes;
	bool running;			/* restore lets it run, unless --paused */
	const uint8_t *state;		/* all that stands behind */
	uint64_t state_bytes;
};

/* Bytes before the state; the state's first byte is at a multiple of 4 KiB.
 * 0: the texts are too long. */
uint64_t saveimage_text_bytes(const struct saveimage *s);
/* Write them to `out`, which has room for so many. */
void saveimage_write(const struct saveimage *s, uint8_t *out);
/* Point *out into an image. HO_EGUESTCONF: it is none, is compressed, or its
 * texts are not within it. */
int saveimage_read(const void *bytes, uint64_t length, struct saveimage *out,
		   struct diag_log *diag);

#endif /* LOADER_SAVEIMAGE_H */
