// SPDX-License-Identifier: MIT
/*
 * test_bzimage.c - the bzImage reader with a hand-made bad header per check,
 * and the zero page: what is copied, where the numbers stand, the E820 table
 * at each of its limits. Offsets are those of boot.rst and zero-page.rst.
 */
#include "bootparams.h"
#include "cmocka_all.h"

#define SECTORS		3	/* behind the boot sector */
#define SETUP_BYTES	((SECTORS + 1) * 512)
#define PM_BYTES	0x600
#define IMAGE_BYTES	(SETUP_BYTES + PM_BYTES)

static uint8_t image[64 * 1024];
static struct diag_log diag;

static void put8(uint32_t offset, uint8_t v)
{
	image[offset] = v;
}

static void put16(uint32_t offset, uint16_t v)
{
	memcpy(image + offset, &v, sizeof(v));
}

static void put32(uint32_t offset, uint32_t v)
{
	memcpy(image + offset, &v, sizeof(v));
}

static void put64(uint32_t offset, uint64_t v)
{
	memcpy(image + offset, &v, sizeof(v));
}

/* The header of a 6.1 kernel, smaller. */
static int setup(void **state)
{
	(void)state;
	memset(image, 0x90, sizeof(image));
	memset(image + 0x1f1, 0, 0x290 - 0x1f1);
	put8(0x1f1, SECTORS);
	put16(0x1fe, 0xaa55);
	put8(0x200, 0xeb);
	put8(0x201, 0x6a);		/* header ends at 0x26c */
	memcpy(image + 0x202, "HdrS", 4);
	put16(0x206, 0x020f);
	put8(0x211, 0x01);		/* LOADED_HIGH */
	put32(0x214, 0x100000);
	put32(0x230, 0x200000);		/* kernel_alignment */
	put8(0x234, 1);			/* relocatable */
	put16(0x236, 0x7f);		/* xloadflags */
	put32(0x238, 2047);		/* cmdline_size */
	put64(0x258, 0x1000000);	/* pref_address */
	put32(0x260, 0x3000000);	/* init_size */
	diag_init(&diag, HO_STAGE_PLUG);
	return 0;
}

static struct bzimage parse(uint64_t length)
{
	struct bzimage bz;

	assert_int_equal(bzimage_parse(&bz, image, length, &diag), 0);
	assert_int_equal(diag.total, 0);
	return bz;
}

/* From a block of exactly that length, so that ASan sees a byte too far. */
static void refused(uint64_t length, int code)
{
	uint8_t *exact = malloc(length + !length);
	struct bzimage bz;

	memcpy(exact, image, length);
	diag_init(&diag, HO_STAGE_PLUG);
	assert_int_equal(bzimage_parse(&bz, exact, length, &diag), -code);
	assert_int_equal(diag.total, 1);
	assert_int_equal(diag.items[0].code, code);
	free(exact);
}

static void good_image(void **state)
{
	struct bzimage bz = parse(IMAGE_BYTES);

	(void)state;
	assert_int_equal(bz.setup_bytes, SETUP_BYTES);
	assert_int_equal(bz.pm_bytes, PM_BYTES);
	assert_int_equal(bz.header_bytes, 0x26c - 0x1f1);
	assert_int_equal(bz.version, 0x020f);
	assert_int_equal(bz.alignment, 0x200000);
	assert_int_equal(bz.init_size, 0x3000000);
	assert_int_equal(bz.pref_address, 0x1000000);
	assert_int_equal(bz.cmdline_max, 2047);
	assert_true(bz.above_4g && bz.five_levels);
}

static void not_above_4g(void **state)
{
	(void)state;
	put16(0x236, 0x1);
	assert_false(parse(IMAGE_BYTES).above_4g);
	assert_false(parse(IMAGE_BYTES).five_levels);
}

static void no_setup_sectors_means_4(void **state)
{
	(void)state;
	put8(0x1f1, 0);
	assert_int_equal(parse(8192).setup_bytes, 5 * 512);
}

/* Up to the byte that the 64-bit entry needs: none is enough. */
static void truncated(void **state)
{
	uint64_t length;

	(void)state;
	for (length = 0; length <= SETUP_BYTES + 0x200; length++)
		refused(length, HO_ENOTBZIMAGE);
	diag_init(&diag, HO_STAGE_PLUG);
	parse(SETUP_BYTES + 0x201);
}

static void most_setup_sectors(void **state)
{
	(void)state;
	put8(0x1f1, 64);
	refused(65 * 512 + 0x200, HO_ENOTBZIMAGE);
	put8(0x1f1, 255);
	refused(sizeof(image), HO_ENOTBZIMAGE);
}

static void magics(void **state)
{
	(void)state;
	put16(0x1fe, 0x55aa);
	refused(IMAGE_BYTES, HO_ENOTBZIMAGE);
	setup(NULL);
	put8(0x205, 'T');
	refused(IMAGE_BYTES, HO_ENOTBZIMAGE);
	memset(image, 0, sizeof(image));
	refused(IMAGE_BYTES, HO_ENOTBZIMAGE);
}

