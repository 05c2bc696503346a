// SPDX-License-Identifier: MIT
/*
 * testtree.c - see testtree.h.
 */
#include <libfdt.h>

#include "cmocka_all.h"
#include "testtree.h"

uint8_t bytes[64 * 1024], tree[TREE_ROOM], stream[STREAM_BYTES];
uint64_t tree_bytes;
struct blob blob, back;
struct pass pass;
struct plan plan;
struct e820_entry map[HO_E820_BUDGET_MAX + 1];
struct result_input in;
struct result result;
struct diag_log diag;
static struct region region;

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

void tree_make_blob(uint32_t stream_bytes)
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
int tree_setup(void **state)
{
	uint32_t i;

	(void)state;
	memset(stream, 0x5a, sizeof(stream));
	tree_make_blob(STREAM_BYTES);
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

void tree_write(void)
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

int tree_read(void)
{
	int rc;

	diag_init(&diag, HO_STAGE_LOADER);
	rc = blob_parse(&back, tree, sizeof(tree), BLOB_RESULT, &diag);
	return rc ? rc : result_parse(&result, &back, &diag);
}

void tree_good(void)
{
	assert_int_equal(tree_read(), 0);
	assert_int_equal(diag.total, 0);
}
