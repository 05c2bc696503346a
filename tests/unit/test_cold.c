// SPDX-License-Identifier: MIT
/*
 * test_cold.c - the first boot: cold blobs read, the region placed, and the
 * blob that comes of it taken by the very reader and pass that the stub has.
 */
#include <libfdt.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include "blob_write.h"
#include "cold.h"
#include "digest.h"
#include "fdtwrite.h"
#include "pass.h"

static uint8_t tree[64 * 1024] __attribute__((aligned(8)));
static uint8_t out[64 * 1024], kernel[5000], initrd[9000];
static struct fdtwrite w;
static uint32_t tree_bytes;
static struct cold cold;
static struct hostmap map;
static struct blob blob, back;
static struct range region;
static struct diag_log diag;

static void file(const char *node, const void *bytes, uint32_t length)
{
	uint8_t digest[HO_DIGEST_BYTES] = { 0 };

	fdtwrite_begin(&w, node);
	fdtwrite_string(&w, HO_FDT_FILE, "/boot/file");
	fdtwrite_u32(&w, HO_FDT_DIGEST_ALG, HO_DIGEST_NONE);
	fdtwrite_bytes(&w, HO_FDT_DIGEST, digest, sizeof(digest));
	fdtwrite_bytes(&w, HO_FDT_DATA, bytes, length);
	fdtwrite_end(&w);
}

static void put_target(void)
{
	fdtwrite_begin(&w, HO_FDT_TARGET);
	fdtwrite_string(&w, "compatible", HO_FDT_TARGET_LINUX);
	fdtwrite_string(&w, HO_FDT_BOOTARGS, "quiet");
	file("image", kernel, sizeof(kernel));
	file("module-0", initrd, sizeof(initrd));
	fdtwrite_end(&w);
}

/* A good one, with a region of that size and base if they are not 0. */
static void make(uint64_t bytes, uint64_t base)
{
	fdtwrite_start(&w, tree, sizeof(tree));
	fdtwrite_string(&w, "compatible", HO_FDT_COLD_COMPAT);
	fdtwrite_u32(&w, HO_FDT_VERSION, HO_ABI_VERSION);
	fdtwrite_u32(&w, HO_FDT_COMPAT, HO_ABI_COMPAT);
	fdtwrite_u32(&w, HO_FDT_UART_PORT, 0x2f8);
	fdtwrite_begin(&w, HO_FDT_REGION);
	if (bytes)
		fdtwrite_u64(&w, HO_FDT_SIZE, bytes);
	if (base)
		fdtwrite_u64(&w, HO_FDT_BASE, base);
	fdtwrite_end(&w);
	put_target();
	fdtwrite_begin(&w, HO_FDT_POLICY);
	fdtwrite_string(&w, HO_FDT_ON_FAILURE, "reset");
	fdtwrite_end(&w);
	tree_bytes = fdtwrite_finish(&w);
	assert_true(tree_bytes);
}

/* A PC of 6 GiB. */
static int setup(void **state)
{
	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	memset(kernel, 0x11, sizeof(kernel));
	memset(initrd, 0x22, sizeof(initrd));
	map.raw_count = 0;
	hostmap_add(&map, 0, 0x9fc00, 1, &diag);
	hostmap_add(&map, 0xf0000, 0x100000, 2, &diag);
	hostmap_add(&map, MIB, 3 * GIB - 0x20000, 1, &diag);
	hostmap_add(&map, 3 * GIB - 0x20000, 3 * GIB, 2, &diag);
	hostmap_add(&map, 4 * GIB, 7 * GIB, 1, &diag);
	assert_int_equal(hostmap_settle(&map, &diag), 0);
	make(0, 0);
	return 0;
}

static int parse(void)
{
	return cold_parse(&cold, tree, tree_bytes, &diag);
}

static int place(const struct range *taken, uint32_t count)
{
	return cold_place(&cold, &map, taken, count, 64 * GIB, &region,
			  &diag);
}

