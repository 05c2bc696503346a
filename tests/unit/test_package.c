// SPDX-License-Identifier: MIT
/*
 * test_package.c - the package of a door: the golden one is read, every damage
 * of its head is seen, and a piece of the door is found wherever it lies wrong.
 */
#include <stdlib.h>

#include "checked.h"
#include "digest.h"
#include "package.h"
#include "testgolden.h"
#include "trust.h"

static uint8_t bytes[64 * 1024] __attribute__((aligned(8)));
static uint64_t length;
static struct blob blob;
static struct ho_entry entry;
static struct diag_log diag;

static int setup(void **state)
{
	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	length = golden_read("v2-package.bin", bytes, sizeof(bytes));
	return 0;
}

static int open_it(void)
{
	return package_open(bytes, length, &entry, &blob, &diag);
}

static struct ho_package *head(void)
{
	return (struct ho_package *)bytes;
}

static void reseal(void)
{
	struct ho_entry e = head()->entry;

	entry_seal(&e);
	package_seal(head(), &e, head()->package_bytes);
}

static void golden_is_read(void **state)
{
	struct package_piece pieces[PACKAGE_PIECES_MAX];
	uint64_t whole;
	uint32_t count, i;

	(void)state;
	assert_true(package_is(bytes, length));
	assert_int_equal(open_it(), 0);
	assert_int_equal(entry.blob_paddr, blob_place(&blob).start);
	count = package_pieces(&blob, entry.blob_paddr, entry.blob_bytes,
			       pieces, &whole);
	assert_int_equal(count, 3);
	assert_int_equal(whole, length);
	assert_int_equal(pieces[1].place.start, 0x10400000);
	for (i = 1; i < count; i++) {
		const struct blob_image *image = i == 1
			? &blob.target.image : &blob.target.modules[0];

		assert_true(is_aligned(pieces[i].offset, HO_PAGE_BYTES));
		assert_int_equal(digest_check(image->digest_alg, image->digest,
				bytes + pieces[i].offset,
				range_bytes(pieces[i].place)), 0);
	}
	assert_int_equal(blob.trust.signature_bytes, 256);
	assert_memory_equal(blob.trust.manifest, "baton-manifest 1\n", 17);
}

/* A fallback's files come behind the target's; its tree is in the blob. */
static void fallback_is_behind(void **state)
{
	struct package_piece pieces[PACKAGE_PIECES_MAX];
	uint64_t whole, tree;

	(void)state;
	tree = golden_read("v2-full.dtb", bytes, sizeof(bytes));
	assert_int_equal(blob_parse(&blob, bytes, tree, BLOB_HANDOVER, &diag),
			 0);
	assert_int_equal(package_pieces(&blob, blob_place(&blob).start, tree,
					pieces, &whole),
			 3 + blob.target.module_count +
			 blob.fallback.module_count);
	assert_int_equal(pieces[2 + blob.target.module_count].place.start,
			 blob.fallback.image.place.start);
}

static void damaged_head(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(struct ho_package); i++) {
		bytes[i] ^= 0x10;
		assert_int_not_equal(open_it(), 0);
		bytes[i] ^= 0x10;
	}
	assert_int_equal(open_it(), 0);
}

static void refused(int code)
{
	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(open_it(), -code);
	assert_int_equal(diag.items[0].code, code);
}

static void not_whole(void **state)
{
	(void)state;
	length -= HO_PAGE_BYTES;
	refused(HO_EPACKAGE);
	head()->package_bytes -= HO_PAGE_BYTES;
	reseal();
	refused(HO_EPACKAGE);
	setup(NULL);
	length += 3 * HO_PAGE_BYTES;	/* an initrd that is longer */
	assert_int_equal(open_it(), 0);
	head()->package_bytes = length;
	reseal();
	refused(HO_EPACKAGE);
	setup(NULL);
	length = 319;
	refused(HO_EPACKAGE);
	length = 320;
	head()->package_bytes = 320;
	reseal();
	refused(HO_EPACKAGE);
}