static void too_old(void **state)
{
	(void)state;
	put16(0x206, 0x020b);
	refused(IMAGE_BYTES, HO_EBZOLD);
	put16(0x206, 0x020c);
	diag_init(&diag, HO_STAGE_PLUG);
	parse(IMAGE_BYTES);
}

static void without_64_bit_entry(void **state)
{
	(void)state;
	put16(0x236, 0x7e);
	refused(IMAGE_BYTES, HO_EBZOLD);
}

static void not_relocatable(void **state)
{
	(void)state;
	put8(0x234, 0);
	refused(IMAGE_BYTES, HO_EBZOLD);
}

static void longer_than_init_size(void **state)
{
	(void)state;
	put32(0x260, PM_BYTES);
	parse(IMAGE_BYTES);
	put32(0x260, PM_BYTES - 1);
	refused(IMAGE_BYTES, HO_ENOTBZIMAGE);
	put32(0x260, 0);
	refused(IMAGE_BYTES, HO_ENOTBZIMAGE);
}

static void alignment(void **state)
{
	(void)state;
	put32(0x230, 0);
	refused(IMAGE_BYTES, HO_ENOTBZIMAGE);
	put32(0x230, 0x300000);
	refused(IMAGE_BYTES, HO_ENOTBZIMAGE);
	put32(0x230, 0x80000000);
	diag_init(&diag, HO_STAGE_PLUG);
	assert_int_equal(parse(IMAGE_BYTES).alignment, 0x80000000);
}

/* The jump says where the header ends: not before init_size. */
static void header_length(void **state)
{
	(void)state;
	put8(0x201, 0x264 - 0x202 - 1);
	refused(IMAGE_BYTES, HO_ENOTBZIMAGE);
	put8(0x201, 0x264 - 0x202);
	diag_init(&diag, HO_STAGE_PLUG);
	parse(IMAGE_BYTES);
	put8(0x201, 0xff);
	assert_int_equal(parse(IMAGE_BYTES).header_bytes, 0x301 - 0x1f1);
}

/* The longest header still ends inside the smallest setup part. */
static void smallest_setup_part(void **state)
{
	(void)state;
	put8(0x1f1, 1);
	put8(0x201, 0xff);
	assert_int_equal(parse(IMAGE_BYTES).setup_bytes, 1024);
}

/* The zero page */

static uint8_t zero[BOOTPARAMS_BYTES + 16];
static struct e820_entry entries[3200];
static struct e820_map map = {
	.entries = entries, .capacity = ARRAY_COUNT(entries),
};

static uint64_t get(const uint8_t *bytes, uint32_t offset, uint32_t count)
{
	uint64_t v = 0;

	memcpy(&v, bytes + offset, count);
	return v;
}

static void make_map(uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint64_t start = 0x100000ull * i;

		entries[i].place = (struct range){ start, start + 0x1000 + i };
		entries[i].type = 1 + i % 5;
	}
	map.count = count;
}

static struct bootparams_input input(const struct bzimage *bz)
{
	return (struct bootparams_input){
		.image = image, .image_bytes = IMAGE_BYTES, .bz = bz,
		.map = &map,
		.cmdline_paddr = 0x123456789000,
		.initrd_paddr = 0x2345678a000,
		.initrd_bytes = 0x5000000123,
		.rsdp = 0x7ffe014, .extra_paddr = 0x1122334455667000,
	};
}

static void fill(void *ext, uint32_t count)
{
	struct bzimage bz = parse(IMAGE_BYTES);
	struct bootparams_input in = input(&bz);

	make_map(count);
	memset(zero, 0xa5, sizeof(zero));
	bootparams_fill(zero, ext, &in);
}

static void header_is_copied(void **state)
{
	(void)state;
	put8(0x26b, 0x77);
	put8(0x26c, 0x78);		/* behind the header */
	fill(NULL, 1);
	assert_memory_equal(zero + 0x1f1, image + 0x1f1, 0x210 - 0x1f1);
	assert_memory_equal(zero + 0x22c, image + 0x22c, 0x250 - 0x22c);
	assert_memory_equal(zero + 0x258, image + 0x258, 0x26c - 0x258);
	assert_int_equal(zero[0x26c], 0);
	assert_int_equal(zero[0x1f0], 0);
	/* what is not filled is clear, and nothing behind is written */
	assert_true(bytes_are_zero(zero, 0x70));
	assert_true(bytes_are_zero(zero + 0x26c, 0x2d0 - 0x26c));
	assert_true(bytes_are_zero(zero + 0x2d0 + 20,
				   BOOTPARAMS_BYTES - 0x2d0 - 20));
	assert_int_equal(zero[BOOTPARAMS_BYTES], 0xa5);
}

