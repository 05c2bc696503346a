// SPDX-License-Identifier: MIT
/*
 * test_map.c - who has the memory, and the pictures of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "grid.h"
#include "mapread.h"

static struct diag_log diag;
static struct owners o;

static int setup(void **state)
{
	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	owners_free(&o);
	return 0;
}

static void add(uint64_t start, uint64_t end, enum owner_kind kind,
		uint32_t guest)
{
	assert_int_equal(owners_add(&o, (struct range){ start * MIB,
						       end * MIB }, kind,
				    guest, &diag), 0);
}

static void check_span(size_t i, uint64_t start, uint64_t end,
		       enum owner_kind kind, uint32_t guest)
{
	assert_true(i < o.count);
	assert_int_equal(o.spans[i].place.start, start * MIB);
	assert_int_equal(o.spans[i].place.end, end * MIB);
	assert_int_equal(o.spans[i].kind, kind);
	assert_int_equal(o.spans[i].guest, guest);
}

/* The list's order decides, whatever came first. */
static void later_kinds_cover_earlier_ones(void **state)
{
	(void)state;
	assert_int_equal(owners_guest(&o, 7, "a", &diag), 0);
	assert_int_equal(owners_guest(&o, 9, "b", &diag), 1);
	assert_int_equal(owners_guest(&o, 7, "other", &diag), 0);
	add(40, 50, OWNER_GUEST, 1);
	add(10, 20, OWNER_KERNEL, 0);
	add(0, 100, OWNER_FREE, 0);
	add(30, 40, OWNER_GUEST, 0);
	add(35, 60, OWNER_REGION, 0);
	add(5, 5, OWNER_REGION, 0);
	assert_int_equal(owners_settle(&o, &diag), 0);
	assert_int_equal(o.count, 7);
	check_span(0, 0, 10, OWNER_FREE, 0);
	check_span(1, 10, 20, OWNER_KERNEL, 0);
	check_span(2, 20, 30, OWNER_FREE, 0);
	check_span(3, 30, 40, OWNER_GUEST, 0);
	check_span(4, 40, 50, OWNER_GUEST, 1);
	check_span(5, 50, 60, OWNER_REGION, 0);
	check_span(6, 60, 100, OWNER_FREE, 0);
	assert_int_equal(o.bytes[OWNER_FREE], 60 * MIB);
	assert_int_equal(o.bytes[OWNER_GUEST], 20 * MIB);
	assert_int_equal(o.guests[0].bytes, 10 * MIB);
	assert_string_equal(o.guests[0].name, "a");
}

/* Against a map of pages that is filled in the list's order. */
static void random_spans_settle_as_pages_do(void **state)
{
	enum { PAGES = 200, SPANS = 30 };
	uint8_t pages[PAGES];
	int round, i, p, kind;

	(void)state;
	srand(1);
	for (round = 0; round < 500; round++) {
		struct { int start, end, kind; } s[SPANS];
		size_t at;

		memset(pages, 0, sizeof(pages));
		for (i = 0; i < SPANS; i++) {
			s[i].start = rand() % PAGES;
			s[i].end = s[i].start + rand() % (PAGES - s[i].start);
			s[i].kind = OWNER_FREE + rand() % 4;
			add(s[i].start, s[i].end, s[i].kind, 0);
		}
		for (kind = OWNER_FREE; kind < OWNER_GUEST; kind++)
			for (i = 0; i < SPANS; i++)
				for (p = s[i].start; s[i].kind == kind &&
				     p < s[i].end; p++)
					pages[p] = kind;
		assert_int_equal(owners_settle(&o, &diag), 0);
		for (at = 0; at < o.count; at++)
			for (p = o.spans[at].place.start / MIB;
			     p < (int)(o.spans[at].place.end / MIB); p++) {
				assert_int_equal(pages[p], o.spans[at].kind);
				pages[p] = 0;
			}
		for (p = 0; p < PAGES; p++)
			assert_int_equal(pages[p], 0);
		owners_free(&o);
	}
}

