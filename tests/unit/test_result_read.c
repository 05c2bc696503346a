// SPDX-License-Identifier: MIT
/*
 * test_result_read.c - the reader of the result tree: one damaged by hand per
 * refusal.
 */
#include <libfdt.h>
#include <stdio.h>

#include "testgolden.h"
#include "testtree.h"

/* Change the tree with libfdt's own editing, then read it. */
static int open_tree(const char *path)
{
	int at;

	tree_setup(NULL);
	tree_write();
	assert_int_equal(fdt_open_into(tree, tree, sizeof(tree)), 0);
	at = fdt_path_offset(tree, path);
	assert_true(at >= 0);
	return at;
}

static void refused(int code, const char *where)
{
	assert_int_equal(tree_read(), -code);
	assert_int_equal(diag.total, 1);
	assert_int_equal(diag.items[0].code, code);
	assert_string_equal(diag.items[0].where, where);
}

static void set_reg(const char *path, uint64_t start, uint64_t length)
{
	fdt64_t v[2] = { cpu_to_fdt64(start), cpu_to_fdt64(length) };

	assert_int_equal(fdt_setprop(tree, open_tree(path), "reg", v,
				     sizeof(v)), 0);
}

#define FT	"/result/frametable@14000000"
#define DT	"/result/domain-table@14100000"
#define LOG	"/result/log@14200000"
#define BLOB	"/result/blob@13000000"

static void nodes(void **state)
{
	static const char *const paths[][2] = {
		{ "/result", "/result" }, { BLOB, "/result/blob" },
		{ LOG, "/result/log" }, { FT, "/result/frametable" },
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(paths); i++) {
		fdt_del_node(tree, open_tree(paths[i][0]));
		refused(HO_ENODE, paths[i][1]);
	}
	fdt_del_node(tree, open_tree(DT));	/* may be absent */
	tree_good();
	assert_int_equal(result.domain_count, 0);
}

static void compatible(void **state)
{
	(void)state;
	fdt_setprop_string(tree, open_tree("/result"), "compatible",
			   "baton,result-v2");
	refused(HO_EBLOBCOMPAT, "/result/compatible");
	fdt_delprop(tree, open_tree("/result"), "compatible");
	refused(HO_EBLOBCOMPAT, "/result/compatible");
}

/* The node's own pair: it is the stub's, the root's the loader's. Absent in
 * what version 1 wrote. */
static void versions(void **state)
{
	(void)state;
	open_tree("/result");
	tree_good();
	assert_int_equal(result.version, HO_ABI_VERSION);
	fdt_setprop_u32(tree, open_tree("/result"), HO_FDT_VERSION,
			HO_ABI_VERSION + 1);
	tree_good();
	fdt_setprop_u32(tree, fdt_path_offset(tree, "/result"), HO_FDT_COMPAT,
			HO_ABI_VERSION + 1);
	refused(HO_EBLOBVERSION,
		"result version 3 wants reader 3, not 2");
	fdt_setprop_u32(tree, fdt_path_offset(tree, "/result"), HO_FDT_COMPAT,
			HO_ABI_VERSION + 2);	/* than its writer */
	refused(HO_EBLOBVERSION,
		"result version 3 wants reader 4, not 2");
	fdt_delprop(tree, open_tree("/result"), HO_FDT_COMPAT);
	refused(HO_EPROP, "/result/" HO_FDT_COMPAT);
	fdt_delprop(tree, open_tree("/result"), HO_FDT_VERSION);
	tree_good();
	assert_int_equal(result.version, 1);
}

/* Each property absent, and a cell too long. */
static void properties(void **state)
{
	static const char *const props[][2] = {
		{ "/result", HO_FDT_STAGE_TSC },
		{ "/result", HO_FDT_FRAMES_OWNED },
		{ "/result", HO_FDT_FRAMES_PLUGGED },
		{ "/result", HO_FDT_FRAMES_UNPLUGGED },
		{ "/result", HO_FDT_REGION_USED },
		{ "/result", HO_FDT_MEMORY_MAP },
		{ "/result", HO_FDT_NOT_PLUGGED },
		{ BLOB, "reg" }, { LOG, "reg" }, { FT, "reg" },
		{ FT, HO_FDT_LEVELS }, { FT, HO_FDT_TABLES },
		{ FT, HO_FDT_RUNS }, { DT, "reg" },
		{ DT, HO_FDT_COUNT }, { DT, HO_FDT_ENTRY_SIZE },
	};
	char where[HO_WHERE_BYTES];
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(props); i++) {
		snprintf(where, sizeof(where), "%s/%s", props[i][0],
			 props[i][1]);
		fdt_delprop(tree, open_tree(props[i][0]), props[i][1]);
		refused(HO_EPROP, where);
		fdt_appendprop_u32(tree, open_tree(props[i][0]), props[i][1],
				   0);
		refused(HO_EPROP, where);
	}
}

static void lists_too_long(void **state)
{
	static uint8_t zeroes[20 * (HO_E820_BUDGET_MAX + 1)];

	(void)state;
	fdt_setprop(tree, open_tree("/result"), HO_FDT_MEMORY_MAP, zeroes,
		    sizeof(zeroes));
	refused(HO_EPROP, "/result/memory-map");
	fdt_setprop(tree, open_tree("/result"), HO_FDT_NOT_PLUGGED, zeroes,
		    16 * (HO_NOT_PLUGGED_MAX + 1));
	refused(HO_EPROP, "/result/not-plugged");
}

