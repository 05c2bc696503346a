// SPDX-License-Identifier: MIT
/*
 * test_unpacked.c - a small kernel, packed in each way, is laid out and moved as the
 * kernel would have done it; what is in another form is refused.
 */
#include <stdio.h>
#include <unistd.h>

#include "bzimage.h"
#include "kernelpayload.h"
#include "testkernel.h"
#include "unpacked.h"
#include "vmlinux.h"

#define BODY	(2 * MIB)

static struct diag_log diag;
static char in[] = "/tmp/test_unpacked.XXXXXX", out[64];

static int make(void **state)
{
	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	test_vmlinux();
	return 0;
}

static void write_image(void)
{
	FILE *f = fopen(in, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(image, sizeof(image), 1, f), 1);
	fclose(f);
}

static int unpack_it(bool stay, struct kernel_unpacked *k)
{
	write_image();
	return kernel_unpack(k, in, out, stay, &diag);
}

/* Its kernel; m is to be closed. */
static const uint8_t *unpacked(struct mapped *m, bool stay, bool moved)
{
	const uint8_t *bytes, *body;
	struct kernel_unpacked k;
	struct bzimage bz;

	assert_int_equal(unpack_it(stay, &k), 0);
	assert_int_equal(k.moved, moved);
	assert_int_equal(k.packed, sizeof(image));
	assert_int_equal(mapped_open(m, out, HO_EFILE, &diag), 0);
	assert_int_equal(m->length, k.bytes);
	bytes = m->bytes;
	assert_int_equal(bzimage_parse(&bz, bytes, m->length, &diag), 0);
	assert_int_equal(bz.setup_bytes, SETUP);
	assert_int_equal(bz.pm_bytes, BODY + SECOND + 0x20);
	assert_int_equal(bz.init_size, BODY + MEMORY);
	assert_int_equal(get(bytes + 0x1f4, 4) * 16, BODY + SECOND + 0x20);
	assert_int_equal(bytes[0x211] & 2, moved ? 2 : 0);
	assert_int_equal(bytes[0x236], 0x73);
	assert_int_equal(get(bytes + 0x248, 8), 0);
	assert_int_equal(get(bytes, 2), 0);
	body = bytes + SETUP;
	assert_int_equal(body[0x200], 0xe9);
	assert_int_equal(0x205 + get(body + 0x201, 4), BODY + ENTRY);
	return body + BODY;
}

/* By how much it was moved: each word says the same. */
static uint64_t moved_by(const uint8_t *kernel)
{
	uint64_t shift = get(kernel + GROW64, 8) - VIRTUAL - 0x1234;

	assert_int_equal(get(kernel + GROW64_TOO, 8), VIRTUAL + SECOND + shift);
	assert_int_equal(get(kernel + GROW32, 4), (uint32_t)(0x81005678 + shift));
	assert_int_equal(get(kernel + SHRINK32, 4), (uint32_t)(0x1000 - shift));
	assert_int_equal(shift % (2 * MIB), 0);
	assert_true(BASE + MEMORY + shift <= 1024 * MIB);
	return shift;
}

static void each_way_of_packing(void **state)
{
	struct mapped m;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(ways); i++) {
		make_image(ways[i]);
		moved_by(unpacked(&m, false, true));
		mapped_close(&m);
	}
	/* looked at alone */
	unlink(out);
	assert_int_equal(kernel_unpack(&(struct kernel_unpacked){ 0 }, in,
				       NULL, false, &diag), 0);
	assert_int_equal(access(out, F_OK), -1);
}

/* All of the slots that Linux itself would take, and no others. */
static void it_is_moved_at_random(void **state)
{
	uint64_t shift, least = UINT64_MAX, most = 0;
	struct mapped m;
	int i;

	(void)state;
	make_image(to_lz4);
	for (i = 0; i < 64; i++) {
		shift = moved_by(unpacked(&m, false, true));
		mapped_close(&m);
		least = shift < least ? shift : least;
		most = shift > most ? shift : most;
	}
	/* one in 10^19 times this fails by chance */
	assert_true(most - least > 256 * MIB);
}

static void it_stays(void **state)
{
	struct mapped m;

	(void)state;
	make_image(to_zstd);
	assert_int_equal(moved_by(unpacked(&m, true, false)), 0);
	mapped_close(&m);
	/* CONFIG_RANDOMIZE_BASE=n */
	list_words = 0;
	make_image(to_zstd);
	assert_int_equal(moved_by(unpacked(&m, false, false)), 0);
	mapped_close(&m);
	assert_true(kernel_stays("quiet nokaslr"));
	assert_false(kernel_stays("quiet nokaslr=no"));
	assert_false(kernel_stays(""));
	assert_false(kernel_stays(NULL));
}