static void newer(void **state)
{
	struct ho_package *h = head();

	(void)state;
	/* one that this reader may read, and one that it may not */
	h->version = 2;
	h->checksum = 0;
	h->checksum = digest_xxh64(h, sizeof(*h));
	assert_int_equal(open_it(), 0);
	h->compat = 2;
	h->checksum = 0;
	h->checksum = digest_xxh64(h, sizeof(*h));
	refused(HO_EBLOBVERSION);
}

static void blob_is_another(void **state)
{
	(void)state;
	bytes[HO_PAGE_BYTES + 3000] ^= 1;
	refused(HO_EDIGEST);
	setup(NULL);
	head()->entry.blob_bytes = ~0ull - 100;
	reseal();
	refused(HO_EPACKAGE);
	setup(NULL);
	head()->entry.blob_paddr += HO_PAGE_2M_BYTES;
	reseal();
	assert_int_equal(open_it(), 0);
	head()->entry.blob_paddr = 0x10400000;	/* the image's place */
	reseal();
	refused(HO_EENTRY);
	head()->entry.blob_paddr = 0x8000000;
	reseal();
	refused(HO_EENTRY);
	setup(NULL);
	head()->entry.region_base += HO_PAGE_2M_BYTES;
	reseal();
	refused(HO_EENTRY);
}

static int prove(uint64_t start, uint64_t end)
{
	const struct package_own own[] = {
		{ { 0x2a000, 0x2c000 }, "boot_params" },
		{ { start, end }, "door's image" },
	};

	diag_init(&diag, HO_STAGE_LOADER);
	return package_prove(&blob, entry.blob_paddr, entry.blob_bytes,
			     blob.stream, own, 2, &diag);
}

static void places(void **state)
{
	static const struct {
		uint64_t start, end;
		bool good;
	} rows[] = {
		{ 0x600000, 0x700000, true },
		{ 0x3fe00000, 0x3ffdf000, true },
		{ 0x3fe00000, 0x3ffdf001, false },	/* end of RAM */
		{ 0x9e000, 0x9f001, false },
		{ 0xa0000, 0xa1000, false },
		{ 0x600000, 0x600000, false },		/* empty */
		/* mfn 0x20000, 512 pages */
		{ 0x1fff0000, 0x20000000, true },
		{ 0x1fff0000, 0x20000001, false },
		{ 0x20100000, 0x20101000, false },
		{ 0x201fffff, 0x20300000, false },
		{ 0x20200000, 0x20300000, true },
		{ 0x1f000000, 0x21000000, false },
		/* mfn 0x30005, 3 pages */
		{ 0x30004000, 0x30005000, true },
		{ 0x30007fff, 0x30009000, false },
		{ 0x30008000, 0x30009000, true },
		/* region: breadcrumb, stub, image, module, blob behind it */
		{ 0x0ff00000, 0x10000000, true },
		{ 0x0ff00000, 0x10000001, false },
		{ 0x10001000, 0x10200000, true },
		{ 0x101ff000, 0x10200001, false },
		{ 0x103ff000, 0x10400000, false },
		{ 0x10401fff, 0x10402000, false },
		{ 0x10402100, 0x10402200, false },
		{ 0x10403000, 0x10404000, false },
		{ 0x10404000, 0x10405000, true },
	};
	uint32_t i;

	(void)state;
	assert_int_equal(open_it(), 0);
	for (i = 0; i < ARRAY_COUNT(rows); i++) {
		int rc = prove(rows[i].start, rows[i].end);

		if (rc != (rows[i].good ? 0 : -HO_EDOORPLACE))
			fail_msg("0x%lx..0x%lx: %d %s", rows[i].start,
				 rows[i].end, rc, diag.items[0].where);
	}
}

