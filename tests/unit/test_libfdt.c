// SPDX-License-Identifier: MIT
/*
 * test_libfdt.c - what core relies on of libfdt: names end, values lie in the tree,
 * an error is a length below 0. Over the golden trees, and over what is left of
 * them after changes that blob_check_header() lets through. ASan sees each byte that should not be read.
 */
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include "blob_head.h"
#include "fdtread.h"

#define CHANGES 4000

static struct diag_log diag;
static uint8_t *tree;
static long bytes, let_through;

/* Read each byte of it: all inside the tree. */
static void touch(const void *at, int length)
{
	const uint8_t *p = at;
	volatile uint8_t last;
	int i;

	assert_true(p >= tree && length >= 0);
	assert_true(p + length <= tree + bytes);
	for (i = 0; i < length; i++)
		last = p[i];
	(void)last;
}

static void check_name(const char *name, int length)
{
	if (!name) {
		assert_true(length < 0);
		return;
	}
	touch(name, length + 1);
	assert_int_equal(strlen(name), length);
}

static void check_property(int at)
{
	const char *name = NULL;
	int length = 4711;
	const void *value = fdt_getprop_by_offset(tree, at, &name, &length);

	if (!value) {
		assert_true(length < 0);
		return;
	}
	touch(value, length);
	assert_non_null(name);
	touch(name, strlen(name) + 1);
}

static void check_node(int node)
{
	char path[HO_WHERE_BYTES / 2];
	int length = 4711, at, count = 0;
	const char *name;
	const void *value;

	name = fdt_get_name(tree, node, &length);
	check_name(name, length);
	value = fdt_getprop(tree, node, "reg", &length);
	if (value)
		touch(value, length);
	else
		assert_true(length < 0);
	if (!fdt_get_path(tree, node, path, sizeof(path)))
		assert_true(path[0] == '/' &&
			    strnlen(path, sizeof(path)) < sizeof(path));
	fdt_for_each_property_offset(at, tree, node) {
		check_property(at);
		assert_true(++count < bytes);
	}
}

static void check_tree(void)
{
	const struct fdt_reader r = { .fdt = tree, .diag = &diag };
	int node = 0, child, count = 0;
	uint32_t total;

	diag_init(&diag, HO_STAGE_VERIFY);
	if (blob_check_header(&r, bytes, &total))
		return;
	let_through++;
	while (node >= 0) {
		check_node(node);
		fdt_for_each_subnode(child, tree, node)
			assert_true(++count < 100 * bytes);
		node = fdt_next_node(tree, node, NULL);
	}
}

/* A copy of just its length: what lies behind it is not to be read. */
static void read_tree(const char *path)
{
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	bytes = ftell(f);
	rewind(f);
	tree = malloc(bytes);
	assert_non_null(tree);
	assert_int_equal(fread(tree, bytes, 1, f), 1);
	fclose(f);
}

static void as_promised(void **state)
{
	static const char *const names[] = { "v1-minimal", "v2-full",
					     "v2-result", "v2-reference" };
	char path[128];
	uint32_t i, change;

	(void)state;
	srandom(1);
	for (i = 0; i < ARRAY_COUNT(names); i++) {
		snprintf(path, sizeof(path), "handover-abi/golden/%s.dtb",
			 names[i]);
		read_tree(path);
		assert_int_equal(fdt_check_full(tree, bytes), 0);
		check_tree();
		for (change = 0; change < CHANGES; change++) {
			size_t at = random() % bytes;
			uint8_t was = tree[at];

			tree[at] ^= 1 << random() % 8;
			check_tree();
			tree[at] = was;
		}
		free(tree);
	}
	assert_true(let_through > CHANGES);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(as_promised) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
