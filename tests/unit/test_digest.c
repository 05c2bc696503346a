// SPDX-License-Identifier: MIT
/*
 * test_digest.c - XXH64 and SHA-256 against published values, the streaming form against
 * the whole, and the checksums of entry block and breadcrumb.
 */
#include "blob.h"
#include "digest.h"
#include "span.h"
#include "testgolden.h"
#include "handover/errors.h"

/* Values that other implementations of XXH64 test themselves with. */
static void known_values(void **state)
{
	(void)state;
	assert_true(digest_xxh64("", 0) == 0xef46db3751d8e999);
	assert_true(digest_xxh64("a", 1) == 0xd24ec4f1a98c6e5b);
	assert_true(digest_xxh64("abc", 3) == 0x44bc2cf5ad770999);
	assert_true(digest_xxh64("Nobody inspects the spammish repetition",
				 39) == 0xfbcea83c8a378bf1);
}

static void digest_is_big_endian(void **state)
{
	static const uint8_t want[HO_DIGEST_BYTES] = {
		0x44, 0xbc, 0x2c, 0xf5, 0xad, 0x77, 0x09, 0x99,
	};
	uint8_t out[HO_DIGEST_BYTES];

	(void)state;
	memset(out, 0xff, sizeof(out));
	assert_int_equal(digest_of(HO_DIGEST_XXH64, "abc", 3, out), 0);
	assert_memory_equal(out, want, sizeof(want));
}

