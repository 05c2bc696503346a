// SPDX-License-Identifier: MIT
/*
 * test_regionauto.c - the landing place that a fallback finds for itself:
 * nobody's memory, not its own, and where a dom0's kernel still has room.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "regionauto.h"
#include "testmachine.h"

static char iomem[] = "/tmp/test_regionauto.XXXXXX";
static struct handover h;
static struct stream_text s;
static struct diag_log diag;
static struct range found;

/* RAM up to `end`, and what this instance runs in; one frame at 1.5 GiB. */
static void make(uint64_t end, const char *own)
{
	uint64_t word = frame_word((GIB + 512 * MIB) >> 12, 1, HO_TYPE_NORMAL);
	FILE *f = fopen(iomem, "w");

	assert_non_null(f);
	fputs(own, f);
	fclose(f);
	diag_init(&diag, HO_STAGE_LOADER);
	stream_text_begin(&s);
	stream_text_domain(&s, 1, "one");
	stream_text_frames(&s, 1, &word, 1);
	stream_text_domain_end(&s, 1, 1, 1);
	stream_text_end(&s);
	h.kept.complete = true;
	h.stream = s.bytes;
	h.blob.stream_bytes = s.length;
	h.blob.memory_count = 2;
	h.blob.memory[0] = (struct range){ 0, 0x9f000 };
	h.blob.memory[1] = (struct range){ MIB, end };
}

static int find(void)
{
	int rc = region_auto(&found, &h, iomem, &diag);

	stream_text_free(&s);
	return rc;
}

#define AT_2_GIB "80000000-a7ffffff : System RAM\n"

/* The upper end of the largest piece: 80 MiB at the bottom stay free. */
static void upper_end(void **state)
{
	(void)state;
	make(3 * GIB, AT_2_GIB);
	assert_int_equal(find(), 0);
	assert_int_equal(found.start, GIB);
	assert_int_equal(found.end, GIB + 512 * MIB);
}

static void all_of_a_small_one(void **state)
{
	(void)state;
	make(GIB, "10000000-3fffffff : System RAM\n");
	assert_int_equal(find(), 0);
	assert_int_equal(found.start, 2 * MIB);
	assert_int_equal(found.end, 256 * MIB);
}

/* Of two that have room for the most, the upper; of two smaller ones the larger,
 * to the last 2 MiB. */
static void which_of_two(void **state)
{
	(void)state;
	make(3 * GIB, "90000000-903fffff : System RAM\n");
	assert_int_equal(find(), 0);
	assert_int_equal(found.start, 3 * GIB - 512 * MIB);
	assert_int_equal(found.end, 3 * GIB);
	make(3 * GIB, "00100000-57ffffff : System RAM\n"
		      "72200000-b81fffff : System RAM\n");
	assert_int_equal(find(), 0);
	assert_int_equal(found.start, GIB + 514 * MIB);
	assert_int_equal(found.end, GIB + 802 * MIB);
}

/* One range across 4 GiB: what is below it. */
static void below_4_gib(void **state)
{
	(void)state;
	make(8 * GIB, "00100000-bfffffff : System RAM\n");
	assert_int_equal(find(), 0);
	assert_int_equal(found.end, 4 * GIB);
	assert_int_equal(range_bytes(found), 512 * MIB);
	make(8 * GIB, "00100000-fdffffff : System RAM\n");
	assert_int_equal(find(), 0);
	assert_int_equal(found.end, 8 * GIB);
}

static void refusals(void **state)
{
	(void)state;
	make(GIB, "00100000-3fffffff : System RAM\n");
	assert_int_equal(find(), -HO_ENOREGION);
	make(GIB, "00000000-00000000 : System RAM\n");
	assert_int_equal(find(), -HO_EPERM);
	make(GIB, AT_2_GIB);
	h.kept.complete = false;
	assert_int_equal(find(), -HO_EDIGEST);
}

static int make_file(void **state)
{
	int fd = mkstemp(iomem);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(iomem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(upper_end),
		cmocka_unit_test(all_of_a_small_one),
		cmocka_unit_test(which_of_two),
		cmocka_unit_test(below_4_gib),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
