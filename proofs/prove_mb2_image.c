// SPDX-License-Identifier: MIT
/*
 * prove_mb2_image.c - a multiboot2 kernel: ELF header, each program header, each tag
 * of its own header; segments that are let through lie in the file, below 4 GiB,
 * and apart.
 *
 * proof: core/base/span.c
 * bound: files up to 4 GiB, 2 segments before it
 * flags: --unwind 6
 */
#include "proof.h"
#include "core/target/mb2.c"

static struct mb2_image out;

static void segments(const struct span *image)
{
	struct mb2_segment s = { any_u64(), any_u64(), any_u64(), any_u64() };
	uint32_t i;

	out.segment_count = any_below(3);
	for (i = 0; i < 2; i++) {
		out.segments[i] = (struct mb2_segment){ any_u64(), any_u64(),
							any_u64(), any_u64() };
		assume(segment_is_sane(image, &out.segments[i]));
	}
	assume(out.segments[0].link_paddr + out.segments[0].memory_bytes <=
	       out.segments[1].link_paddr);
	if (!segment_is_sane(image, &s) || !insert_segment(&out, &s))
		return;
	check(s.file_offset + s.file_bytes >= s.file_offset);
	check(s.file_offset + s.file_bytes <= image->length);
	check(s.link_paddr + s.memory_bytes <= 1ull << 32);
	for (i = 1; i < out.segment_count; i++)
		check(out.segments[i - 1].link_paddr +
		      out.segments[i - 1].memory_bytes <=
		      out.segments[i].link_paddr);
}

static void headers(const struct span *image)
{
	struct mb2_segment s;
	struct elf elf;
	uint32_t type;

	if (read_elf(image, &elf))
		read_phdr(image, &elf, any_u32(), &type, &s);
}

static void tag(struct span *body)
{
	uint16_t type = any_u16();

	/* the list of a request is a loop over numbers: test_mb2.c */
	assume(type != TAG_INFO_REQUEST);
	if (take_tag(type, any_bool(), body, &out) && out.relocatable)
		check(out.min < out.max && out.align >= 4096 &&
		      !(out.align & (out.align - 1)));
}

int main(void)
{
	uint64_t bytes = any_below(BYTES_MAX + 1);
	struct span image = span_of(any_bytes(bytes), bytes);

	switch (any_u8() % 3) {
	case 0:
		segments(&image);
		break;
	case 1:
		headers(&image);
		break;
	default:
		tag(&image);
	}
	return 0;
}