/* FIPS 180-4's own examples; the last is longer than a block. */
static void sha256_values(void **state)
{
	static const uint8_t abc[HO_DIGEST_BYTES] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
		0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
		0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
		0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
	};
	static const uint8_t two_blocks[HO_DIGEST_BYTES] = {
		0x24, 0x8d, 0x6a, 0x61, 0xd2, 0x06, 0x38, 0xb8,
		0xe5, 0xc0, 0x26, 0x93, 0x0c, 0x3e, 0x60, 0x39,
		0xa3, 0x3c, 0xe4, 0x59, 0x64, 0xff, 0x21, 0x67,
		0xf6, 0xec, 0xed, 0xd4, 0x19, 0xdb, 0x06, 0xc1,
	};

	(void)state;
	assert_int_equal(digest_check(HO_DIGEST_SHA256, abc, "abc", 3), 0);
	assert_int_equal(digest_check(HO_DIGEST_SHA256, two_blocks,
			"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			56), 0);
}

static void unknown_algorithm(void **state)
{
	uint8_t out[HO_DIGEST_BYTES] = { 0 };

	(void)state;
	assert_int_equal(digest_of(HO_DIGEST_NONE, "abc", 3, out),
			 -HO_EVALUE);
	assert_int_equal(digest_of(3, "abc", 3, out), -HO_EVALUE);
	assert_int_equal(digest_check(3, out, "abc", 3), -HO_EVALUE);
	assert_int_equal(digest_check(UINT32_MAX, out, "abc", 3),
			 -HO_EVALUE);
}

/* Any changed bit of data or digest is seen, in the unused bytes too. */
static void check(void **state)
{
	static const uint8_t zero[HO_DIGEST_BYTES];
	uint8_t data[64], digest[HO_DIGEST_BYTES];
	size_t bit;

	(void)state;
	memset(data, 0x5a, sizeof(data));
	digest_of(HO_DIGEST_XXH64, data, sizeof(data), digest);
	assert_int_equal(digest_check(HO_DIGEST_XXH64, digest, data,
				      sizeof(data)), 0);
	assert_int_equal(digest_check(HO_DIGEST_XXH64, digest, data,
				      sizeof(data) - 1), -HO_EDIGEST);
	assert_int_equal(digest_check(HO_DIGEST_NONE, digest, data, 1),
			 -HO_ERESERVED);
	assert_int_equal(digest_check(HO_DIGEST_NONE, zero, data, 1), 0);
	for (bit = 0; bit < 8 * sizeof(data); bit++) {
		data[bit / 8] ^= 1 << bit % 8;
		assert_int_equal(digest_check(HO_DIGEST_XXH64, digest, data,
					      sizeof(data)), -HO_EDIGEST);
		data[bit / 8] ^= 1 << bit % 8;
	}
	for (bit = 0; bit < 8 * sizeof(digest); bit++) {
		digest[bit / 8] ^= 1 << bit % 8;
		assert_int_equal(digest_check(HO_DIGEST_XXH64, digest, data,
					      sizeof(data)), -HO_EDIGEST);
		digest[bit / 8] ^= 1 << bit % 8;
	}
}

/* Every split of every length around the 32-byte stripe, and unaligned. */
static void streaming(void **state)
{
	uint8_t data[140], whole[HO_DIGEST_BYTES], parts[HO_DIGEST_BYTES];
	struct digest_stream d;
	size_t length, cut, shift, i;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 37 + 11;
	for (length = 0; length < 132; length++) {
		shift = length % 8;
		digest_of(HO_DIGEST_XXH64, data + shift, length, whole);
		for (cut = 0; cut <= length; cut++) {
			digest_begin(&d);
			digest_update(&d, data + shift, cut);
			digest_update(&d, data + shift + cut, length - cut);
			digest_end(&d, parts);
			assert_memory_equal(parts, whole, sizeof(whole));
		}
	}
}

static void streaming_byte_by_byte(void **state)
{
	uint8_t data[100], whole[HO_DIGEST_BYTES], parts[HO_DIGEST_BYTES];
	struct digest_stream d;
	size_t i;

	(void)state;
	memset(data, 7, sizeof(data));
	digest_of(HO_DIGEST_XXH64, data, sizeof(data), whole);
	digest_begin(&d);
	for (i = 0; i < sizeof(data); i++)
		digest_update(&d, data + i, 1);
	digest_end(&d, parts);
	assert_memory_equal(parts, whole, sizeof(whole));
}

static struct ho_entry good_entry(void)
{
	struct ho_entry e = {
		.magic = HO_ENTRY_MAGIC,
		.version = HO_ABI_VERSION,
		.compat = HO_ENTRY_COMPAT,
		.bytes = sizeof(e),
		.blob_paddr = 0x10400000,
		.region_base = 0x10000000,
	};

	entry_seal(&e);
	return e;
}

/* A flipped bit anywhere in the block is seen. */
static void entry_block(void **state)
{
	struct ho_entry e = good_entry();
	uint8_t *bytes = (uint8_t *)&e;
	size_t bit;

	(void)state;
	assert_true(entry_check(&e));
	for (bit = 0; bit < 8 * sizeof(e); bit++) {
		bytes[bit / 8] ^= 1 << bit % 8;
		assert_false(entry_check(&e));
		bytes[bit / 8] ^= 1 << bit % 8;
	}
	entry_seal(&e);
	assert_true(entry_check(&e));
}

/* Wrong fields under a good checksum. */
static void entry_block_fields(void **state)
{
	struct ho_entry e = good_entry();

	(void)state;
	e.magic++;
	entry_seal(&e);
	assert_false(entry_check(&e));
	e = good_entry();
	e.version = HO_ENTRY_COMPAT - 1;	/* older than its reader */
	entry_seal(&e);
	assert_false(entry_check(&e));
	e = good_entry();
	e.compat = 0;
	entry_seal(&e);
	assert_false(entry_check(&e));
	e = good_entry();
	e.version = 0;
	e.compat = 0;
	entry_seal(&e);
	assert_false(entry_check(&e));
	e = good_entry();
	e.bytes--;
	entry_seal(&e);
	assert_false(entry_check(&e));
	e = good_entry();
	e.reserved[sizeof(e.reserved) - 1] = 1;
	entry_seal(&e);
	assert_false(entry_check(&e));
	memset(&e, 0, sizeof(e));
	assert_false(entry_check(&e));
	entry_seal(&e);
	assert_false(entry_check(&e));
}

static struct ho_breadcrumb good_crumb(void)
{
	struct ho_breadcrumb c = {
		.magic = HO_BREADCRUMB_MAGIC,
		.compat = HO_CRUMB_COMPAT,
		.version = HO_ABI_VERSION,
		.bytes = sizeof(c),
		.state = HO_STATE_FAILED,
		.error = HO_EDOUBLE,
		.where = "mfn 0x20001",
	};

	breadcrumb_seal(&c);
	return c;
}

static void breadcrumb(void **state)
{
	struct ho_breadcrumb c = good_crumb();
	uint8_t *bytes = (uint8_t *)&c;
	size_t bit;

	(void)state;
	assert_true(breadcrumb_check(&c));
	for (bit = 0; bit < 8 * sizeof(c); bit++) {
		bytes[bit / 8] ^= 1 << bit % 8;
		assert_false(breadcrumb_check(&c));
		bytes[bit / 8] ^= 1 << bit % 8;
	}
}

static void breadcrumb_fields(void **state)
{
	struct ho_breadcrumb c = good_crumb();

	(void)state;
	c.magic ^= 1ull << 63;
	breadcrumb_seal(&c);
	assert_false(breadcrumb_check(&c));
	c = good_crumb();
	c.compat = 0;
	breadcrumb_seal(&c);
	assert_false(breadcrumb_check(&c));
	c = good_crumb();
	c.compat = 2;
	c.version = 0;			/* older than its reader */
	breadcrumb_seal(&c);
	assert_false(breadcrumb_check(&c));
	assert_false(breadcrumb_is_newer(&c));
	c = good_crumb();
	c.reserved0 = 1;
	breadcrumb_seal(&c);
	assert_false(breadcrumb_check(&c));
	c = good_crumb();
	c.bytes++;
	breadcrumb_seal(&c);
	assert_false(breadcrumb_check(&c));
	c = good_crumb();
	c.reserved[0] = 1;
	breadcrumb_seal(&c);
	assert_false(breadcrumb_check(&c));
	c = good_crumb();
	memset(c.where, 'x', sizeof(c.where));	/* not terminated */
	breadcrumb_seal(&c);
	assert_false(breadcrumb_check(&c));
}

/* What 0.1.0 to 0.4.2 wrote is read for ever, and for their stubs written. */
static void version_1(void **state)
{
	struct ho_breadcrumb c = good_crumb();
	struct ho_entry e = good_entry(), golden;

	(void)state;
	entry_seal_for(&e, 1);
	assert_int_equal(e.version, 1);
	assert_int_equal(e.compat, 0);
	assert_true(entry_check(&e));
	e.compat = 1;			/* version 1: reserved */
	entry_seal(&e);
	assert_false(entry_check(&e));
	assert_int_equal(golden_read("v1-entry.bin", &golden, sizeof(golden)),
			 sizeof(golden));
	e = golden;
	e.version = e.checksum = 99;
	entry_seal_for(&e, 1);
	assert_memory_equal(&e, &golden, sizeof(e));
	c.version = 0;
	breadcrumb_seal(&c);
	assert_true(breadcrumb_check(&c));
	assert_int_equal(breadcrumb_version(&c), 1);
}

/* What a reader of version 1 looks at, for it may come next. */
static void read_by_version_1(void **state)
{
	struct ho_breadcrumb c = good_crumb();
	uint32_t number;

	(void)state;
	memcpy(&number, (uint8_t *)&c + 8, sizeof(number));
	assert_int_equal(number, 1);
	assert_true(bytes_are_zero(c.reserved, sizeof(c.reserved)));
	assert_int_equal(c.bytes, 408);
}

/* A newer writer may add what may be ignored ... */
static void newer_writer(void **state)
{
	struct ho_breadcrumb c = good_crumb();
	struct ho_entry e = good_entry();

	(void)state;
	entry_seal_for(&e, HO_ABI_VERSION);
	assert_int_equal(e.version, HO_ABI_VERSION);
	e.version = HO_ABI_VERSION + 1;
	e.compat = HO_ABI_VERSION;
	e.reserved[7] = 1;
	entry_seal(&e);
	assert_true(entry_check(&e));
	assert_false(entry_is_newer(&e));
	c.version = HO_ABI_VERSION + 7;
	c.compat = HO_ABI_VERSION;
	c.reserved0 = 1;
	c.reserved[7] = 1;
	breadcrumb_seal(&c);
	assert_true(breadcrumb_check(&c));
	assert_false(breadcrumb_is_newer(&c));
	assert_int_equal(breadcrumb_version(&c), HO_ABI_VERSION + 7);
}

/* ... or ask for a reader that knows it, which then is what is wrong; but
 * not bytes that nobody has sealed. */
static void needs_a_newer_reader(void **state)
{
	struct ho_breadcrumb c = good_crumb();
	struct ho_entry e = good_entry();

	(void)state;
	assert_false(entry_is_newer(&e));
	e.version = e.compat = HO_ABI_VERSION + 1;
	assert_false(entry_is_newer(&e));
	entry_seal(&e);
	assert_false(entry_check(&e));
	assert_true(entry_is_newer(&e));
	e.bytes += 8;
	assert_true(entry_is_newer(&e));
	e.magic++;
	assert_false(entry_is_newer(&e));
	assert_false(breadcrumb_is_newer(&c));
	c.version = c.compat = HO_ABI_VERSION + 1;
	assert_false(breadcrumb_is_newer(&c));
	breadcrumb_seal(&c);
	assert_false(breadcrumb_check(&c));
	assert_true(breadcrumb_is_newer(&c));
	c.bytes += 8;
	assert_true(breadcrumb_is_newer(&c));
	c.version--;
	assert_false(breadcrumb_is_newer(&c));
}

/* Of an image the stub looks at the faster digest, where there is one; a loader,
 * and a stub with a key, at both. */
static void images(void **state)
{
	struct blob_image i = { .place = { 0, 3 },
				.digest_alg = HO_DIGEST_SHA256 };

	(void)state;
	digest_of(HO_DIGEST_SHA256, "abc", 3, i.digest);
	assert_int_equal(blob_check_image(&i, "abc", false), 0);
	assert_int_equal(blob_check_image(&i, "abd", false), -HO_EDIGEST);
	i.placed = 0x44bc2cf5ad770999;
	assert_int_equal(blob_check_image(&i, "abc", false), 0);
	assert_int_equal(blob_check_image(&i, "abc", true), 0);
	assert_int_equal(blob_check_image(&i, "abd", false), -HO_EDIGEST);
	i.digest[0] ^= 1;
	assert_int_equal(blob_check_image(&i, "abc", false), 0);
	assert_int_equal(blob_check_image(&i, "abc", true), -HO_EDIGEST);
	i.digest[0] ^= 1;
	i.placed ^= 1;
	assert_int_equal(blob_check_image(&i, "abc", false), -HO_EDIGEST);
	assert_int_equal(blob_check_image(&i, "abc", true), -HO_EDIGEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(digest_is_big_endian),
		cmocka_unit_test(sha256_values),
		cmocka_unit_test(unknown_algorithm),
		cmocka_unit_test(check),
		cmocka_unit_test(images),
		cmocka_unit_test(streaming),
		cmocka_unit_test(streaming_byte_by_byte),
		cmocka_unit_test(entry_block),
		cmocka_unit_test(entry_block_fields),
		cmocka_unit_test(breadcrumb),
		cmocka_unit_test(breadcrumb_fields),
		cmocka_unit_test(version_1),
		cmocka_unit_test(read_by_version_1),
		cmocka_unit_test(newer_writer),
		cmocka_unit_test(needs_a_newer_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
