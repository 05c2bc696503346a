// SPDX-License-Identifier: MIT
/*
 * test_result.c - the result tree written from a blob and read back, and one
 * hand-damaged tree per refusal of the reader. The blob is made here with
 * libfdt; pass and plan hold only what the writer takes from them.
 *
 *   test_result FILE    leave the tree in FILE, for tests/abi/validate.sh
 */
#include <libfdt.h>
#include <stdio.h>

#include "cmocka_all.h"
#include "result.h"

#define REGION		0x10000000ull
#define REGION_BYTES	0x8000000ull
#define BLOB_AT		(REGION + 0x3000000)
#define ROOT_AT		(REGION + 0x4000000)
#define DOMAINS_AT	(REGION + 0x4100000)
#define LOG_AT		(REGION + 0x4200000)
#define STREAM_BYTES	3001

static uint8_t bytes[64 * 1024], tree[256 * 1024], stream[STREAM_BYTES];
static struct blob blob, back;
static struct region region;
static struct pass pass;
static struct plan plan;
static struct e820_entry map[HO_E820_BUDGET_MAX + 1];
static struct diag_log diag;
static struct result result;
static struct result_input in;
static uint64_t tree_bytes;

/* The blob */

static void cells(const char *name, const uint64_t *v, uint32_t count)
{
	fdt64_t be[16];
	uint32_t i;

	for (i = 0; i < count; i++)
		be[i] = cpu_to_fdt64(v[i]);
	assert_int_equal(fdt_property(bytes, name, be, 8 * count), 0);
}

static void reg(uint64_t start, uint64_t length)
{
	cells("reg", (uint64_t[]){ start, length }, 2);
}

static void node(const char *name, const char *compatible)
{
	assert_int_equal(fdt_begin_node(bytes, name), 0);
	if (compatible)
		fdt_property_string(bytes, "compatible", compatible);
}

static void two_cells(void)
{
	fdt_property_u32(bytes, "#address-cells", 2);
	fdt_property_u32(bytes, "#size-cells", 2);
}

static void end(void)
{
	assert_int_equal(fdt_end_node(bytes), 0);
}

static void put_piece(void)
{
	uint8_t digest[HO_DIGEST_BYTES] = { 0 };

	fdt_property_string(bytes, HO_FDT_FILE, "/boot/some file");
	fdt_property_u32(bytes, HO_FDT_DIGEST_ALG, HO_DIGEST_NONE);
	fdt_property(bytes, HO_FDT_DIGEST, digest, sizeof(digest));
	end();
}

static void put_root(void)
{
	uint8_t id[HO_ID_BYTES] = { 1, 2, 3 };

	fdt_property_string(bytes, "compatible", HO_FDT_COMPATIBLE);
	fdt_property_string(bytes, "model", "test");
	two_cells();
	fdt_property_u32(bytes, HO_FDT_VERSION, HO_ABI_VERSION);
	fdt_property_u32(bytes, HO_FDT_COMPAT, HO_ABI_COMPAT);
	fdt_property_u32(bytes, HO_FDT_GENERATION, 7);
	fdt_property(bytes, HO_FDT_ID, id, sizeof(id));
	fdt_property(bytes, HO_FDT_PARENT_ID, id, sizeof(id));
}

static void put_machine(void)
{
	node("memory@0", NULL);
	fdt_property_string(bytes, "device_type", "memory");
	cells("reg", (uint64_t[]){ 0, 0x9f000, 0x100000, 0x3ff00000 }, 4);
	end();
	node(HO_FDT_RESERVED, NULL);
	two_cells();
	fdt_property(bytes, "ranges", NULL, 0);
	node("region@10000000", HO_FDT_REGION_COMPAT);
	reg(REGION, REGION_BYTES);
	fdt_property(bytes, "no-map", NULL, 0);
	end();
	end();
	node(HO_FDT_FIRMWARE, HO_FDT_FIRMWARE_COMPAT);
	fdt_property(bytes, HO_FDT_MEMORY_MAP, NULL, 0);
	fdt_property_u32(bytes, HO_FDT_TSC_KHZ, 2496000);
	end();
}

