// SPDX-License-Identifier: MIT
/*
 * mb2.c - multiboot2 ELF images: header tags and load plan. Source: Multiboot2
 * Specification version 2.0, sections 3.1 (header) and 3.6 (information); System V
 * ABI for the ELF headers.
 */
#include "mb2.h"

#include <elf.h>
#include <string.h>

#include "checked.h"

#define HEADER_MAGIC		0xe85250d6
#define HEADER_SEARCH_BYTES	32768
#define ARCH_I386		0

enum header_tag {
	TAG_END, TAG_INFO_REQUEST, TAG_ADDRESS, TAG_ENTRY, TAG_CONSOLE,
	TAG_FRAMEBUFFER, TAG_MODULE_ALIGN, TAG_EFI_BS, TAG_ENTRY_EFI32,
	TAG_ENTRY_EFI64, TAG_RELOCATABLE,
};

static int refuse(struct diag_log *diag, const char *what)
{
	return diag_add(diag, HO_ENOTMB2, "target/image: %s", what);
}

/* The header: 4 words that add up to 0, at a multiple of 8. */
static bool find_header(const struct span *image, struct span *tags)
{
	struct span header = *image;
	uint32_t word[4];
	uint64_t at;

	for (at = 0; at < HEADER_SEARCH_BYTES &&
	     span_read_at(image, at, word, sizeof(word)); at += 8) {
		if (word[0] != HEADER_MAGIC ||
		    word[0] + word[1] + word[2] + word[3] != 0)
			continue;
		if (word[1] != ARCH_I386 || word[2] < sizeof(word) ||
		    word[2] > HEADER_SEARCH_BYTES - at)
			return false;
		return span_skip(&header, at + sizeof(word)) &&
		       span_take(&header, word[2] - sizeof(word), tags);
	}
	return false;
}

/* What the specification names may be asked for, whether it is there or not
 * (section 3.1.4). */
static bool read_request(struct span *tag)
{
	uint32_t type;

	while (span_le32(tag, &type))
		if (type > MB2_INFO_LOAD_BASE)
			return false;
	return true;
}

static bool read_relocatable(struct span *tag, struct mb2_image *image)
{
	uint32_t min, max, align, preference;

	if (!span_le32(tag, &min) || !span_le32(tag, &max) ||
	    !span_le32(tag, &align) || !span_le32(tag, &preference) ||
	    max < min || !align || align & (align - 1))
		return false;
	image->relocatable = true;
	image->min = min;
	image->max = (uint64_t)max + 1;
	image->align = align > HO_PAGE_BYTES ? align : HO_PAGE_BYTES;
	return true;
}

/* One tag; false when it asks for what cannot be had. */
static bool take_tag(uint16_t type, bool optional, struct span *tag,
		     struct mb2_image *image)
{
	uint32_t entry;

	switch (type) {
	case TAG_INFO_REQUEST:
		return optional || read_request(tag);
	case TAG_CONSOLE:
	case TAG_FRAMEBUFFER:
	case TAG_MODULE_ALIGN:
	case TAG_EFI_BS:
	case TAG_ENTRY_EFI32:
	case TAG_ENTRY_EFI64:
		return true;
	case TAG_ENTRY:
		if (!span_le32(tag, &entry))
			return false;
		image->entry = entry;
		return true;
	case TAG_RELOCATABLE:
		return read_relocatable(tag, image);
	default:
		return optional;
	}
}

static bool read_tags(struct span *tags, struct mb2_image *image)
{
	uint16_t type, flags;
	uint32_t bytes;
	struct span tag;

	while (span_le16(tags, &type) && span_le16(tags, &flags) &&
	       span_le32(tags, &bytes)) {
		if (type == TAG_END)
			return true;
		if (bytes < 8 || !span_take(tags, bytes - 8, &tag) ||
		    !take_tag(type, flags & 1, &tag, image))
			return false;
		span_skip(tags, -(uint64_t)bytes % 8);
	}
	return false;
}

/* The program headers of either class, read into one shape. */
struct elf {
	bool is64;
	uint64_t entry;
	uint64_t phoff;
	uint32_t phnum;
	uint32_t phentsize;
};

