// SPDX-License-Identifier: MIT
/*
 * test_account.c - who has the bytes of the region: a small update's numbers,
 * by hand, and those that cannot be.
 */
#include "account.h"
#include "cmocka_all.h"
#include "testmachine.h"

static struct blob blob;
static struct result result;
static struct diag_log diag;

static struct blob_image image(uint64_t start, uint64_t bytes)
{
	return (struct blob_image){ .place = { start, start + bytes } };
}

static int setup(void **state)
{
	const uint64_t at = REGION_BASE + HO_IMAGES_OFFSET;

	(void)state;
	diag_init(&diag, 0);
	blob = (struct blob){
		.region_count = 2,
		.region = { { REGION_BASE, REGION_BASE + 32 * MIB },
			    { 512 * MIB, 514 * MIB } },
		.target = { .kind = TARGET_LINUX, .module_count = 1,
			    .image = image(at, 4096 + 1),
			    .modules = { image(at + 8192, 4096) } },
		.fallback = { .kind = TARGET_LINUX,
			      .image = image(at + 12288, 100) },
		.fallback_tree = image(at + 16384, 5000),
	};
	result = (struct result){
		.blob_paddr = at + 24576, .blob_bytes = 6000,
		.tables = 3, .runs = 65, .domain_count = 2,
		.domain_table_bytes = 512, .region_used = 40000,
	};
	return 0;
}

static void test_parts(void **state)
{
	struct account a;

	(void)state;
	assert_int_equal(account_region(&a, &blob, &result, 3000, &diag), 0);
	assert_int_equal(a.breadcrumb, 4096);
	assert_int_equal(a.stub, 2 * MIB);
	assert_int_equal(a.images, 3 * 4096);
	assert_int_equal(a.fallback, 3 * 4096);
	assert_int_equal(a.blob, 2 * 4096);
	assert_int_equal(a.frametable, 3 * 4096 + 2 * 4096);
	assert_int_equal(a.domains, 512);
	assert_int_equal(a.result, 3000);
	assert_int_equal(a.rest, 40000 - 5 * 4096 - 512 - 3000);
	assert_int_equal(a.total, 34 * MIB);
	assert_int_equal(a.breadcrumb + a.stub + a.images + a.fallback +
			 a.blob + a.frametable + a.domains + a.result +
			 a.rest + a.free, a.total);
}

static void test_more_than_there_is(void **state)
{
	struct account a;

	(void)state;
	result.region_used = 32 * MIB;
	assert_int_equal(account_region(&a, &blob, &result, 3000, &diag),
			 -HO_EVALUE);
}

static void test_less_than_its_parts(void **state)
{
	struct account a;

	(void)state;
	result.region_used = 5 * 4096;
	assert_int_equal(account_region(&a, &blob, &result, 3000, &diag),
			 -HO_EVALUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_parts, setup),
		cmocka_unit_test_setup(test_more_than_there_is, setup),
		cmocka_unit_test_setup(test_less_than_its_parts, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
