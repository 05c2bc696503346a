// SPDX-License-Identifier: MIT
/*
 * test_streamref.c - streams that stay where they are: files that may, frames
 * that are looked at again, and pieces shown as one.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "loadpackage.h"
#include "streamref.h"
#include "util.h"

#define PAGE 4096

static struct diag_log diag;
static uint8_t cells[4 * 16];
static struct blob blob;

static int setup(void **state)
{
	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	memset(&blob, 0, sizeof(blob));
	blob.stream_ranges = cells;
	return 0;
}

static void put_cell(uint8_t *at, uint64_t v)
{
	int i;

	for (i = 0; i < 8; i++)
		at[i] = v >> (56 - 8 * i);
}

static void add_range(uint64_t start, uint64_t bytes)
{
	put_cell(cells + 16 * blob.stream_range_count, start);
	put_cell(cells + 16 * blob.stream_range_count++ + 8, bytes);
	blob.stream_bytes += bytes;
}

/* A file of `pages` pages, each full of its number from 1 on. */
static int memory_file(int pages, char *path, size_t room)
{
	int fd = memfd_create("stream", 0), i;
	uint8_t page[PAGE];

	assert_true(fd >= 0);
	for (i = 0; i < pages; i++) {
		memset(page, i + 1, sizeof(page));
		assert_int_equal(write(fd, page, sizeof(page)), PAGE);
	}
	snprintf(path, room, "/proc/self/fd/%d", fd);
	return fd;
}

static void files(void **state)
{
	struct streamref ref;
	char path[64];
	int fd;

	(void)state;
	assert_int_equal(streamref_open(&ref, "/no/such/file", &diag),
			 -HO_EFILE);
	assert_int_equal(streamref_open(&ref, "/proc/self/status", &diag),
			 -HO_ESTREAMFILE);
	fd = memory_file(0, path, sizeof(path));
	assert_int_equal(streamref_open(&ref, path, &diag), -HO_ESTREAMFILE);
	close(fd);
}

/* Two files take pages in turn, so that no two of one are neighbours. */
static void pieces(void **state)
{
	char path[64], other[64];
	int fd = memory_file(0, path, sizeof(path));
	int between = memory_file(0, other, sizeof(other)), i;
	struct streamref ref;
	uint8_t page[PAGE] = { 1 };

	(void)state;
	for (i = 0; i < HO_STREAM_RANGES_MAX * 5 / 4; i++) {
		assert_int_equal(write(fd, page, PAGE), PAGE);
		assert_int_equal(write(between, page, PAGE), PAGE);
	}
	assert_int_equal(streamref_open(&ref, path, &diag),
			 geteuid() ? -HO_EPERM : -HO_ESTREAMPIECES);
	close(between);
	close(fd);
}

/* Frames as they are, and frames that are others now. */
static void frames(void **state)
{
	struct streamref ref;
	char path[64];
	int fd = memory_file(3, path, sizeof(path)), rc;
	uint64_t sum = 0;
	uint32_t i;

	(void)state;
	rc = streamref_open(&ref, path, &diag);
	if (geteuid() != 0) {	/* frame numbers are hidden: so it says */
		assert_int_equal(rc, -HO_EPERM);
		return;
	}
	assert_int_equal(rc, 0);
	assert_in_range(ref.count, 1, 3);
	for (i = 0; i < ref.count; i++) {
		sum += range_bytes(ref.ranges[i]);
		add_range(ref.ranges[i].start, range_bytes(ref.ranges[i]));
	}
	assert_int_equal(sum, 3 * PAGE);
	streamref_close(&ref);
	blob.stream_file = path;
	assert_int_equal(streamref_hold(&blob, &diag), 0);
	blob.stream_range_count--;
	assert_int_equal(streamref_hold(&blob, &diag), -HO_EMIGRATED);
	blob.stream_range_count++;
	put_cell(cells, 0x1000);
	assert_int_equal(streamref_hold(&blob, &diag), -HO_EMIGRATED);
	close(fd);
}

static void shown_as_one(void **state)
{
	char path[64];
	int fd = memory_file(6, path, sizeof(path));
	const uint8_t *all;

	(void)state;
	add_range(4 * PAGE, 2 * PAGE);
	add_range(0, PAGE);
	add_range(2 * PAGE, PAGE);
	all = streamref_show(&blob, fd, &diag);
	assert_non_null(all);
	assert_int_equal(all[0], 5);
	assert_int_equal(all[PAGE], 6);
	assert_int_equal(all[2 * PAGE], 1);
	assert_int_equal(all[4 * PAGE - 1], 3);
	munmap((void *)all, 4 * PAGE);
	assert_null(streamref_show(&blob, -1, &diag));
	close(fd);
}

/* Of small pages, by the few tables that a package's way has: a longer one is said
 * so before the jump. (The package is refused by another name: it has no pieces.) */
static void in_the_door(void **state)
{
	struct load_package p = { .blob = &blob };
	static struct ho_entry entry;

	(void)state;
	add_range((1ull << 30) + PAGE, 130ull << 20);
	assert_int_equal(load_package_make(&p, &entry, NULL, 0, &diag),
			 -HO_EPACKAGE);
	load_package_free(&p);
	add_range((2ull << 30) + PAGE, 20ull << 20);
	assert_int_equal(load_package_make(&p, &entry, NULL, 0, &diag),
			 -HO_EPAGETABLE);
	load_package_free(&p);
	blob.stream_range_count = 0;
	add_range(1ull << 30, 4ull << 30);		/* large pages */
	assert_int_equal(load_package_make(&p, &entry, NULL, 0, &diag),
			 -HO_EPACKAGE);
	load_package_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(files, setup),
		cmocka_unit_test_setup(pieces, setup),
		cmocka_unit_test_setup(frames, setup),
		cmocka_unit_test_setup(shown_as_one, setup),
		cmocka_unit_test_setup(in_the_door, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