static void put_target(void)
{
	node("stub@10200000", HO_FDT_STUB_COMPAT);
	reg(REGION + 0x200000, 0x18000);
	put_piece();
	node(HO_FDT_TARGET, HO_FDT_TARGET_LINUX);
	two_cells();
	fdt_property_string(bytes, HO_FDT_BOOTARGS, "quiet");
	node("image@10400000", NULL);
	reg(REGION + 0x400000, 0x800000);
	put_piece();
	end();
	node(HO_FDT_POLICY, NULL);
	fdt_property_string(bytes, HO_FDT_ON_FAILURE, "reset");
	fdt_property_string(bytes, HO_FDT_PLUG, "precise");
	end();
}

/* The stream in the middle, so that what is behind it moves. */
static void make_blob(uint32_t stream_bytes)
{
	assert_int_equal(fdt_create(bytes, sizeof(bytes)), 0);
	fdt_finish_reservemap(bytes);
	node("", NULL);
	put_root();
	put_machine();
	node(HO_FDT_STREAM, HO_FDT_STREAM_COMPAT);
	cells(HO_FDT_SIZE, (uint64_t[]){ stream_bytes }, 1);
	fdt_property(bytes, HO_FDT_DATA, stream, stream_bytes);
	end();
	node(HO_FDT_DOMAINS, NULL);
	fdt_property_u32(bytes, "#address-cells", 1);
	fdt_property_u32(bytes, "#size-cells", 0);
	end();
	put_target();
	end();
	assert_int_equal(fdt_finish(bytes), 0);
	diag_init(&diag, HO_STAGE_CHAIN);
	assert_int_equal(blob_parse(&blob, bytes, sizeof(bytes),
				    BLOB_HANDOVER, &diag), 0);
}

/* What the writer takes from the pass and the plan. */
static int setup(void **state)
{
	uint32_t i;

	(void)state;
	memset(stream, 0x5a, sizeof(stream));
	make_blob(STREAM_BYTES);
	memset(&pass, 0, sizeof(pass));
	memset(&plan, 0, sizeof(plan));
	region.used_bytes = 0x123000;
	pass.region = &region;
	pass.frame_count = 515;
	pass.ft.root = ROOT_AT;
	pass.ft.work.tables = 9;
	pass.ft.work.nodes = 3;
	pass.domains.paddr = DOMAINS_AT;
	pass.domains.count = 2;
	for (i = 0; i < ARRAY_COUNT(map); i++)
		map[i] = (struct e820_entry){
			{ 0x100000ull * i, 0x100000ull * i + 0x1000 },
			1 + i % 2 };
	plan.map = (struct e820_map){ .entries = map, .count = 3,
				      .capacity = ARRAY_COUNT(map) };
	plan.report.plugged_frames = 1ull << 33;
	plan.report.unplugged_frames = 77;
	plan.report.listed = 2;
	plan.report.list[0] = (struct range){ 0x200000, 0x300000 };
	plan.report.list[1] = (struct range){ 1ull << 40, 3ull << 40 };
	in = (struct result_input){
		.blob = &blob, .blob_paddr = BLOB_AT, .pass = &pass,
		.plan = &plan, .log_paddr = LOG_AT, .log_bytes = 321,
	};
	for (i = 0; i < 8; i++)
		in.stage_tsc[i] = 0x1111111111111111ull * i;
	return 0;
}

/* Into a block of exactly result_bytes(), so that ASan sees a byte too far. */
static void write_tree(void)
{
	uint64_t room = result_bytes(&in);
	void *exact = malloc(room);

	assert_int_equal(result_write(exact, room, &in, &tree_bytes, &diag),
			 0);
	assert_true(tree_bytes <= room);
	assert_int_equal(fdt_check_full(exact, tree_bytes), 0);
	assert_true(tree_bytes <= sizeof(tree));
	memset(tree, 0, sizeof(tree));
	memcpy(tree, exact, tree_bytes);
	free(exact);
}

