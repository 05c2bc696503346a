// SPDX-License-Identifier: MIT
/*
 * test_table.c - tables as people see them, as scripts cut them, and as JSON.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "table.h"

static const char *const columns[] = {
	"#domid", "<name", "#memory", ">share", "<standing", NULL
};

static char said[4096];

/* What a table of two rows says, the first of `name`. */
static const char *say(const char *columns_wanted, bool noheadings, bool json,
		       const char *name)
{
	const struct table_style style = { columns_wanted, noheadings, json };
	FILE *file = tmpfile();
	int out = dup(1);
	struct table t;
	size_t length;

	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), 1);
	table_begin(&t, "domains", columns, &style);
	if (name) {
		table_cell(&t, "%d", 1);
		table_cell(&t, "%s", name);
		table_bytes(&t, 2 << 20);
		table_cell(&t, "%.1f", 12.5);
		table_cell(&t, "kept, as it was");
		table_cell(&t, "%d", 20000);
		table_cell(&t, "b");
		table_bytes(&t, 512 << 10);
		table_none(&t);
		table_cell(&t, "%s", "");
	}
	table_print(&t);
	fflush(stdout);
	dup2(out, 1);
	close(out);
	rewind(file);
	length = fread(said, 1, sizeof(said) - 1, file);
	said[length] = '\0';
	fclose(file);
	return said;
}

static void for_people(void **state)
{
	(void)state;
	assert_string_equal(say(NULL, false, false, "one"),
		"domid  name   memory  share  standing\n"
		"    1  one     2 MiB   12.5  kept, as it was\n"
		"20000  b     512 KiB      -  \n");
	assert_string_equal(say(NULL, false, false, NULL), "");
}

/* No terminal, however narrow, makes a name shorter. */
static void never_cut(void **state)
{
	char name[301];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_non_null(strstr(say(NULL, false, false, name), name));
}

static void for_scripts(void **state)
{
	(void)state;
	assert_string_equal(say("Name,domid", true, false, "one"),
			    "one       1\n"
			    "b     20000\n");
	assert_string_equal(say("standing", false, false, "one"),
			    "standing\nkept, as it was\n\n");
}

/* What a guest is called is not a command for the terminal. */
static void hostile_name(void **state)
{
	(void)state;
	say("name", true, false, "\033[2J\ra");
	assert_null(strchr(said, '\033'));
	assert_null(strchr(said, '\r'));
	assert_non_null(strstr(said, "\\x1b[2J"));
}

static void as_json(void **state)
{
	const char name[] = "a\"\n\033\\";
	struct json_object *o, *list, *row;

	(void)state;
	o = json_tokener_parse(say("memory,name,share", false, true, name));
	assert_non_null(o);
	list = json_object_object_get(o, "domains");
	assert_int_equal(json_object_array_length(list), 2);
	row = json_object_array_get_idx(list, 0);
	assert_int_equal(json_object_object_length(row), 3);
	assert_int_equal(json_object_get_int64(
		json_object_object_get(row, "memory")), 2 << 20);
	assert_string_equal(json_object_get_string(
		json_object_object_get(row, "name")), name);
	row = json_object_array_get_idx(list, 1);
	assert_null(json_object_object_get(row, "share"));
	assert_true(json_object_object_get_ex(row, "share", NULL));
	json_object_put(o);
	o = json_tokener_parse(say(NULL, false, true, NULL));
	assert_int_equal(json_object_array_length(
		json_object_object_get(o, "domains")), 0);
	json_object_put(o);
}

static void wrong_columns(void **state)
{
	static const char *const wrong[] = {
		"", ",", "name,", "what", "name,what", "name,NAME", "nam",
	};
	struct diag_log diag;
	size_t i;

	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(table_check(columns, NULL, &diag), 0);
	assert_int_equal(table_check(columns, "share,domid", &diag), 0);
	assert_int_equal(diag.total, 0);
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		diag_init(&diag, HO_STAGE_LOADER);
		assert_int_equal(table_check(columns, wrong[i], &diag),
				 -HO_EUSAGE);
		assert_non_null(strstr(diag.items[0].where, "standing"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(for_people),
		cmocka_unit_test(never_cut),
		cmocka_unit_test(for_scripts),
		cmocka_unit_test(hostile_name),
		cmocka_unit_test(as_json),
		cmocka_unit_test(wrong_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
