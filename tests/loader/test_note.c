// SPDX-License-Identifier: MIT
/*
 * test_note.c - the note of an update that was begun: written before the jump,
 * gone when its breadcrumb is found, there when firmware starts the host.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "note.h"

#define BLOB "handover-abi/golden/v1-minimal.dtb"

static char path[64];
static const uint8_t id[HO_ID_BYTES] = {	/* of that blob */
	0x6f, 0x1b, 0x9c, 0x52, 0x7d, 0x0e, 0x4a, 0x3b,
	0x9f, 0x58, 0x21, 0xc4, 0xe7, 0xa0, 0x8d, 0x36 };

static int setup(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/test_note.%d", (int)getpid());
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

/* As if another instance had written it. */
static void of_another_boot(void)
{
	FILE *f = fopen(path, "r+");
	char text[512];
	char *boot;
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	boot = strstr(text, "\"boot\": \"");
	assert_non_null(boot);
	boot[9] = boot[9] == 'f' ? '0' : 'f';
	rewind(f);
	fwrite(text, 1, n, f);
	fclose(f);
}

static void is_of_this_instance(void **state)
{
	struct note n;

	(void)state;
	assert_false(note_read(path, &n));
	note_begin(path, BLOB);
	assert_false(note_read(path, &n));
	of_another_boot();
	assert_true(note_read(path, &n));
	assert_int_equal(n.generation, 1);
	assert_string_equal(n.id, "6f1b9c52-7d0e-4a3b-9f58-21c4e7a08d36");
	assert_true(n.when > 1700000000);
}

static void is_withdrawn(void **state)
{
	struct note n;

	(void)state;
	note_withdraw(path);
	note_begin(path, BLOB);
	of_another_boot();
	note_withdraw(path);			/* that one did jump */
	assert_true(note_read(path, &n));
	note_begin(path, BLOB);
	note_withdraw(path);
	assert_int_equal(access(path, F_OK), -1);
}

static void is_settled(void **state)
{
	struct ho_breadcrumb crumb = { .state = HO_STATE_RUNNING };
	struct note n;

	(void)state;
	note_begin(path, BLOB);
	of_another_boot();
	assert_true(note_settle(path, &crumb, &n));	/* another update's */
	memcpy(crumb.id, id, sizeof(id));
	assert_false(note_settle(path, &crumb, &n));
	assert_true(note_read(path, &n));	/* not complete */
	crumb.state = HO_STATE_CHAINED;
	assert_false(note_settle(path, &crumb, &n));
	assert_false(note_read(path, &n));
	assert_int_equal(access(path, F_OK), -1);
}

static void is_damaged(void **state)
{
	FILE *f = fopen(path, "w");
	struct note n;

	(void)state;
	fputs("{ \"generation\": 3, \"id\": 4 }", f);
	fclose(f);
	assert_false(note_read(path, &n));
	f = fopen(path, "w");
	fputs("{ \"generation\"", f);
	fclose(f);
	assert_false(note_read(path, &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(is_of_this_instance, setup,
						teardown),
		cmocka_unit_test_setup_teardown(is_withdrawn, setup, teardown),
		cmocka_unit_test_setup_teardown(is_settled, setup, teardown),
		cmocka_unit_test_setup_teardown(is_damaged, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
