// SPDX-License-Identifier: MIT
/*
 * test_pauses.c - the pauses of past updates, in a file that anything may stand in
 * (pauses.h). What is added to it: test_fixed.c.
 */
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "fakeroot.h"
#include "pauses.h"

#define PARTS	"\"save\": 1, \"collect\": 0, \"load\": 0, \"entry\": 0, \"verify\": 0, "\
		"\"pass\": 0, \"plug\": 0, \"chain\": 0, \"kernel\": 0, \"adopt\": 2"
#define ONE(id, parts)	\
	"{ \"generation\": 3, \"id\": \"" id "\", \"seconds\": { " parts " } }"

static struct pauses read_of(const char *text)
{
	struct pauses p;

	fake_put(PAUSES_PATH, "%s", text);
	pauses_read(&p, PAUSES_PATH);
	return p;
}

static int setup(void **state)
{
	(void)state;
	fake_root_begin();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_root_end();
	return 0;
}

static void good(void **state)
{
	struct pauses p = read_of("[" ONE("a-1", PARTS ", \"boot\": 9.5") ", "
				  ONE("a-2", PARTS ", \"boot\": 7, \"down\": 0.25")
				  "]");

	(void)state;
	assert_int_equal(p.count, 2);
	assert_string_equal(p.list[0].id, "a-1");
	assert_int_equal(p.list[0].generation, 3);
	assert_false(p.list[0].jump_known);
	assert_true(p.list[0].s[TIMELINE_BOOT] == 9.5);
	assert_true(p.list[1].jump_known);
	assert_true(p.list[1].s[TIMELINE_DOWN] == 0.25);
}

/* An update counts once, and the oldest goes. */
static void no_more_than_there_is_room_for(void **state)
{
	char text[4096] = "[";
	struct pauses p;
	int i;

	(void)state;
	for (i = 0; i < PAUSES_MAX + 2; i++)
		sprintf(text + strlen(text), "%s" ONE("%d", PARTS ", \"boot\": %d"),
			i ? "," : "", i, i);
	strcat(text, "," ONE("5", PARTS ", \"boot\": 50") "]");
	p = read_of(text);
	assert_int_equal(p.count, PAUSES_MAX);
	assert_string_equal(p.list[0].id, "2");
	assert_true(p.list[3].s[TIMELINE_BOOT] == 50);
}

/* Nothing of these is a pause; what stands beside them is. */
static void bad(void **state)
{
	static const char *const texts[] = {
		"", "[", "{}", "7", "[7]", "[[]]", "[{}]", "null", "[null]",
		"[" ONE("\\\"", PARTS ", \"boot\": 1") "]",
		"[" ONE("g", PARTS ", \"boot\": 1") "]",
		"[" ONE("0123456789012345678901234567890123456789",
			PARTS ", \"boot\": 1") "]",
		"[" ONE("1", PARTS) "]",
		"[" ONE("1", PARTS ", \"boot\": -1") "]",
		"[" ONE("1", PARTS ", \"boot\": 86401") "]",
		"[" ONE("1", PARTS ", \"boot\": 1e999") "]",
		"[" ONE("1", PARTS ", \"boot\": NaN") "]",
		"[" ONE("1", PARTS ", \"boot\": \"1\"") "]",
		"[" ONE("1", PARTS ", \"boot\": 1, \"down\": []") "]",
		"[{ \"generation\": 3, \"id\": \"1\", \"seconds\": [] }]",
		"[{ \"generation\": 3, \"id\": 1, \"seconds\": { " PARTS
		", \"boot\": 1 } }]",
		"[{ \"id\": \"1\", \"seconds\": { " PARTS ", \"boot\": 1 } }]",
	};
	char text[1024];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(read_of(texts[i]).count, 0);
		if (texts[i][0] != '[' || texts[i][1] != '{')
			continue;
		snprintf(text, sizeof(text), "%.*s, %s]",
			 (int)strlen(texts[i]) - 1, texts[i],
			 ONE("b", PARTS ", \"boot\": 1"));
		/* what is not JSON is so as a whole */
		assert_int_equal(read_of(text).count, 1);
	}
	fake_remove(PAUSES_PATH);
	assert_int_equal(read_of("").count, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(good), T(no_more_than_there_is_room_for), T(bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