/* What a panic starts: the blob names nobody, so nothing lies outside. */
static void region_only(void **state)
{
	const struct package_own in[] = {
		{ { 0x10404000, 0x10405000 }, "door's image" },
		{ { 0x10405fff, 0x10406001 }, "package" },
	};
	const struct package_own out[] = {
		in[0], { { 0x600000, 0x700000 }, "package" },
	};

	(void)state;
	assert_int_equal(open_it(), 0);
	blob.region_only = true;
	blob.stream_bytes = 0;
	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(package_prove(&blob, entry.blob_paddr,
				       entry.blob_bytes, NULL, in, 2, &diag),
			 0);
	assert_int_equal(package_prove(&blob, entry.blob_paddr,
				       entry.blob_bytes, NULL, out, 2, &diag),
			 -HO_EDOORPLACE);
	/* nor over what is written */
	assert_int_equal(prove(0x101ff000, 0x10200001), -HO_EDOORPLACE);
}

static void stream_by_reference(void **state)
{
	static uint8_t tree[64 * 1024] __attribute__((aligned(8)));
	uint64_t n = golden_read("v2-reference.dtb", tree,
				 sizeof(tree));
	const uint8_t *stream;
	struct range r;

	(void)state;
	assert_int_equal(open_it(), 0);
	stream = blob.stream;
	assert_int_equal(blob_parse(&blob, tree, n, BLOB_HANDOVER, &diag), 0);
	assert_true(blob.stream_range_count);
	r = blob_stream_range(&blob, blob.stream_range_count - 1);
	blob.stream = stream;
	entry.blob_paddr = blob_place(&blob).start;
	assert_int_equal(prove(r.end - 1, r.end), -HO_EDOORPLACE);
}

static void damaged_stream(void **state)
{
	(void)state;
	assert_int_equal(open_it(), 0);
	assert_int_equal(prove(0x600000, 0x700000), 0);
	blob.stream_bytes -= 8;
	assert_int_equal(prove(0x600000, 0x700000), -HO_ESTREAMTRUNC);
}

static void slot_of_trust(void **state)
{
	static uint8_t image[8192] __attribute__((aligned(16)));
	struct ho_trust t;
	uint32_t i;

	(void)state;
	assert_int_equal(golden_read("v2-trust.bin", bytes,
				     sizeof(bytes)), sizeof(t));
	memcpy(&t, bytes, sizeof(t));
	assert_true(trust_is_sane(&t));
	memset(image, 0, sizeof(image));
	assert_int_equal(trust_find(image, sizeof(image)), 0);
	memcpy(image + 1040, &t, sizeof(t));
	assert_int_equal(trust_find(image, sizeof(image)), 1040);
	assert_int_equal(trust_find(image, 1040 + sizeof(t)), 1040);
	assert_int_equal(trust_find(image, 1039 + sizeof(t)), 0);
	memcpy(image + 4096, &t, sizeof(t));
	assert_int_equal(trust_find(image, sizeof(image)), 0);
	for (i = 0; i < 32; i++)	/* no field is free to change alone */
		if (i < 20 || i >= 24) {
			memcpy(&t, bytes, sizeof(t));
			((uint8_t *)&t)[i] ^= i >= 24 && i < 28 ? 1 : 0x80;
			if (i < 25 || i > 27)
				assert_false(trust_is_sane(&t));
		}
	memset(&t, 0, sizeof(t));
	t.magic = HO_TRUST_MAGIC;
	t.version = HO_TRUST_VERSION;
	t.bytes = sizeof(t);
	assert_true(trust_is_sane(&t));
	t.least = 1;
	assert_false(trust_is_sane(&t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(golden_is_read, setup),
		cmocka_unit_test_setup(fallback_is_behind, setup),
		cmocka_unit_test_setup(damaged_head, setup),
		cmocka_unit_test_setup(not_whole, setup),
		cmocka_unit_test_setup(newer, setup),
		cmocka_unit_test_setup(blob_is_another, setup),
		cmocka_unit_test_setup(places, setup),
		cmocka_unit_test_setup(region_only, setup),
		cmocka_unit_test_setup(stream_by_reference, setup),
		cmocka_unit_test_setup(damaged_stream, setup),
		cmocka_unit_test_setup(slot_of_trust, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