static void all_the_way(void **state)
{
	static struct region room;
	static struct pass pass;
	uint64_t at, ram = 0;
	uint8_t *arena;
	uint32_t i;

	(void)state;
	assert_int_equal(parse(), 0);
	assert_int_equal(cold.uart_port, 0x2f8);
	assert_int_equal(cold.on_failure, HO_ON_FAILURE_RESET);
	assert_int_equal(place(NULL, 0), 0);
	for (i = 0; i < map.memory_count; i++)
		ram += range_bytes(map.memory[i]);
	assert_int_equal(range_bytes(region), cold_region_bytes(ram));
	assert_true(region.end <= 3 * GIB && region.end > 3 * GIB - 4 * MIB);
	at = cold_describe(&blob, &cold, &map, region, 120000);
	assert_int_equal(at, region.start + 4 * MIB + 2 * 4096 + 3 * 4096);
	assert_int_equal(range_bytes(blob.target.image.place), 5000);
	assert_true(cold_write(&blob, out, sizeof(out)));
	assert_int_equal(blob_parse(&back, out, sizeof(out), BLOB_HANDOVER,
				    &diag), 0);
	assert_int_equal(back.generation, 0);
	assert_int_equal(back.target.modules[0].place.start,
			 region.start + 4 * MIB + 2 * 4096);
	assert_string_equal(back.target.bootargs, "quiet");
	assert_int_equal(back.memory_count, map.memory_count);
	arena = malloc(range_bytes(region));
	assert_int_equal(region_init(&room, &back, (struct range){ at, at + 1 },
				     (uintptr_t)arena - region.start, &diag),
			 0);
	assert_int_equal(pass_run(&pass, &back, &room, &diag), 0);
	assert_int_equal(pass.domains.count, 0);
	assert_int_equal(pass.record_count, 2);
	free(arena);
	assert_int_equal(cold_write(&blob, out, 1000), 0);
}

/* Below what lies at the top, in the hole between two, or above 4 GiB. */
static void around_others(void **state)
{
	struct range taken[] = { { 2 * GIB, 3 * GIB },
				 { GIB - 4096, GIB + 4096 } };

	(void)state;
	make(512 * MIB, 0);
	assert_int_equal(parse(), 0);
	assert_int_equal(place(taken, 2), 0);
	assert_int_equal(region.end, 2 * GIB);
	taken[0].start = GIB + 8192;
	assert_int_equal(place(taken, 2), 0);
	assert_int_equal(region.end, GIB - 2 * MIB);
	taken[1].start = 64 * MIB;
	assert_int_equal(place(taken, 2), 0);
	assert_int_equal(region.end, 7 * GIB);
	assert_int_equal(cold_place(&cold, &map, taken, 2, 4 * GIB, &region,
				    &diag), -HO_ECOLDROOM);
}

static void where_told(void **state)
{
	struct range taken = { 300 * MIB, 300 * MIB + 1 };

	(void)state;
	make(64 * MIB, 256 * MIB);
	assert_int_equal(parse(), 0);
	assert_int_equal(place(NULL, 0), 0);
	assert_int_equal(region.start, 256 * MIB);
	assert_int_equal(place(&taken, 1), -HO_ECOLDROOM);
	make(64 * MIB, 3 * GIB);
	assert_int_equal(parse(), 0);
	assert_int_equal(place(NULL, 0), -HO_ECOLDROOM);
	make(100 * GIB, 0);
	assert_int_equal(parse(), 0);
	assert_int_equal(place(NULL, 0), -HO_ECOLDROOM);
	make(4 * MIB, 0);
	assert_int_equal(parse(), 0);
	assert_int_equal(place(NULL, 0), -HO_ECOLDSMALL);
	make(0xfffffffffff00000 & ~(2 * MIB - 1), 256 * MIB);
	assert_int_equal(parse(), 0);
	assert_int_equal(place(NULL, 0), -HO_ECOLDROOM);
	make(64 * MIB, 256 * MIB + 4096);
	assert_int_equal(parse(), -HO_EREGIONALIGN);
}

static void sizes(void **state)
{
	(void)state;
	assert_int_equal(cold_region_bytes(512 * MIB), 128 * MIB);
	assert_int_equal(cold_region_bytes(2 * GIB), 258 * MIB);
	assert_int_equal(cold_region_bytes(1024 * GIB), 1536 * MIB);
}

/* Spoil one property of the good tree. */
static int spoiled(const char *path, const char *name, const void *value,
		   int length)
{
	int node;

	setup(NULL);
	assert_int_equal(fdt_open_into(tree, tree, sizeof(tree)), 0);
	node = fdt_path_offset(tree, path);
	assert_true(node >= 0);
	assert_int_equal(value ? fdt_setprop(tree, node, name, value, length)
			       : fdt_delprop(tree, node, name), 0);
	tree_bytes = fdt_totalsize(tree);
	return parse();
}

