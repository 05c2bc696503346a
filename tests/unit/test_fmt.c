// SPDX-License-Identifier: MIT
/*
 * test_fmt.c - the formatter against the C library's snprintf; the log ring
 * and the record of errors, which are built on it.
 */
#include <stdio.h>

#include "cmocka_all.h"
#include "diag.h"
#include "fmt.h"
#include "logring.h"

/* The same text and length from both, at every size of the buffer. Text past
 * the size must stay as it was. */
#define SAME(...) do { \
	char have_[160], want_[160]; \
	size_t whole_ = snprintf(NULL, 0, __VA_ARGS__), at_; \
	for (at_ = 0; at_ <= whole_ + 2; at_++) { \
		memset(have_, '#', sizeof(have_)); \
		memset(want_, '#', sizeof(want_)); \
		assert_int_equal(fmt_print(have_, at_, __VA_ARGS__), whole_); \
		snprintf(want_, at_, __VA_ARGS__); \
		assert_memory_equal(have_, want_, sizeof(have_) - 1); \
	} \
} while (0)

static void plain_text(void **state)
{
	(void)state;
	SAME("%s", "");
	SAME("nothing to convert");
	SAME("100%% of it");
	assert_int_equal(fmt_print(NULL, 0, "%s", "only counted"), 12);
}

static void decimal(void **state)
{
	(void)state;
	SAME("%d %i %u", 0, -1, 1u);
	SAME("%d %d", INT32_MAX, INT32_MIN);
	SAME("%u", UINT32_MAX);
	SAME("%ld %ld", INT64_MAX, INT64_MIN);
	SAME("%lld %llu", -1ll, UINT64_MAX * 1ull);
	SAME("%lu", UINT64_MAX);
	SAME("%zu %zd", SIZE_MAX, (ssize_t)-5);
}

static void hexadecimal(void **state)
{
	(void)state;
	SAME("%x %X", 0xabcdefu, 0xabcdefu);
	SAME("%#x %#X", 0xbeefu, 0xbeefu);
	SAME("%#x", 0u);
	SAME("%llx", UINT64_MAX * 1ull);
	SAME("0x%08x 0x%016lx", 0x1234u, 0x123456789aul);
	SAME("%#010x|%#10x|%-#10x|", 0x12u, 0x12u, 0x12u);
}

static void widths(void **state)
{
	(void)state;
	SAME("%5d|%-5d|%05d|", -42, -42, -42);
	SAME("%2u|%02u|%-2u|", 12345u, 12345u, 12345u);
	SAME("%*d|", 9, 7);
	SAME("%8s|%-8s|%2s|", "abc", "abc", "abc");
	SAME("%c%3c%-3c|", 'a', 'b', 'c');
	SAME("%24u|%-24llu|", 1u, UINT64_MAX * 1ull);
}

static void strings(void **state)
{
	static const char raw[3] = { 'r', 'a', 'w' };	/* no NUL */
	char out[16];

	(void)state;
	SAME("%.*s", 3, "abcdef");
	SAME("%.*s", 0, "abcdef");
	SAME("%.3s|%.9s|", "abcdef", "abc");
	SAME("%6.2s|%-6.2s|", "abcdef", "abcdef");
	fmt_print(out, sizeof(out), "%.*s", 3, raw);
	assert_string_equal(out, "raw");
}

static int print_list(char *out, size_t bytes, const char *format, ...)
{
	va_list args, again;
	int rc;

	va_start(args, format);
	va_copy(again, args);
	rc = fmt_vprint(out, bytes, format, args);
	/* the caller's list is its own */
	rc += fmt_vprint(out, bytes, format, again);
	va_end(again);
	va_end(args);
	return rc;
}

static void argument_list(void **state)
{
	char out[32];

	(void)state;
	assert_int_equal(print_list(out, sizeof(out), "%s %d %llx", "x", -3,
				    0x10ull), 14);
	assert_string_equal(out, "x -3 10");
}

