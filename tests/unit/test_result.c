// SPDX-License-Identifier: MIT
/*
 * test_result.c - the result tree as it is written, from a blob, pass and plan
 * that are made up.
 *
 *   test_result FILE    leave the tree in FILE, for tests/abi/validate.sh
 */
#include <libfdt.h>
#include <stdio.h>

#include "cmocka_all.h"
#include "testtree.h"

static void written_and_read(void **state)
{
	uint32_t i;

	(void)state;
	tree_write();
	tree_good();
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
	tree_write();
	tree_good();
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
	tree_write();
	tree_good();
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

/* What a result tree alone has is the stub's, whoever has put it into a blob. */
static void of_the_blob_is_no_result(void **state)
{
	int at;

	(void)state;
	assert_int_equal(fdt_open_into(bytes, bytes, sizeof(bytes)), 0);
	at = fdt_path_offset(bytes, "/lu-stream");
	assert_int_equal(fdt_setprop_u64(bytes, at, HO_FDT_DATA_ADDRESS, 4096),
			 0);
	at = fdt_add_subnode(bytes, 0, HO_FDT_RESULT);
	assert_true(at > 0);
	assert_int_equal(fdt_setprop_u32(bytes, at, HO_FDT_VERSION, 1), 0);
	assert_true(fdt_add_subnode(bytes, at, HO_FDT_BLOB) > 0);
	assert_int_equal(fdt_pack(bytes), 0);
	diag_init(&diag, HO_STAGE_CHAIN);
	assert_int_equal(blob_parse(&blob, bytes, sizeof(bytes),
				    BLOB_HANDOVER, &diag), 0);
	written_and_read(state);
	assert_int_equal(back.stream_paddr, BLOB_AT + blob.stream_offset);
}

/* Where the data starts is found whatever its length and padding. */
static void stream_of_any_length(void **state)
{
	uint32_t length;

	(void)state;
	for (length = 0; length < 10; length++) {
		tree_make_blob(length);
		tree_write();
		tree_good();
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
	tree_write();
	tree_good();
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
	tree_write();
	tree_good();
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
	tree_write();
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

static int leave_tree(const char *path)
{
	FILE *file = fopen(path, "wb");

	if (!file)
		return 1;
	tree_setup(NULL);
	tree_write();
	fwrite(tree, 1, tree_bytes, file);
	return fclose(file) != 0;
}

#define T(f) cmocka_unit_test_setup(f, tree_setup)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(written_and_read), T(lists_are_read_back), T(blob_is_copied),
		T(of_the_blob_is_no_result),
		T(stream_of_any_length), T(nothing_was_kept),
		T(everything_at_its_limit), T(no_room),
	};

	if (argc == 2)
		return leave_tree(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