static void lists_that_wrap(void **state)
{
	uint8_t ones[20];

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	fdt_setprop(tree, open_tree("/result"), HO_FDT_MEMORY_MAP, ones, 20);
	refused(HO_EVALUE, "/result/memory-map");
	fdt_setprop(tree, open_tree("/result"), HO_FDT_NOT_PLUGGED, ones, 16);
	refused(HO_EVALUE, "/result/not-plugged");
}

/* Every address must lie in the region, to its last byte. */
static void addresses(void **state)
{
	static const char *const paths[] = { BLOB, LOG, FT, DT };
	static const uint64_t bad[][2] = {
		{ REGION - 4096, 4096 }, { REGION - 1, 4096 },
		{ REGION + REGION_BYTES - 4095, 4096 },
		{ REGION + REGION_BYTES, 4096 }, { 0, 4096 },
		{ REGION, REGION_BYTES + 1 }, { REGION, UINT64_MAX - REGION },
		{ UINT64_MAX - 4096, 4096 }, { REGION, UINT64_MAX },
		{ UINT64_MAX, UINT64_MAX },
	};
	char where[HO_WHERE_BYTES];
	uint32_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(paths); i++) {
		snprintf(where, sizeof(where), "%s/reg", paths[i]);
		for (n = 0; n < ARRAY_COUNT(bad); n++) {
			set_reg(paths[i], bad[n][0], bad[n][1]);
			refused(HO_EVALUE, where);
		}
	}
	set_reg(LOG, REGION + REGION_BYTES - 16, 16);
	tree_good();
	set_reg(LOG, REGION, 0);
	tree_good();
}

static void frametable(void **state)
{
	static const uint32_t levels[] = { 0, 3, 5, UINT32_MAX };
	uint32_t i;

	(void)state;
	set_reg(FT, ROOT_AT, 2 * HO_PAGE_BYTES);
	refused(HO_EVALUE, FT "/reg");
	set_reg(FT, ROOT_AT, 0);
	refused(HO_EVALUE, FT "/reg");
	set_reg(FT, ROOT_AT + 8, HO_PAGE_BYTES);
	refused(HO_EVALUE, FT "/reg");
	for (i = 0; i < ARRAY_COUNT(levels); i++) {
		fdt_setprop_u32(tree, open_tree(FT), HO_FDT_LEVELS,
				levels[i]);
		refused(HO_EVALUE, FT "/levels");
	}
}

static void domain_table(void **state)
{
	(void)state;
	fdt_setprop_u32(tree, open_tree(DT), HO_FDT_COUNT, 3);
	refused(HO_EVALUE, DT "/count");
	/* 2^24 * 256 is 0 in 32 bits */
	fdt_setprop_u32(tree, open_tree(DT), HO_FDT_COUNT, 0x1000002);
	refused(HO_EVALUE, DT "/count");
	fdt_setprop_u32(tree, open_tree(DT), HO_FDT_ENTRY_SIZE, 512);
	refused(HO_EVALUE, DT "/count");
	set_reg(DT, DOMAINS_AT, 511);
	refused(HO_EVALUE, DT "/count");
}

/* The stream's bytes must lie in the blob they came in. */
static void stream_address(void **state)
{
	uint64_t end_at = BLOB_AT + blob.fdt_bytes;
	const uint64_t bad[] = {
		0, BLOB_AT - 1, end_at - STREAM_BYTES + 1, end_at,
		end_at + 1, UINT64_MAX,
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		fdt_setprop_u64(tree, open_tree("/lu-stream"),
				HO_FDT_DATA_ADDRESS, bad[i]);
		refused(HO_EVALUE, "/lu-stream/data-address");
	}
	fdt_setprop_u64(tree, open_tree("/lu-stream"), HO_FDT_DATA_ADDRESS,
			BLOB_AT);
	tree_good();
	fdt_setprop_u64(tree, open_tree("/lu-stream"), HO_FDT_SIZE,
			blob.fdt_bytes + 1);
	refused(HO_EVALUE, "/lu-stream/data-address");
}

/* Any one byte of the tree changed: refused or read, nothing else. */
static void damaged(void **state)
{
	uint64_t at, whole;

	(void)state;
	tree_write();
	whole = tree_bytes;
	for (at = 0; at < whole; at++) {
		tree[at] ^= 0xff;
		tree_read();
		tree[at] ^= 0x7e;
		tree_read();
		tree[at] ^= 0x81;
	}
	tree_good();
}

/* The result of a stub of version 1 is read for ever. */
static void golden_is_read(void **state)
{
	uint64_t length = golden_read("v1-result.dtb", tree, sizeof(tree));

	(void)state;
	assert_int_equal(blob_parse(&back, tree, length, BLOB_RESULT, &diag),
			 0);
	assert_int_equal(result_parse(&result, &back, &diag), 0);
	assert_true(result.domain_count && result.frames_owned);
}

#define T(f) cmocka_unit_test_setup(f, tree_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nodes), T(compatible), T(versions), T(properties),
		T(lists_too_long), T(lists_that_wrap), T(addresses),
		T(frametable), T(domain_table), T(stream_address), T(damaged),
		T(golden_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
