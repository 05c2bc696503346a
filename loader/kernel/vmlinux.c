// SPDX-License-Identifier: MIT
/*
 * vmlinux.c - see vmlinux.h.
 */
#include "vmlinux.h"

#include <elf.h>
#include <string.h>

#include "checked.h"

#define START_KERNEL_MAP	0xffffffff80000000ull	/* page_64_types.h */
#define ALIGN_MIN		(2ull << 20)	/* MIN_KERNEL_ALIGN */

static int unknown(struct diag_log *diag, const char *what)
{
	return diag_add(diag, HO_EUNPACK, "vmlinux: %s", what);
}

static bool read_header(const struct vmlinux *v, Elf64_Ehdr *e)
{
	static const uint8_t ident[] = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
					 ELFCLASS64, ELFDATA2LSB, EV_CURRENT };

	return span_read_at(&v->file, 0, e, sizeof(*e)) &&
	       !memcmp(e->e_ident, ident, sizeof(ident)) &&
	       e->e_type == ET_EXEC && e->e_machine == EM_X86_64 &&
	       e->e_phentsize == sizeof(Elf64_Phdr);
}

/* False: not a segment that can be. *end: of what the file has of it. */
static bool add_segment(struct vmlinux *v, const Elf64_Phdr *p, uint64_t *end)
{
	uint64_t limit;

	if (v->segment_count == VMLINUX_SEGMENTS_MAX ||
	    p->p_filesz > p->p_memsz || !is_aligned(p->p_align, ALIGN_MIN) ||
	    p->p_paddr < v->base || p->p_paddr - v->base < v->memory ||
	    !checked_add(p->p_offset, p->p_filesz, end) ||
	    *end > v->file.length ||
	    !checked_add(p->p_paddr - v->base, p->p_memsz, &limit) ||
	    limit > VMLINUX_BYTES_MAX)
		return false;
	v->segments[v->segment_count++] = (struct vmlinux_segment){
		p->p_offset, p->p_paddr - v->base, p->p_filesz };
	v->bytes = p->p_paddr - v->base + p->p_filesz;
	v->memory = limit;
	return true;
}

/* They come in the order of their addresses. *end: of all of the ELF file so far */
static int read_segments(struct vmlinux *v, const Elf64_Ehdr *e, uint64_t *end,
			 struct diag_log *diag)
{
	uint64_t at = e->e_phoff, segment_end;
	Elf64_Phdr p;
	uint32_t i;

	for (i = 0; i < e->e_phnum; i++, at += sizeof(p)) {
		if (!span_read_at(&v->file, at, &p, sizeof(p)))
			return unknown(diag, "program headers beyond the file");
		if (p.p_type != PT_LOAD)
			continue;
		if (!v->segment_count)
			v->base = p.p_paddr;
		if (!add_segment(v, &p, &segment_end))
			return unknown(diag, "segments of another kind");
		if (segment_end > *end)
			*end = segment_end;
	}
	if (!v->segment_count || !is_aligned(v->base, ALIGN_MIN))
		return unknown(diag, "no segments, or at no place for a kernel");
	if (e->e_entry < v->base || e->e_entry - v->base >= v->bytes)
		return unknown(diag, "its entry is outside of it");
	v->entry = e->e_entry - v->base;
	return 0;
}

static uint32_t entry_of(const struct span *list, uint64_t i)
{
	uint32_t word;

	memcpy(&word, list->bytes + i * sizeof(word), sizeof(word));
	return word;
}

/* [0, grow64..., 0, shrink32..., 0, grow32...], and no shrink32 from Linux 6.15 on:
 * a zero before each list. */
static int read_lists(struct vmlinux *v, struct span rest,
		      struct diag_log *diag)
{
	struct span *const three[] = { &v->grow64, &v->shrink32, &v->grow32 };
	struct span *const two[] = { &v->grow64, &v->grow32 };
	uint64_t count = rest.length / sizeof(uint32_t), i;
	uint64_t starts[ARRAY_COUNT(three) + 1];
	uint32_t lists = 0;

	for (i = 0; i < count; i++) {
		if (entry_of(&rest, i))
			continue;
		if (lists == ARRAY_COUNT(three))
			return unknown(diag, "more lists than are known");
		starts[lists++] = i + 1;
	}
	if (!is_aligned(rest.length, sizeof(uint32_t)) || lists < ARRAY_COUNT(two) ||
	    starts[0] != 1)
		return unknown(diag, "lists in no form that is known");
	starts[lists] = count + 1;
	for (i = 0; i < lists; i++)
		*(lists == ARRAY_COUNT(two) ? two : three)[i] = span_of(
			rest.bytes + starts[i] * sizeof(uint32_t),
			(starts[i + 1] - 1 - starts[i]) * sizeof(uint32_t));
	v->movable = true;
	return 0;
}

int vmlinux_parse(struct vmlinux *v, const void *file, uint64_t length,
		  struct diag_log *diag)
{
	uint64_t sections, end;
	struct span rest;
	Elf64_Ehdr e;
	int rc;

	*v = (struct vmlinux){ .file = span_of(file, length) };
	if (!read_header(v, &e))
		return unknown(diag, "not an ELF file of a kernel");
	sections = (uint64_t)e.e_shnum * e.e_shentsize;
	if (!checked_add(e.e_shoff, sections, &end) || end > length)
		return unknown(diag, "section headers beyond the file");
	rc = read_segments(v, &e, &end, diag);
	if (rc || end == length)
		return rc;
	rest = v->file;
	span_skip(&rest, end);
	return read_lists(v, span_of(rest.bytes + end, length - end), diag);
}

/* Where in the image; false: outside of it. */
static bool find(const struct vmlinux *v, uint32_t address, uint64_t bytes,
		 uint64_t *at)
{
	uint64_t physical = (uint64_t)(int64_t)(int32_t)address -
			    START_KERNEL_MAP;

	*at = physical - v->base;
	return physical >= v->base && *at <= v->bytes &&
	       v->bytes - *at >= bytes;
}

/* To each word of `bytes` bytes that the list names `add` is added. */
static bool move(const struct vmlinux *v, uint8_t *out, const struct span *list,
		 uint64_t bytes, uint64_t add)
{
	uint64_t i, at, word = 0;

	for (i = 0; i < list->length / sizeof(uint32_t); i++) {
		if (!find(v, entry_of(list, i), bytes, &at))
			return false;
		memcpy(&word, out + at, bytes);
		word += add;
		memcpy(out + at, &word, bytes);
	}
	return true;
}

int vmlinux_lay_out(const struct vmlinux *v, uint8_t *out, uint64_t shift,
		    struct diag_log *diag)
{
	uint32_t i;

	for (i = 0; i < v->segment_count; i++)
		memcpy(out + v->segments[i].at,
		       v->file.bytes + v->segments[i].offset,
		       v->segments[i].bytes);
	if (move(v, out, &v->grow32, sizeof(uint32_t), shift) &&
	    move(v, out, &v->shrink32, sizeof(uint32_t), -shift) &&
	    move(v, out, &v->grow64, sizeof(uint64_t), shift))
		return 0;
	return unknown(diag, "a place that would be moved is outside of it");
}
