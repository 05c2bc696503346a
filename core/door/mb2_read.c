// SPDX-License-Identifier: MIT
/*
 * mb2_read.c - see mb2_read.h.
 */
#include "mb2_read.h"

#include <string.h>

#include "mb2.h"

#define INFO_BYTES_MAX		(1u << 20)
#define MODULE_HEAD_BYTES	8	/* start, end */
#define MAP_ENTRY_BYTES_MIN	24
#define SCREEN_RGB		1	/* framebuffer_type */
#define SCREEN_TEXT		2
#define TEXT_POINTS		16

static int damaged(struct diag_log *diag, const char *what, uint64_t v)
{
	return diag_add(diag, HO_EDOOR, "multiboot2: %s, 0x%llx", what,
			(unsigned long long)v);
}

static int read_module(struct facts *facts, struct span *tag,
		       struct diag_log *diag)
{
	uint32_t start, end;

	if (!span_le32(tag, &start) || !span_le32(tag, &end) || end < start)
		return damaged(diag, "module", tag->length);
	return facts_set_blob(facts, start, end - start, diag);
}

static int read_map(struct hostmap *map, struct span *tag,
		    struct diag_log *diag)
{
	uint32_t stride, version;

	if (!span_le32(tag, &stride) || !span_le32(tag, &version) ||
	    stride < MAP_ENTRY_BYTES_MIN)
		return damaged(diag, "memory map", tag->length);
	return hostmap_add_e820(map, tag->bytes + tag->offset,
				span_left(tag) / stride, stride, diag);
}

/* Where the descriptors lie: `at` is the tag's body. */
static int find_efi_map(struct facts *facts, struct span *tag, uint64_t at,
			struct diag_log *diag)
{
	if (!span_le32(tag, &facts->efi.desc_size) ||
	    !span_le32(tag, &facts->efi.desc_version))
		return damaged(diag, "EFI memory map", tag->length);
	facts->efi_map = (struct range){ at + tag->offset, at + tag->length };
	return 0;
}

/* EGA's text: `fb` has characters, whose height is the BIOS's. */
static void take_text(struct facts *facts, const struct efi_framebuffer *fb)
{
	const struct vgatext text = { fb->width, fb->height, TEXT_POINTS };

	memset(facts->screen, 0, sizeof(facts->screen));
	if (vgatext_is_sane(&text, NULL, 0))
		vgatext_put(&text, facts->screen);
	facts->has_screen = true;
}

static int read_screen(struct facts *facts, struct span *tag,
		       struct diag_log *diag)
{
	struct efi_framebuffer fb;
	uint8_t kind[4];		/* depth, type, reserved */

	if (!span_le64(tag, &fb.base) || !span_le32(tag, &fb.pitch) ||
	    !span_le32(tag, &fb.width) || !span_le32(tag, &fb.height) ||
	    !span_read(tag, kind, sizeof(kind)))
		return damaged(diag, "framebuffer", tag->length);
	if (kind[1] == SCREEN_TEXT)
		take_text(facts, &fb);
	if (kind[1] != SCREEN_RGB)
		return 0;
	if (!span_read(tag, fb.colours, sizeof(fb.colours)))
		return damaged(diag, "framebuffer", tag->length);
	fb.depth = kind[0];
	facts->has_screen = efi_put_screen(facts->screen, &fb,
					   facts->efi.system_table);
	return 0;
}

struct reader {
	struct facts *facts;
	struct hostmap *map;
	struct diag_log *diag;
	struct span screen;		/* for when EFI is known, or not */
};

/* One tag, whose body lies at `at`. */
static int read_tag(struct reader *r, uint32_t type, struct span *tag,
		    uint64_t at)
{
	struct facts *facts = r->facts;

	switch (type) {
	case MB2_INFO_MODULE:
		return read_module(facts, tag, r->diag);
	case MB2_INFO_MAP:
		return read_map(r->map, tag, r->diag);
	case MB2_INFO_SCREEN:
		r->screen = *tag;
		return 0;
	case MB2_INFO_EFI64:
		return span_le64(tag, &facts->efi.system_table)
		       ? 0 : damaged(r->diag, "EFI system table", tag->length);
	case MB2_INFO_RSDP_OLD:
		if (!facts->rsdp_copy)
			facts->rsdp_copy = at;
		return 0;
	case MB2_INFO_RSDP_NEW:
		facts->rsdp_copy = at;
		return 0;
	case MB2_INFO_EFI_MAP:
		return find_efi_map(facts, tag, at, r->diag);
	case MB2_INFO_EFI_BS:
		return damaged(r->diag, "EFI boot services still run", type);
	default:
		return 0;
	}
}

static int read_tags(struct reader *r, struct span *info, uint64_t at)
{
	uint32_t type, bytes;
	struct span tag;
	uint64_t body;
	int rc = 0;

	/* the last tag may be missing: kexec-tools 2.0.25 forgets padding when
	 * it counts, and cuts it */
	while (!rc && span_le32(info, &type) && span_le32(info, &bytes)) {
		if (type == MB2_INFO_END)
			break;
		body = at + info->offset;
		if (bytes < 8 || !span_take(info, bytes - 8, &tag))
			return damaged(r->diag, "tag", type);
		rc = read_tag(r, type, &tag, body);
		span_skip(info, -(uint64_t)bytes % 8);
	}
	if (!rc && r->screen.bytes)
		rc = read_screen(r->facts, &r->screen, r->diag);
	return rc;
}

static int add_efi_map(const struct facts *facts, struct hostmap *map,
		       const struct physmem *memory, struct diag_log *diag)
{
	const struct efi efi = {
		.desc_size = facts->efi.desc_size,
		.map_bytes = range_bytes(facts->efi_map),
		.map = physmem_at(memory, facts->efi_map.start,
				  range_bytes(facts->efi_map)),
	};

	return hostmap_add_efi(map, &efi, diag);
}

int mb2_info_read(struct facts *facts, struct hostmap *map,
		  const struct physmem *memory, uint64_t at,
		  struct diag_log *diag)
{
	const uint8_t *head = physmem_at(memory, at, 8), *bytes;
	struct reader r = { .facts = facts, .map = map, .diag = diag };
	struct span info;
	uint32_t total;
	int rc;

	*facts = (struct facts){ 0 };
	if (!head)
		return damaged(diag, "information", at);
	__builtin_memcpy(&total, head, sizeof(total));
	bytes = total <= INFO_BYTES_MAX ? physmem_at(memory, at, total) : NULL;
	info = span_of(bytes, total);
	if (!bytes || !span_skip(&info, 8))
		return damaged(diag, "length of the information", total);
	rc = facts_take(facts, at, total, diag);
	if (!rc)
		rc = read_tags(&r, &info, at);
	/* a loader that has made no E820 map of EFI's */
	if (!rc && !map->raw_count)
		rc = add_efi_map(facts, map, memory, diag);
	return rc;
}