/* Linux 6.15 and later have no list of words that shrink. */
static void two_lists(void **state)
{
	struct mapped m;
	uint64_t shift;
	const uint8_t *kernel;

	(void)state;
	LISTS(0, AT(GROW64), 0, AT(GROW32));
	make_image(to_xz);
	kernel = unpacked(&m, false, true);
	shift = get(kernel + GROW64, 8) - VIRTUAL - 0x1234;
	assert_int_equal(get(kernel + GROW32, 4), (uint32_t)(0x81005678 + shift));
	assert_int_equal(get(kernel + SHRINK32, 4), 0x1000);
	mapped_close(&m);
}

static void refused(int code)
{
	struct kernel_unpacked k;

	diag_init(&diag, HO_STAGE_LOADER);
	unlink(out);
	assert_int_equal(unpack_it(false, &k), -code);
	assert_int_equal(diag.items[0].code, code);
	assert_int_equal(access(out, F_OK), -1);
}

static void other_images(void **state)
{
	struct mapped m;

	(void)state;
	make_image(to_lz4);
	put(image + 0x202, 0, 4);
	refused(HO_ENOTBZIMAGE);
	make_image(to_lz4);
	/* it is unpacked with five levels, and runs with four alone */
	image[0x236] &= ~0x40;
	refused(HO_EUNPACK);
	make_image(to_lz4);
	put(image + 0x24c, sizeof(image) - PACKED + 1, 4);
	refused(HO_EUNPACK);
	put(image + 0x248, UINT32_MAX, 4);
	refused(HO_EUNPACK);
	/* a second time */
	make_image(to_lz4);
	unpacked(&m, false, true);
	memcpy(image, m.bytes, SETUP);
	mapped_close(&m);
	put(image + 0x260, 4 * MIB, 4);
	refused(HO_EUNPACK);
}

/* Of a version that nobody has seen start so. */
static void other_versions(void **state)
{
	static const char *const good[] = { "6.1.0-50-amd64", "6.99", "7.3.4" };
	static const char *const bad[] = { "6.0.9", "5.10.0-30", "7.4.0-rc1",
					   "7.10", "8.0", "", "6", "linux 6.1" };
	struct mapped m;
	size_t i;

	(void)state;
	make_image(to_lz4);
	for (i = 0; i < ARRAY_COUNT(good); i++) {
		version_of_image(good[i]);
		unpacked(&m, false, true);
		mapped_close(&m);
	}
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		version_of_image(bad[i]);
		refused(HO_EUNPACK);
	}
	/* its text ends beyond the setup sectors */
	put(image + 0x20e, SETUP - 0x200 - 8, 2);
	refused(HO_EUNPACK);
}

static void damaged(void **state)
{
	struct mapped m;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(ways); i++) {
		make_image(ways[i]);
		/* its size is another */
		put(image + PACKED + packed_bytes - 4, test_vmlinux_bytes() + 1, 4);
		refused(HO_EUNPACK);
		put(image + PACKED + packed_bytes - 4, test_vmlinux_bytes() - 1, 4);
		refused(HO_EUNPACK);
		put(image + PACKED + packed_bytes - 4, 0, 4);
		refused(HO_EUNPACK);
		put(image + PACKED + packed_bytes - 4, UINT32_MAX, 4);
		refused(HO_EUNPACK);
		/* it ends in its middle */
		make_image(ways[i]);
		put(image + 0x24c, 40, 4);
		put(image + PACKED + 36, test_vmlinux_bytes(), 4);
		refused(HO_EUNPACK);
	}
	/* its only block is longer than all of it */
	make_image(to_lz4);
	put(image + PACKED + 4, packed_bytes, 4);
	refused(HO_EUNPACK);
	put(image + PACKED + 4, UINT32_MAX, 4);
	refused(HO_EUNPACK);
	make_image(to_lz4);
	memcpy(image + PACKED, "BZh9", 4);
	refused(HO_EUNPACK);
	assert_int_equal(payload_unpack(&m, "\x1f\x8b", 2, &diag), -HO_EUNPACK);
	assert_int_equal(payload_unpack(&m, "\x1f\x8b\1", 3, &diag),
			 -HO_EUNPACK);
}

/* The same with the ELF file as `change` leaves it. */
#define REFUSED_WITH(change) do { \
	make(NULL); \
	change; \
	make_image(to_lz4); \
	refused(HO_EUNPACK); \
} while (0)