/* What the stub's own text could have wrong must not lead anywhere. */
static void bad_formats(void **state)
{
	char out[16];
	const char *volatile null = NULL;

	(void)state;
	assert_int_equal(print_list(out, sizeof(out), "ab%"), 4);
	assert_string_equal(out, "ab");
	assert_int_equal(print_list(out, sizeof(out), "a%lb"), 2);
	print_list(out, sizeof(out), "%s", null);
	assert_string_equal(out, "(null)");
}

/* Log ring */

static void log_keeps_what_fits(void **state)
{
	struct logring log;
	char bytes[16];

	(void)state;
	logring_init(&log, bytes, sizeof(bytes));
	assert_int_equal(log.used, 0);
	logring_write(&log, "", 0);
	logring_write(&log, "one\n", 4);
	logring_write(&log, "two\n", 4);
	logring_write(&log, "three\n!!", 8);
	assert_int_equal(log.used, 16);
	assert_int_equal(log.dropped, 0);
	assert_memory_equal(bytes, "one\ntwo\nthree\n!!", 16);
}

static void log_drops_whole_lines(void **state)
{
	struct logring log;
	char bytes[16];

	(void)state;
	logring_init(&log, bytes, sizeof(bytes));
	logring_write(&log, "aaa\nbbb\n", 8);
	logring_write(&log, "c\nd\neee\n", 8);
	logring_write(&log, "f\n", 2);
	/* the oldest half, and then up to the end of a line */
	assert_int_equal(log.dropped + log.used, 18);
	assert_memory_equal(bytes, "d\neee\nf\n", 8);
	assert_int_equal(log.used, 8);
}

static void log_of_one_long_line(void **state)
{
	struct logring log;
	char bytes[8];

	(void)state;
	logring_init(&log, bytes, sizeof(bytes));
	logring_write(&log, "0123456789", 10);
	assert_int_equal(log.used, 4);
	assert_int_equal(log.dropped, 6);
	assert_memory_equal(bytes, "6789", 4);
	logring_write(&log, "abcd", 4);
	logring_write(&log, "ef", 2);
	assert_memory_equal(bytes, "abcdef", 6);
	assert_int_equal(log.dropped, 10);
}

/* Every small capacity ends, stays inside it and loses no count. */
static void log_of_any_capacity(void **state)
{
	static const char text[] = "ab\ncdefg\n\nh";
	struct logring log;
	uint32_t capacity, round;
	uint64_t written;

	(void)state;
	for (capacity = 0; capacity < 40; capacity++) {
		char *bytes = malloc(capacity + 1);

		logring_init(&log, bytes, capacity);
		bytes[capacity] = '#';
		for (written = 0, round = 0; round < 50; round++) {
			size_t length = round % sizeof(text);

			logring_write(&log, text, length);
			written += length;
			assert_true(log.used <= log.capacity);
			assert_int_equal(log.used + log.dropped, written);
		}
		assert_int_equal(bytes[capacity], '#');
		free(bytes);
	}
}

/* Errors */

static void first_errors_are_kept(void **state)
{
	struct diag_log log;
	int i;

	(void)state;
	memset(&log, 0xff, sizeof(log));
	diag_init(&log, HO_STAGE_PASS);
	assert_int_equal(log.total, 0);
	assert_int_equal(log.kept, 0);
	for (i = 0; i < DIAG_KEPT + 3; i++)
		assert_int_equal(diag_add(&log, HO_EDOUBLE, "mfn 0x%x", i),
				 -HO_EDOUBLE);
	assert_int_equal(log.total, DIAG_KEPT + 3);
	assert_int_equal(log.kept, DIAG_KEPT);
	assert_int_equal(log.items[0].code, HO_EDOUBLE);
	assert_int_equal(log.items[0].stage, HO_STAGE_PASS);
	assert_string_equal(log.items[0].where, "mfn 0x0");
	assert_string_equal(log.items[DIAG_KEPT - 1].where, "mfn 0x1f");
}