static bool read_elf(const struct span *image, struct elf *elf)
{
	Elf64_Ehdr e64;
	Elf32_Ehdr e32;

	if (!span_read_at(image, 0, &e32, sizeof(e32)) ||
	    memcmp(e32.e_ident, ELFMAG, SELFMAG) ||
	    e32.e_ident[EI_DATA] != ELFDATA2LSB)
		return false;
	elf->is64 = e32.e_ident[EI_CLASS] == ELFCLASS64;
	if (!elf->is64 && e32.e_ident[EI_CLASS] != ELFCLASS32)
		return false;
	if (!elf->is64) {
		elf->entry = e32.e_entry;
		elf->phoff = e32.e_phoff;
		elf->phnum = e32.e_phnum;
		elf->phentsize = e32.e_phentsize;
		return e32.e_machine == EM_386 &&
		       elf->phentsize >= sizeof(Elf32_Phdr);
	}
	if (!span_read_at(image, 0, &e64, sizeof(e64)))
		return false;
	elf->entry = e64.e_entry;
	elf->phoff = e64.e_phoff;
	elf->phnum = e64.e_phnum;
	elf->phentsize = e64.e_phentsize;
	return e64.e_machine == EM_X86_64 &&
	       elf->phentsize >= sizeof(Elf64_Phdr);
}

static bool read_phdr(const struct span *image, const struct elf *elf,
		      uint32_t i, uint32_t *type, struct mb2_segment *out)
{
	uint64_t at;
	Elf64_Phdr p64;
	Elf32_Phdr p32;

	if (!checked_add(elf->phoff, (uint64_t)i * elf->phentsize, &at))
		return false;
	if (elf->is64) {
		if (!span_read_at(image, at, &p64, sizeof(p64)))
			return false;
		*type = p64.p_type;
		*out = (struct mb2_segment){ p64.p_offset, p64.p_filesz,
					     p64.p_paddr, p64.p_memsz };
		return true;
	}
	if (!span_read_at(image, at, &p32, sizeof(p32)))
		return false;
	*type = p32.p_type;
	*out = (struct mb2_segment){ p32.p_offset, p32.p_filesz, p32.p_paddr,
				     p32.p_memsz };
	return true;
}

static bool segment_is_sane(const struct span *image,
			    const struct mb2_segment *s)
{
	return s->file_offset <= image->length &&
	       s->file_bytes <= image->length - s->file_offset &&
	       s->memory_bytes >= s->file_bytes &&
	       s->link_paddr < LIMIT_4G &&
	       s->memory_bytes <= LIMIT_4G - s->link_paddr;
}

/* Keep the list in the order of addresses; false when two overlap. */
static bool insert_segment(struct mb2_image *out, const struct mb2_segment *s)
{
	uint32_t at = out->segment_count++, i;

	for (; at > 0 && out->segments[at - 1].link_paddr > s->link_paddr;
	     at--)
		out->segments[at] = out->segments[at - 1];
	out->segments[at] = *s;
	for (i = 1; i < out->segment_count; i++)
		if (out->segments[i - 1].link_paddr +
		    out->segments[i - 1].memory_bytes >
		    out->segments[i].link_paddr)
			return false;
	return true;
}

static bool read_segments(const struct span *image, const struct elf *elf,
			  struct mb2_image *out)
{
	const struct mb2_segment *last;
	struct mb2_segment s;
	uint32_t i, type;

	for (i = 0; i < elf->phnum; i++) {
		if (!read_phdr(image, elf, i, &type, &s))
			return false;
		if (type != PT_LOAD || !s.memory_bytes)
			continue;
		if (out->segment_count == MB2_SEGMENTS_MAX ||
		    !segment_is_sane(image, &s) || !insert_segment(out, &s))
			return false;
	}
	if (!out->segment_count)
		return false;
	last = &out->segments[out->segment_count - 1];
	out->link_start = out->segments[0].link_paddr;
	out->link_end = last->link_paddr + last->memory_bytes;
	return true;
}

int mb2_parse(struct mb2_image *out, const void *bytes, uint64_t length,
	      struct diag_log *diag)
{
	struct span image = span_of(bytes, length), tags;
	struct elf elf;

	*out = (struct mb2_image){ .align = HO_PAGE_BYTES, .max = LIMIT_4G };
	if (!read_elf(&image, &elf))
		return refuse(diag, "not an ELF for x86");
	out->entry = elf.entry;
	if (!find_header(&image, &tags))
		return refuse(diag, "no multiboot2 header");
	if (!read_tags(&tags, out))
		return refuse(diag, "a header tag that is not supported");
	if (!read_segments(&image, &elf, out))
		return refuse(diag, "program headers");
	if (out->entry < out->link_start || out->entry >= out->link_end)
		return refuse(diag, "entry point outside its segments");
	return 0;
}