static int read_tree(void)
{
	int rc;

	diag_init(&diag, HO_STAGE_LOADER);
	rc = blob_parse(&back, tree, sizeof(tree), BLOB_RESULT, &diag);
	return rc ? rc : result_parse(&result, &back, &diag);
}

static void good(void)
{
	assert_int_equal(read_tree(), 0);
	assert_int_equal(diag.total, 0);
}

static void written_and_read(void **state)
{
	uint32_t i;

	(void)state;
	write_tree();
	good();
	for (i = 0; i < 8; i++)
		assert_true(result.stage_tsc[i] ==
			    0x1111111111111111ull * i);
	assert_int_equal(result.frames_owned, 515);
	assert_true(result.frames_plugged == 1ull << 33);
	assert_int_equal(result.frames_unplugged, 77);
	assert_int_equal(result.region_used, 0x123000);
	assert_int_equal(result.blob_paddr, BLOB_AT);
	assert_int_equal(result.blob_bytes, blob.fdt_bytes);
	assert_int_equal(result.frametable_root, ROOT_AT);
	assert_int_equal(result.tables, 9);
	assert_int_equal(result.runs, 3);
	assert_int_equal(result.domain_table, DOMAINS_AT);
	assert_int_equal(result.domain_table_bytes, 512);
	assert_int_equal(result.domain_count, 2);
	assert_int_equal(result.log_paddr, LOG_AT);
	assert_int_equal(result.log_bytes, 321);
}

static void lists_are_read_back(void **state)
{
	(void)state;
	write_tree();
	good();
	assert_int_equal(result.map_count, 3);
	assert_memory_equal(result.map, map, sizeof(map[0]) * 3);
	assert_int_equal(result.not_plugged_count, 2);
	assert_memory_equal(result.not_plugged, plan.report.list,
			    sizeof(struct range) * 2);
}

/* The tree of the blob is there, its stream is not. */
static void blob_is_copied(void **state)
{
	int at;

	(void)state;
	write_tree();
	good();
	assert_int_equal(back.generation, 7);
	assert_memory_equal(back.id, blob.id, HO_ID_BYTES);
	assert_int_equal(back.region[0].start, REGION);
	assert_int_equal(back.tsc_khz, 2496000);
	assert_string_equal(back.target.bootargs, "quiet");
	assert_string_equal(back.stub.file, "/boot/some file");
	assert_null(back.stream);
	assert_int_equal(back.stream_bytes, STREAM_BYTES);
	assert_int_equal(back.stream_paddr, BLOB_AT + blob.stream_offset);
	assert_memory_equal(bytes + (back.stream_paddr - BLOB_AT), stream,
			    STREAM_BYTES);
	at = fdt_path_offset(tree, "/lu-stream");
	assert_null(fdt_getprop(tree, at, HO_FDT_DATA, NULL));
	assert_true(tree_bytes < blob.fdt_bytes + 2048);
	/* the last node of the root */
	at = fdt_path_offset(tree, "/result");
	assert_true(at > 0);
	assert_int_equal(fdt_next_subnode(tree, at), -FDT_ERR_NOTFOUND);
	assert_non_null(fdt_getprop(tree, at, HO_FDT_TSC_KHZ, NULL));
}

/* Where the data starts is found whatever its length and padding. */
static void stream_of_any_length(void **state)
{
	uint32_t length;

	(void)state;
	for (length = 0; length < 10; length++) {
		make_blob(length);
		write_tree();
		good();
		assert_int_equal(back.stream_bytes, length);
		assert_int_equal(back.stream_paddr - BLOB_AT,
				 blob.stream_offset);
	}
}

static void nothing_was_kept(void **state)
{
	(void)state;
	pass.domains.count = 0;
	pass.domains.paddr = 0;
	pass.frame_count = 0;
	plan.map.count = 0;
	plan.report.listed = 0;
	write_tree();
	good();
	assert_int_equal(result.domain_count, 0);
	assert_int_equal(result.domain_table, 0);
	assert_int_equal(result.map_count, 0);
	assert_int_equal(result.not_plugged_count, 0);
}

