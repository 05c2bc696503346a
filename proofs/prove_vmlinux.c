// SPDX-License-Identifier: MIT
/*
 * prove_vmlinux.c - a kernel that is unpacked beforehand: a segment that is let through
 * lies in the file and behind those before it, lists lie in the file, and what is
 * copied or moved lies in the image.
 *
 * proof: core/base/span.c
 * bound: lists of 6 words together; images and files of 32 bytes where they are written
 * flags: --unwind 10
 */
#include "proof.h"
#include "loader/kernel/vmlinux.c"

#define SMALL	32

static struct vmlinux v;

static void segment(void)
{
	Elf64_Phdr p = { .p_offset = any_u64(), .p_paddr = any_u64(),
			 .p_filesz = any_u64(), .p_memsz = any_u64(),
			 .p_align = any_u64() };
	struct vmlinux_segment *s;
	uint64_t before, end;

	v.file.length = any_below(BYTES_MAX + 1);
	v.base = any_u64();
	v.segment_count = any_below(VMLINUX_SEGMENTS_MAX + 1);
	v.memory = before = any_below(VMLINUX_BYTES_MAX + 1);
	if (!add_segment(&v, &p, &end))
		return;
	check(v.segment_count <= VMLINUX_SEGMENTS_MAX);
	s = &v.segments[v.segment_count - 1];
	check(s->offset + s->bytes >= s->offset);
	check(s->offset + s->bytes == end && end <= v.file.length);
	check(s->at >= before);
	check(s->at + s->bytes == v.bytes && v.bytes <= v.memory);
	check(v.memory <= VMLINUX_BYTES_MAX);
}

static bool is_in(const struct span *list, const struct span *rest)
{
	return list->bytes >= rest->bytes &&
	       list->bytes + list->length <= rest->bytes + rest->length;
}

static void lists(void)
{
	uint64_t bytes = any_below(25);
	struct span rest = span_of(any_bytes(bytes), bytes);

	v = (struct vmlinux){ .file = rest };
	v.grow64 = v.shrink32 = v.grow32 = span_of(rest.bytes, 0);
	if (read_lists(&v, rest, NULL))
		return;
	check(v.movable);
	check(is_in(&v.grow64, &rest) && is_in(&v.shrink32, &rest) &&
	      is_in(&v.grow32, &rest));
}

static void image(void)
{
	uint64_t bytes = any_below(SMALL + 1);

	v = (struct vmlinux){ .base = any_u64(), .segment_count = 1 };
	v.bytes = any_below(SMALL + 1);
	v.file = span_of(any_bytes(bytes), bytes);
	v.segments[0].bytes = any_below(bytes + 1);
	v.segments[0].offset = any_below(bytes + 1);
	assume(v.segments[0].offset + v.segments[0].bytes <= bytes);
	assume(v.segments[0].bytes <= v.bytes);
	v.segments[0].at = any_below(SMALL + 1);
	assume(v.segments[0].at + v.segments[0].bytes <= v.bytes);
	v.grow32 = span_of(any_bytes(8), 8);
	v.shrink32 = span_of(any_bytes(4), 4);
	v.grow64 = span_of(any_bytes(8), 8);
	vmlinux_lay_out(&v, any_bytes(v.bytes), any_u64(), NULL);
}

int main(void)
{
	switch (any_u8() % 3) {
	case 0:
		segment();
		break;
	case 1:
		lists();
		break;
	default:
		image();
	}
	return 0;
}