static void stage_is_that_of_the_moment(void **state)
{
	struct diag_log log;

	(void)state;
	diag_init(&log, HO_STAGE_VERIFY);
	diag_add(&log, HO_EDIGEST, "blob");
	log.stage = HO_STAGE_PLUG;
	diag_add(&log, HO_ENOROOM, "kernel");
	assert_int_equal(log.items[0].stage, HO_STAGE_VERIFY);
	assert_int_equal(log.items[1].stage, HO_STAGE_PLUG);
}

static void logs_are_merged(void **state)
{
	struct diag_log log, other;
	int i;

	(void)state;
	diag_init(&log, HO_STAGE_LOADER);
	diag_init(&other, HO_STAGE_PASS);
	diag_add(&log, HO_EDIGEST, "blob");
	diag_add(&other, HO_EDOUBLE, "mfn 1");
	diag_merge(&log, &other);
	assert_int_equal(log.total, 2);
	assert_int_equal(log.items[1].code, HO_EDOUBLE);
	assert_int_equal(log.items[1].stage, HO_STAGE_PASS);
	for (i = 0; i < DIAG_KEPT; i++)
		diag_add(&other, HO_EDOUBLE, "mfn %d", i);
	diag_merge(&log, &other);
	assert_int_equal(log.kept, DIAG_KEPT);
	assert_int_equal(log.total, 2 + DIAG_KEPT + 1);
}

static void long_place_is_cut(void **state)
{
	struct diag_log log;
	char place[300];

	(void)state;
	memset(place, 'x', sizeof(place));
	place[sizeof(place) - 1] = '\0';
	diag_init(&log, HO_STAGE_LOADER);
	diag_add(&log, HO_EPROP, "%s", place);
	assert_int_equal(strlen(log.items[0].where), HO_WHERE_BYTES - 1);
}

/* Each row of the contract's list, as the list has it. */
static void columns_of_the_list(void **state)
{
	(void)state;
#define CHECK(code, name, class, exit, text, remedy) \
	assert_string_equal(error_name(code), "HO_E" #name); \
	assert_string_equal(error_text(code), text); \
	assert_string_equal(error_remedy(code), remedy); \
	assert_int_equal(error_exit(code), exit); \
	assert_int_equal(error_class(code), #class[0]); \
	assert_int_equal(HO_E##name, code);
	HO_ERROR_LIST(CHECK)
#undef CHECK
}

static void unknown_codes(void **state)
{
	static const int codes[] = { 0, -1, 6, 1000000, INT32_MIN };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(codes); i++) {
		assert_string_equal(error_text(codes[i]), "unknown error");
		assert_int_equal(error_class(codes[i]), 0);
		assert_int_equal(error_exit(codes[i]), HO_EXIT_FAILURE);
		assert_non_null(error_name(codes[i]));
		assert_non_null(error_remedy(codes[i]));
	}
}

static void stages(void **state)
{
	(void)state;
	assert_string_equal(stage_name(HO_STAGE_LOADER), "loader");
	assert_string_equal(stage_name(HO_STAGE_CHAIN), "chain");
	assert_non_null(stage_name(HO_STAGE_COUNT));
	assert_non_null(stage_name(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text),
		cmocka_unit_test(decimal),
		cmocka_unit_test(hexadecimal),
		cmocka_unit_test(widths),
		cmocka_unit_test(strings),
		cmocka_unit_test(argument_list),
		cmocka_unit_test(bad_formats),
		cmocka_unit_test(log_keeps_what_fits),
		cmocka_unit_test(log_drops_whole_lines),
		cmocka_unit_test(log_of_one_long_line),
		cmocka_unit_test(log_of_any_capacity),
		cmocka_unit_test(first_errors_are_kept),
		cmocka_unit_test(stage_is_that_of_the_moment),
		cmocka_unit_test(logs_are_merged),
		cmocka_unit_test(long_place_is_cut),
		cmocka_unit_test(columns_of_the_list),
		cmocka_unit_test(unknown_codes),
		cmocka_unit_test(stages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