/* result_bytes() is enough for the fullest tree. */
static void everything_at_its_limit(void **state)
{
	uint32_t i;

	(void)state;
	plan.map.count = HO_E820_BUDGET_MAX;
	plan.report.listed = HO_NOT_PLUGGED_MAX;
	for (i = 0; i < HO_NOT_PLUGGED_MAX; i++)
		plan.report.list[i] = (struct range){ i * 8192ull,
						      i * 8192ull + 4096 };
	write_tree();
	good();
	assert_int_equal(result.map_count, HO_E820_BUDGET_MAX);
	assert_memory_equal(result.map, map,
			    sizeof(map[0]) * HO_E820_BUDGET_MAX);
	assert_int_equal(result.not_plugged_count, HO_NOT_PLUGGED_MAX);
}

/* Any smaller room is refused and nothing is written behind it. */
static void no_room(void **state)
{
	uint64_t room, whole;

	(void)state;
	write_tree();
	whole = tree_bytes;
	for (room = 0; room < whole; room += 13) {
		void *exact = malloc(room + !room);

		diag_init(&diag, HO_STAGE_CHAIN);
		assert_int_equal(result_write(exact, room, &in, &tree_bytes,
					      &diag), -HO_EINTERNAL);
		assert_int_equal(diag.total, 1);
		assert_int_equal(diag.items[0].code, HO_EINTERNAL);
		free(exact);
	}
}

/* The reader */

/* Change the tree with libfdt's own editing, then read it. */
static int open_tree(const char *path)
{
	int at;

	setup(NULL);
	write_tree();
	assert_int_equal(fdt_open_into(tree, tree, sizeof(tree)), 0);
	at = fdt_path_offset(tree, path);
	assert_true(at >= 0);
	return at;
}

static void refused(int code, const char *where)
{
	assert_int_equal(read_tree(), -code);
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
	good();
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
	good();
	assert_int_equal(result.version, HO_ABI_VERSION);
	fdt_setprop_u32(tree, open_tree("/result"), HO_FDT_VERSION,
			HO_ABI_VERSION + 1);
	good();
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
	good();
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
	good();
	set_reg(LOG, REGION, 0);
	good();
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
	good();
	fdt_setprop_u64(tree, open_tree("/lu-stream"), HO_FDT_SIZE,
			blob.fdt_bytes + 1);
	refused(HO_EVALUE, "/lu-stream/data-address");
}

/* Any one byte of the tree changed: refused or read, nothing else. */
static void damaged(void **state)
{
	uint64_t at, whole;

	(void)state;
	write_tree();
	whole = tree_bytes;
	for (at = 0; at < whole; at++) {
		tree[at] ^= 0xff;
		read_tree();
		tree[at] ^= 0x7e;
		read_tree();
		tree[at] ^= 0x81;
	}
	good();
}

static int leave_tree(const char *path)
{
	FILE *file = fopen(path, "wb");

	if (!file)
		return 1;
	setup(NULL);
	write_tree();
	fwrite(tree, 1, tree_bytes, file);
	return fclose(file) != 0;
}

#define T(f) cmocka_unit_test_setup(f, setup)

/* The result of a stub of version 1 is read for ever. */
static void golden_is_read(void **state)
{
	FILE *file = fopen("handover-abi/golden/v1-result.dtb", "rb");
	size_t length;

	(void)state;
	assert_non_null(file);
	length = fread(tree, 1, sizeof(tree), file);
	fclose(file);
	assert_int_equal(blob_parse(&back, tree, length, BLOB_RESULT, &diag),
			 0);
	assert_int_equal(result_parse(&result, &back, &diag), 0);
	assert_true(result.domain_count && result.frames_owned);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(written_and_read), T(lists_are_read_back),
		T(blob_is_copied), T(stream_of_any_length),
		T(nothing_was_kept), T(everything_at_its_limit), T(no_room),
		T(nodes), T(compatible), T(versions), T(properties), T(lists_too_long),
		T(lists_that_wrap), T(addresses), T(frametable),
		T(domain_table), T(stream_address), T(damaged),
		T(golden_is_read),
	};

	if (argc == 2)
		return leave_tree(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