/* Of the root's first property. */
static void put_property_length(int length)
{
	int at = fdt_first_property_offset(tree, 0);
	struct fdt_property *p;

	assert_true(at > 0);
	p = (void *)(tree + fdt_off_dt_struct(tree) + at);
	p->len = cpu_to_fdt32(length);
}

static void refused(void **state)
{
	(void)state;
	assert_int_equal(spoiled("/", "compatible", HO_FDT_COMPATIBLE,
				 sizeof(HO_FDT_COMPATIBLE)), -HO_EDOOR);
	assert_int_equal(spoiled("/", "compatible", "x", 2), -HO_EDOOR);
	assert_int_equal(spoiled("/", HO_FDT_COMPAT, "\0\0\0\x09", 4),
			 -HO_EBLOBVERSION);
	assert_int_equal(spoiled("/", HO_FDT_UART_PORT, "x", 1), -HO_EPROP);
	assert_int_equal(spoiled("/region", HO_FDT_SIZE, "x", 1), -HO_EPROP);
	assert_int_equal(spoiled("/policy", HO_FDT_ON_FAILURE, "fallback", 9),
			 -HO_EVALUE);
	assert_int_equal(spoiled("/target", "compatible", "x", 2),
			 -HO_ETARGET);
	assert_int_equal(spoiled("/target", HO_FDT_BOOTARGS, NULL, 0),
			 -HO_EPROP);
	assert_int_equal(spoiled("/target/image", HO_FDT_DATA, NULL, 0),
			 -HO_EPROP);
	assert_int_equal(spoiled("/target/image", HO_FDT_DATA, "", 0),
			 -HO_EPROP);
	assert_int_equal(spoiled("/target/module-0", HO_FDT_DIGEST, "x", 1),
			 -HO_EPROP);
	setup(state);
	assert_int_equal(fdt_open_into(tree, tree, sizeof(tree)), 0);
	assert_true(fdt_add_subnode(tree, 0, "policy@1") > 0);
	tree_bytes = fdt_totalsize(tree);
	assert_int_equal(parse(), -HO_EBLOBDUP);
	setup(state);
	assert_int_equal(cold_parse(&cold, tree, tree_bytes - 1, &diag),
			 -HO_EBLOBTRUNC);
	assert_int_equal(cold_parse(&cold, tree + 4, tree_bytes, &diag),
			 -HO_EDOOR);
	fdt_set_version(tree, 15);
	assert_int_equal(parse(), -HO_EBLOBTREE);
	fdt_set_version(tree, 17);
	assert_int_equal(parse(), 0);
	put_property_length(-12);	/* it would end where it begins */
	assert_int_equal(parse(), -HO_EBLOBTREE);
	tree[0] ^= 1;
	assert_int_equal(parse(), -HO_EBLOBMAGIC);
}

/* The oldest reader is that of what is in there. */
static void oldest_reader(void **state)
{
	static const struct {
		enum target_kind kind;
		uint32_t pieces, oldest;
	} all[] = {
		{ TARGET_LINUX, 0, 1 }, { TARGET_MULTIBOOT2, 0, 1 },
		{ TARGET_XEN, 0, 2 }, { TARGET_LINUX, 1, 2 },
	};
	uint32_t i;

	(void)state;
	assert_int_equal(parse(), 0);
	assert_int_equal(place(NULL, 0), 0);
	for (i = 0; i < ARRAY_COUNT(all); i++) {
		cold_describe(&blob, &cold, &map, region, 100000);
		blob.target.kind = all[i].kind;
		blob.stream_range_count = all[i].pieces;
		assert_int_equal(blob_compat(&blob), all[i].oldest);
		assert_true(cold_write(&blob, out, sizeof(out)));
		assert_int_equal(fdt32_ld(fdt_getprop(out, 0, HO_FDT_COMPAT,
						      NULL)), all[i].oldest);
		assert_int_equal(fdt32_ld(fdt_getprop(out, 0, HO_FDT_VERSION,
						      NULL)), HO_ABI_VERSION);
	}
}

