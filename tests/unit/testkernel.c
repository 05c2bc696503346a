// SPDX-License-Identifier: MIT
/*
 * testkernel.c - see testkernel.h.
 */
#include "testkernel.h"

#include <lz4.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "testbzimage.h"

struct test_elf vmlinux;
uint64_t list_words;

void put(uint8_t *at, uint64_t value, size_t bytes)
{
	memcpy(at, &value, bytes);
}

uint64_t get(const void *at, size_t bytes)
{
	uint64_t value = 0;

	memcpy(&value, at, bytes);
	return value;
}

Elf64_Phdr test_segment(uint64_t offset, uint64_t at, uint64_t bytes,
			uint64_t memory)
{
	return (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = offset,
			     .p_vaddr = VIRTUAL + at, .p_paddr = BASE + at,
			     .p_filesz = bytes, .p_memsz = memory,
			     .p_align = 2 * MIB };
}

void test_vmlinux(void)
{
	struct test_elf *v = &vmlinux;

	*v = (struct test_elf){
		.head = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
				       ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			  .e_type = ET_EXEC, .e_machine = EM_X86_64,
			  .e_entry = BASE + ENTRY,
			  .e_phoff = offsetof(struct test_elf, segments),
			  .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 3,
			  .e_shoff = offsetof(struct test_elf, sections),
			  .e_shentsize = sizeof(Elf64_Shdr), .e_shnum = 2 },
		.segments = {
			test_segment(offsetof(struct test_elf, first), 0,
				sizeof(v->first), sizeof(v->first)),
			{ .p_type = PT_NOTE },
			test_segment(offsetof(struct test_elf, second), SECOND,
				sizeof(v->second), MEMORY - SECOND) },
	};
	put(v->first + GROW64, VIRTUAL + 0x1234, 8);
	put(v->first + GROW32, 0x81005678, 4);
	put(v->first + SHRINK32, 0x1000, 4);
	put(v->second + 8, VIRTUAL + SECOND, 8);
	LISTS(0, AT(GROW64), AT(GROW64_TOO), 0, AT(SHRINK32), 0, AT(GROW32));
}

uint64_t test_vmlinux_bytes(void)
{
	return offsetof(struct test_elf, lists) + list_words * sizeof(uint32_t);
}

size_t to_gzip(uint8_t *to, size_t room)
{
	z_stream z = { .next_in = (Bytef *)&vmlinux,
		       .avail_in = test_vmlinux_bytes(),
		       .next_out = to, .avail_out = room };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8,
				      Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

/* As the kernel's build: with the filter for x86. */
size_t to_xz(uint8_t *to, size_t room)
{
	lzma_options_lzma options;
	const lzma_filter filters[] = {
		{ LZMA_FILTER_X86, NULL }, { LZMA_FILTER_LZMA2, &options },
		{ LZMA_VLI_UNKNOWN, NULL } };
	size_t at = 0;

	lzma_lzma_preset(&options, 6);
	assert_int_equal(lzma_stream_buffer_encode((lzma_filter *)filters,
			LZMA_CHECK_CRC32, NULL, (const uint8_t *)&vmlinux,
			test_vmlinux_bytes(), to, &at, room), LZMA_OK);
	return at;
}

size_t to_lzma(uint8_t *to, size_t room)
{
	lzma_stream z = LZMA_STREAM_INIT;
	lzma_options_lzma options;
	size_t bytes;

	lzma_lzma_preset(&options, 6);
	assert_int_equal(lzma_alone_encoder(&z, &options), LZMA_OK);
	z.next_in = (const uint8_t *)&vmlinux;
	z.avail_in = test_vmlinux_bytes();
	z.next_out = to;
	z.avail_out = room;
	assert_int_equal(lzma_code(&z, LZMA_FINISH), LZMA_STREAM_END);
	bytes = z.total_out;
	lzma_end(&z);
	return bytes;
}

size_t to_lz4(uint8_t *to, size_t room)
{
	int bytes;

	memcpy(to, "\x02\x21\x4c\x18", 4);
	bytes = LZ4_compress_default((const char *)&vmlinux, (char *)to + 8,
				     test_vmlinux_bytes(), room - 8);
	assert_true(bytes > 0);
	put(to + 4, bytes, 4);
	return 8 + bytes;
}

size_t to_zstd(uint8_t *to, size_t room)
{
	size_t bytes = ZSTD_compress(to, room, &vmlinux, test_vmlinux_bytes(), 19);

	assert_false(ZSTD_isError(bytes));
	return bytes;
}

pack_fn *const ways[5] = { to_gzip, to_xz, to_lzma, to_lz4, to_zstd };

uint8_t image[16384];
size_t packed_bytes;

void version_of_image(const char *version)
{
	put(image + 0x20e, 0x400, 2);
	strcpy((char *)image + 0x600, version);
}

void make_image(pack_fn *pack)
{
	uint8_t small[TEST_BZIMAGE_BYTES];

	test_bzimage(small);
	memset(image, 0x90, sizeof(image));
	memcpy(image, small, SETUP);
	memcpy(image, "MZ", 2);
	version_of_image("6.12.95+deb12 (of a test)");
	packed_bytes = pack(image + PACKED, sizeof(image) - PACKED - 4);
	if (pack != to_gzip) {
		put(image + PACKED + packed_bytes, test_vmlinux_bytes(), 4);
		packed_bytes += 4;
	}
	put(image + 0x248, PACKED - SETUP, 4);
	put(image + 0x24c, packed_bytes, 4);
}
