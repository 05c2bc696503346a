// SPDX-License-Identifier: MIT
/*
 * doormark.c - see doormark.h. For the plan, and for who packs a blob.
 */
#include "doormark.h"

#include <string.h>

#include "bzimage.h"
#include "mb2.h"
#include "handover/entry.h"

#define VERSION_OFFSET	0x20e		/* boot.rst, kernel_version */
#define BASE_OF_VERSION	0x200

static bool is_at(const void *image, uint64_t bytes, uint64_t offset,
		  const void *mark, uint64_t mark_bytes)
{
	return offset <= bytes && mark_bytes <= bytes - offset &&
	       !memcmp((const uint8_t *)image + offset, mark, mark_bytes);
}

static bool has_magic(const void *image, uint64_t bytes, uint64_t offset)
{
	static const uint64_t magic = HO_DOOR_MAGIC;

	return is_at(image, bytes, offset + HO_DOOR_MAGIC_OFFSET, &magic,
		     sizeof(magic));
}

/* The mark, or the name that doors before 0.4.2 have in their header. */
static bool is_bzimage_door(const void *image, uint64_t bytes)
{
	const uint8_t *at = (const uint8_t *)image + VERSION_OFFSET;
	struct diag_log scratch;
	struct bzimage bz;
	uint64_t name;

	diag_init(&scratch, HO_STAGE_PLUG);
	if (bzimage_parse(&bz, image, bytes, &scratch))
		return false;
	name = BASE_OF_VERSION + (at[0] | at[1] << 8);
	return has_magic(image, bytes, bz.setup_bytes) ||
	       is_at(image, bytes, name, HO_DOOR_NAME, strlen(HO_DOOR_NAME));
}

/* Its entry is the image's multiboot2 entry. */
static bool is_elf_door(const void *image, uint64_t bytes)
{
	struct diag_log scratch;
	struct mb2_image mb2;
	uint32_t i;

	diag_init(&scratch, HO_STAGE_PLUG);
	if (mb2_parse(&mb2, image, bytes, &scratch))
		return false;
	for (i = 0; i < mb2.segment_count; i++) {
		const struct mb2_segment *s = &mb2.segments[i];
		uint64_t into = mb2.entry - s->link_paddr;

		if (mb2.entry >= s->link_paddr && into < s->file_bytes &&
		    into >= HO_DOOR_AT_MULTIBOOT2)
			return has_magic(image, bytes, s->file_offset + into -
					 HO_DOOR_AT_MULTIBOOT2);
	}
	return false;
}

bool doormark_is(const void *image, uint64_t bytes)
{
	return is_bzimage_door(image, bytes) || is_elf_door(image, bytes);
}

int doormark_refuse(const void *image, uint64_t bytes, const char *what,
		    struct diag_log *diag)
{
	if (!doormark_is(image, bytes))
		return 0;
	return diag_add(diag, HO_EDOORTARGET, "%s", what);
}

static bool is_stub(const uint8_t *at, uint64_t available,
		    uint64_t *stub_bytes)
{
	static const uint64_t magic = HO_STUB_MAGIC;
	struct ho_stub_header h;

	if (available < sizeof(h) || memcmp(at, &magic, sizeof(magic)))
		return false;
	memcpy(&h, at, sizeof(h));
	*stub_bytes = h.image_bytes;
	return h.header_bytes == sizeof(h) && h.image_bytes >= sizeof(h) &&
	       h.image_bytes <= available && h.image_bytes <= h.memory_bytes &&
	       h.memory_bytes <= HO_PAGE_2M_BYTES;
}

const void *doormark_stub(const void *image, uint64_t bytes,
			  uint64_t *stub_bytes)
{
	const uint8_t *found = NULL;
	uint64_t at, have;

	if (!is_bzimage_door(image, bytes))
		return NULL;
	/* the image puts it on a multiple of 16, behind whole sectors */
	for (at = 0; at < bytes; at += 16) {
		if (!is_stub((const uint8_t *)image + at, bytes - at, &have))
			continue;
		if (found)
			return NULL;
		found = (const uint8_t *)image + at;
		*stub_bytes = have;
	}
	return found;
}