/* A small guest is not hidden by the free memory around it. */
static void free_memory_hides_nobody(void **state)
{
	struct grid g;

	(void)state;
	owners_guest(&o, 1, "a", &diag);
	add(0, 1024, OWNER_FREE, 0);
	add(512, 513, OWNER_GUEST, 0);
	assert_int_equal(owners_settle(&o, &diag), 0);
	assert_int_equal(grid_make(&g, &o, 8, 1, &diag), 0);
	assert_int_equal(g.cell_bytes, 128 * MIB);
	assert_int_equal(g.count, 1);
	assert_int_equal(g.rows[0].cells[4].kind, OWNER_GUEST);
	assert_int_equal(g.rows[0].cells[3].kind, OWNER_FREE);
	grid_free(&g);
}

static void rows_without_owners_are_left_out(void **state)
{
	struct grid g;

	(void)state;
	add(0, 64, OWNER_FREE, 0);
	add(1 << 20, (1 << 20) + 64, OWNER_LEFT, 0);
	assert_int_equal(owners_settle(&o, &diag), 0);
	assert_int_equal(grid_make(&g, &o, 64, 4, &diag), 0);
	assert_int_equal(g.cell_bytes, MIB / 2);
	assert_int_equal(g.count, 4);
	assert_int_equal(g.rows[2].start, MIB << 20);
	assert_int_equal(g.rows[3].cells[63].kind, OWNER_LEFT);
	grid_free(&g);
}

static void nothing_is_a_picture_too(void **state)
{
	struct grid g;

	(void)state;
	assert_int_equal(owners_settle(&o, &diag), 0);
	assert_int_equal(grid_make(&g, &o, 64, 4, &diag), 0);
	assert_int_equal(g.count, 0);
	grid_free(&g);
}

/* What `print` writes; to be freed. */
static char *printed(void (*print)(FILE *, const struct grid *))
{
	struct grid g;
	char *text;
	size_t bytes;
	FILE *f = open_memstream(&text, &bytes);

	assert_non_null(f);
	assert_int_equal(grid_make(&g, &o, 16, 4, &diag), 0);
	print(f, &g);
	fclose(f);
	grid_free(&g);
	return text;
}

static void as_text(FILE *f, const struct grid *g)
{
	grid_print_text(f, g, &o);
}

static void as_svg(FILE *f, const struct grid *g)
{
	grid_print_svg(f, g, &o, "a < b");
}

static void drawn(void **state)
{
	char *text;

	(void)state;
	owners_guest(&o, 1, "<one>", &diag);
	add(0, 16, OWNER_FREE, 0);
	add(2, 4, OWNER_GUEST, 0);
	add(8, 9, OWNER_KERNEL, 0);
	add(1024, 1040, OWNER_REGION, 0);
	assert_int_equal(owners_settle(&o, &diag), 0);
	text = printed(as_text);
	assert_non_null(strstr(text, "           0 ....aaaa........\n"));
	assert_non_null(strstr(text, "         ...\n    40000000 ####"));
	assert_non_null(strstr(text, "a 2 MiB      <one>\n"));
	free(text);
	text = printed(as_svg);
	assert_non_null(strstr(text, "a &#60; b</text>"));
	assert_non_null(strstr(text, "&#60;one&#62;</text>"));
	assert_string_equal(text + strlen(text) - 7, "</svg>\n");
	free(text);
}

static void iomem_is_read(void **state)
{
	char path[64];
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/test_map.%d", (int)getpid());
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("00100000-3fffffff : System RAM\n"
	      "  01000000-01ffffff : Kernel code\n"
	      "  10000000-17ffffff : Crash kernel\n"
	      "fed00000-fed003ff : HPET 0\n", f);
	fclose(f);
	assert_int_equal(mapread_iomem(&o, path, &diag), 0);
	unlink(path);
	assert_int_equal(owners_settle(&o, &diag), 0);
	assert_int_equal(o.count, 5);
	check_span(1, 16, 32, OWNER_KERNEL, 0);
	check_span(3, 256, 384, OWNER_REGION, 0);
	assert_int_equal(o.bytes[OWNER_FREE], (1023 - 16 - 128) * MIB);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(later_kinds_cover_earlier_ones),
		TEST(random_spans_settle_as_pages_do),
		TEST(free_memory_hides_nobody),
		TEST(rows_without_owners_are_left_out),
		TEST(nothing_is_a_picture_too),
		TEST(drawn),
		TEST(iomem_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