/* A breadcrumb of an earlier boot, in the region's first page. */
static struct ho_breadcrumb left_behind(void)
{
	assert_int_equal(parse(), 0);
	assert_int_equal(place(NULL, 0), 0);
	return (struct ho_breadcrumb){
		.magic = HO_BREADCRUMB_MAGIC, .compat = HO_CRUMB_COMPAT,
		.version = HO_ABI_VERSION,
		.bytes = sizeof(struct ho_breadcrumb),
		.region_base = region.start, .state = HO_STATE_FAILED,
		.stage = HO_STAGE_PASS, .error = HO_EDOUBLE, .generation = 7,
		.id = { 1, 2, 3 },
	};
}

/* Look at it: true when it is told on; the stub's reader takes what comes of
 * that. */
static bool told(const struct ho_breadcrumb *crumb)
{
	uint32_t bytes;

	cold_describe(&blob, &cold, &map, region, 100000);
	cold_look_back(&blob, crumb);
	bytes = cold_write(&blob, out, sizeof(out));
	assert_true(bytes);
	assert_int_equal(blob_parse(&back, out, bytes, BLOB_HANDOVER, &diag),
			 0);
	return back.previous.region;
}

static void earlier_boot(void **state)
{
	struct ho_breadcrumb crumb = left_behind();

	(void)state;
	assert_false(told(&crumb));	/* damaged */
	breadcrumb_seal(&crumb);
	assert_true(told(&crumb));
	assert_int_equal(back.previous.region, region.start);
	assert_int_equal(back.previous.generation, 7);
	assert_int_equal(back.previous.state, HO_STATE_FAILED);
	assert_int_equal(back.previous.stage, HO_STAGE_PASS);
	assert_int_equal(back.previous.error, HO_EDOUBLE);
	assert_memory_equal(back.previous.id, crumb.id, HO_ID_BYTES);
	crumb.region_base += 2 * MIB;
	breadcrumb_seal(&crumb);
	assert_false(told(&crumb));	/* of elsewhere */
}

static int with_text(struct vgatext text)
{
	cold_describe(&blob, &cold, &map, region, 100000);
	blob.vga_text = text;
	assert_true(cold_write(&blob, out, sizeof(out)));
	return blob_parse(&back, out, sizeof(out), BLOB_HANDOVER, &diag);
}

/* A text mode goes through; one that no VGA has is refused. */
static void text_mode(void **state)
{
	(void)state;
	assert_int_equal(parse(), 0);
	assert_int_equal(place(NULL, 0), 0);
	assert_int_equal(with_text((struct vgatext){ 80, 50, 8 }), 0);
	assert_int_equal(back.vga_text.columns, 80);
	assert_int_equal(back.vga_text.lines, 50);
	assert_int_equal(back.vga_text.points, 8);
	assert_int_equal(with_text((struct vgatext){ 80, 25, 0 }), -HO_EVALUE);
	assert_int_equal(with_text((struct vgatext){ 0 }), 0);
	assert_int_equal(back.vga_text.columns, 0);
}

/* What completed says nothing; what the reader would refuse is nothing. */
static void earlier_boot_states(void **state)
{
	struct ho_breadcrumb crumb = left_behind();

	(void)state;
	for (crumb.state = 0; crumb.state < 8; crumb.state++) {
		breadcrumb_seal(&crumb);
		assert_int_equal(told(&crumb),
				 crumb.state == HO_STATE_RUNNING ||
				 crumb.state == HO_STATE_FAILED);
	}
	crumb.state = ~0u;
	breadcrumb_seal(&crumb);
	assert_false(told(&crumb));
	crumb.state = HO_STATE_RUNNING;
	for (crumb.stage = 0; crumb.stage < 10; crumb.stage++) {
		breadcrumb_seal(&crumb);
		assert_int_equal(told(&crumb), crumb.stage < HO_STAGE_COUNT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_the_way, setup),
		cmocka_unit_test_setup(around_others, setup),
		cmocka_unit_test_setup(where_told, setup),
		cmocka_unit_test_setup(sizes, setup),
		cmocka_unit_test_setup(refused, setup),
		cmocka_unit_test_setup(earlier_boot, setup),
		cmocka_unit_test_setup(text_mode, setup),
		cmocka_unit_test_setup(earlier_boot_states, setup),
		cmocka_unit_test_setup(oldest_reader, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