static void other_elf_files(void **state)
{
	struct test_elf *v = &vmlinux;

	(void)state;
	REFUSED_WITH(v->head.e_ident[EI_CLASS] = ELFCLASS32);
	REFUSED_WITH(v->head.e_type = ET_DYN);
	REFUSED_WITH(v->head.e_machine = EM_AARCH64);
	REFUSED_WITH(v->head.e_phentsize = 32);
	REFUSED_WITH(v->head.e_phoff = UINT64_MAX - 8);
	REFUSED_WITH(v->head.e_phnum = 200);
	REFUSED_WITH(v->head.e_phnum = 0);
	REFUSED_WITH(v->head.e_shoff = UINT64_MAX);
	REFUSED_WITH(v->head.e_shnum = 1000);
	REFUSED_WITH(v->head.e_entry = BASE - 1);
	REFUSED_WITH(v->head.e_entry = BASE + SECOND + 0x20);
	REFUSED_WITH(v->segments[0].p_paddr += 0x1000);
	REFUSED_WITH(v->segments[0].p_align = 4096);
	REFUSED_WITH(v->segments[0].p_filesz = 0x201);
	REFUSED_WITH(v->segments[0].p_offset = UINT64_MAX);
	REFUSED_WITH(v->segments[0].p_memsz = SECOND + 1);
	REFUSED_WITH(v->segments[2].p_paddr = BASE - 2 * MIB);
	REFUSED_WITH(v->segments[2].p_paddr = BASE);
	REFUSED_WITH(v->segments[2].p_memsz = UINT64_MAX - 1);
	REFUSED_WITH(v->segments[2].p_memsz = 1024 * MIB);
	/* not with what stands before it */
	REFUSED_WITH(v->segments[2].p_memsz = 1024 * MIB - SECOND);
	REFUSED_WITH(v->segments[1].p_type = PT_LOAD);
}

static void other_lists(void **state)
{
	(void)state;
	REFUSED_WITH(LISTS(1));
	REFUSED_WITH(LISTS(0, AT(GROW64)));
	REFUSED_WITH(LISTS(AT(GROW64), 0, 0, 0));
	REFUSED_WITH(LISTS(0, 0, 0, 0));
	/* places that are not all in it */
	REFUSED_WITH(LISTS(0, AT(-1), 0, 0));
	REFUSED_WITH(LISTS(0, AT(SECOND + 0x19), 0, 0));
	REFUSED_WITH(LISTS(0, 0, AT(SECOND + 0x1d), 0));
	REFUSED_WITH(LISTS(0, 0, 0, AT(MEMORY)));
	REFUSED_WITH(LISTS(0, 0, 0, 0x01000000));
}

static void more_segments_than_it_knows(void **state)
{
	static struct {
		Elf64_Ehdr head;
		Elf64_Phdr segments[VMLINUX_SEGMENTS_MAX + 1];
	} many;
	const uint64_t bytes = sizeof(many) - sizeof(Elf64_Phdr);
	struct vmlinux v;
	uint64_t i;

	(void)state;
	many.head = vmlinux.head;
	many.head.e_phnum = VMLINUX_SEGMENTS_MAX + 1;
	many.head.e_shnum = 0;
	many.head.e_shoff = 0;
	for (i = 0; i <= VMLINUX_SEGMENTS_MAX; i++)
		many.segments[i] = test_segment(0, i * 2 * MIB, bytes, bytes);
	assert_int_equal(vmlinux_parse(&v, &many, sizeof(many), &diag),
			 -HO_EUNPACK);
	many.head.e_phnum--;
	assert_int_equal(vmlinux_parse(&v, &many, bytes, &diag), 0);
	assert_int_equal(v.segment_count, VMLINUX_SEGMENTS_MAX);
}

static int make_file(void **state)
{
	int fd = mkstemp(in);

	(void)state;
	snprintf(out, sizeof(out), "%s.out", in);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	unlink(out);
	return unlink(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_way_of_packing, make),
		cmocka_unit_test_setup(it_is_moved_at_random, make),
		cmocka_unit_test_setup(it_stays, make),
		cmocka_unit_test_setup(two_lists, make),
		cmocka_unit_test_setup(other_images, make),
		cmocka_unit_test_setup(other_versions, make),
		cmocka_unit_test_setup(damaged, make),
		cmocka_unit_test_setup(other_elf_files, make),
		cmocka_unit_test_setup(other_lists, make),
		cmocka_unit_test_setup(more_segments_than_it_knows, make),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