/* The longest header does not run into what follows it in the zero page. */
static void longest_header(void **state)
{
	(void)state;
	put8(0x201, 0xff);
	memset(image + 0x270, 0x66, 0x100);
	fill(NULL, 0);
	assert_int_equal(zero[0x28f], 0x66);
	assert_true(bytes_are_zero(zero + 0x290, BOOTPARAMS_BYTES - 0x290));
}

static void addresses_are_split(void **state)
{
	(void)state;
	fill(NULL, 1);
	assert_int_equal(zero[0x210], 0xff);
	assert_true(get(zero, 0x070, 8) == 0x7ffe014);
	assert_int_equal(get(zero, 0x228, 4), 0x56789000);
	assert_int_equal(get(zero, 0x0c8, 4), 0x1234);
	assert_int_equal(get(zero, 0x218, 4), 0x5678a000);
	assert_int_equal(get(zero, 0x0c0, 4), 0x234);
	assert_int_equal(get(zero, 0x21c, 4), 0x00000123);
	assert_int_equal(get(zero, 0x0c4, 4), 0x50);
}

static void without_initrd(void **state)
{
	struct bzimage bz = parse(IMAGE_BYTES);
	struct bootparams_input in = { .image = image, .bz = &bz,
				       .image_bytes = IMAGE_BYTES,
				       .map = &map };

	(void)state;
	put32(0x218, 0xdead);		/* left in the file */
	put32(0x21c, 0xdead);
	put64(0x250, 0xdead);
	bootparams_fill(zero, NULL, &in);
	assert_true(get(zero, 0x218, 8) == 0);
	assert_true(get(zero, 0x0c0, 8) == 0);
	assert_true(get(zero, 0x070, 8) == 0);
	assert_true(get(zero, 0x250, 8) == 0);
}

static void entry_is(const uint8_t *at, uint32_t i)
{
	assert_true(get(at, 0, 8) == entries[i].place.start);
	assert_true(get(at, 8, 8) == range_bytes(entries[i].place));
	assert_true(get(at, 16, 4) == entries[i].type);
}

static void ext_bytes(void **state)
{
	(void)state;
	assert_int_equal(bootparams_extra_bytes(0, NULL), 0);
	assert_int_equal(bootparams_extra_bytes(127, NULL), 0);
	assert_int_equal(bootparams_extra_bytes(128, NULL), 0);
	assert_int_equal(bootparams_extra_bytes(129, NULL), 16 + 20);
	assert_int_equal(bootparams_extra_bytes(3200, NULL), 16 + 20 * 3072);
	assert_true(bootparams_extra_bytes(UINT32_MAX, NULL) ==
		    16 + 20 * (UINT32_MAX - 128ull));
}

/* 127 and 128 entries stand in the zero page alone. */
static void map_in_the_zero_page(void **state)
{
	uint32_t count, i;

	(void)state;
	for (count = 127; count <= 128; count++) {
		fill(NULL, count);
		assert_int_equal(zero[0x1e8], count);
		assert_true(get(zero, 0x250, 8) == 0);
		for (i = 0; i < count; i++)
			entry_is(zero + 0x2d0 + 20 * i, i);
		assert_true(bytes_are_zero(zero + 0x2d0 + 20 * count,
					   BOOTPARAMS_BYTES - 0x2d0 -
					   20 * count));
	}
}

/* From 129 on the rest follows in setup_data, of exactly that length. */
static void map_with_extension(void **state)
{
	static const uint32_t counts[] = { 129, 500, 3200 };
	uint32_t n, i;

	(void)state;
	for (n = 0; n < ARRAY_COUNT(counts); n++) {
		uint64_t bytes = bootparams_extra_bytes(counts[n], NULL);
		uint8_t *ext = malloc(bytes);

		memset(ext, 0xa5, bytes);
		fill(ext, counts[n]);
		assert_int_equal(zero[0x1e8], 128);
		assert_true(get(zero, 0x250, 8) == 0x1122334455667000);
		assert_true(get(ext, 0, 8) == 0);	/* next */
		assert_int_equal(get(ext, 8, 4), 1);	/* SETUP_E820_EXT */
		assert_int_equal(get(ext, 12, 4), bytes - 16);
		for (i = 0; i < 128; i++)
			entry_is(zero + 0x2d0 + 20 * i, i);
		for (; i < counts[n]; i++)
			entry_is(ext + 16 + 20 * (i - 128), i);
		free(ext);
	}
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(good_image), T(not_above_4g), T(no_setup_sectors_means_4),
		T(truncated), T(most_setup_sectors), T(magics), T(too_old),
		T(without_64_bit_entry), T(not_relocatable),
		T(longer_than_init_size), T(alignment), T(header_length),
		T(smallest_setup_part), T(header_is_copied),
		T(longest_header), T(addresses_are_split), T(without_initrd),
		T(ext_bytes), T(map_in_the_zero_page), T(map_with_extension),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
