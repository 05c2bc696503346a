// SPDX-License-Identifier: MIT
/*
 * test_cmdline.c - options of a kernel's command line: of two the last, whole words
 * alone, and values that end with their word.
 */
#include <string.h>

#include "cmdline.h"
#include "cmocka_all.h"

static void assert_value(const char *line, const char *want)
{
	size_t length;
	const char *value = cmdline_value(line, "root=", &length);

	assert_non_null(value);
	assert_int_equal(length, strlen(want));
	assert_memory_equal(value, want, length);
}

static void assert_none(const char *line)
{
	size_t length = 7;

	assert_null(cmdline_value(line, "root=", &length));
	assert_int_equal(length, 0);
}

static void found(void **state)
{
	(void)state;
	assert_value("root=/dev/sda1", "/dev/sda1");
	assert_value("  quiet root=UUID=1 rw\n", "UUID=1");
	assert_value("root=a root=b quiet", "b");
	assert_value("root=a xroot=b", "a");
	assert_value("root=a\nroot= quiet", "");
}

static void not_found(void **state)
{
	(void)state;
	assert_none("");
	assert_none(" \n");
	assert_none("quiet xroot=a root");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found), cmocka_unit_test(not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
