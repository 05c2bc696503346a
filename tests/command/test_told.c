// SPDX-License-Identifier: MIT
/*
 * test_told.c - how an upgrade ends, for programs: exit status, JSON lines, fields
 * of the journal.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "fakeguest.h"
#include "fakerun.h"
#include "journal.h"
#include "testbzimage.h"

#define RELEASE	"99.10.2-test"

static struct fake_guest *vm;

static int setup(void **state)
{
	static uint8_t k[TEST_BZIMAGE_BYTES];

	fake_begin(state);
	vm = fake_guest_begin("vm");
	fake_put("/etc/baton/baton.conf",
		 "rehearse = none\nkernel = /boot/vmlinuz-" RELEASE
		 "\ninitrd = none\ncmdline = root=/dev/sda1\n");
	fake_put("/dev/shm/here", "%s", "");
	test_bzimage(k);
	fake_put_bytes("/boot/vmlinuz-" RELEASE, k, sizeof(k));
	return 0;
}

static int teardown(void **state)
{
	fake_guest_end(vm);
	return fake_end(state);
}

/* The n-th line of this event on standard output, to be put; NULL: none. All
 * lines are objects with an event and a time. */
static struct json_object *event(const char *name, int n)
{
	char *text = strdup(baton_said()), *line, *rest;
	struct json_object *o, *v, *found = NULL;
	double last = 0, at = 0;

	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		o = json_tokener_parse(line);
		if (!o || !json_object_object_get_ex(o, "seconds", &v) ||
		    (at = json_object_get_double(v)) < last ||
		    !json_object_object_get_ex(o, "event", &v))
			fail_msg("no event, or before the last: %s", line);
		last = at;
		if (!strcmp(json_object_get_string(v), name) && !n--)
			found = json_object_get(o);
		json_object_put(o);
	}
	free(text);
	return found;
}

/* A text or number of that event */
static const char *value(const char *name, int n, const char *field)
{
	static char text[4096];
	struct json_object *o = event(name, n), *v;

	if (!o || !json_object_object_get_ex(o, field, &v))
		fail_msg("no %s in %s %d of:\n%s", field, name, n,
			 baton_said());
	snprintf(text, sizeof(text), "%s", json_object_get_string(v));
	json_object_put(o);
	return text;
}

static void has_event(const char *name, int n, const char *field,
		      const char *wanted)
{
	const char *got = value(name, n, field);

	if (strcmp(got, wanted))
		fail_msg("%s %d: %s is %s, wanted %s", name, n, field, got,
			 wanted);
}

static void goes_through(void **state)
{
	static const char *const stages[] = {
		"look", "look", "read", "trial", "pause", "collect", "pack",
		"load", "jump",
	};
	size_t at;

	(void)state;
	assert_int_equal(baton("upgrade --yes --json"), FAKE_JUMPED);
	has_event("plan", 0, "ok", "true");
	assert_non_null(strstr(value("plan", 0, "target"),
			       "vmlinuz-" RELEASE));
	if (!strstr(value("plan", 0, "guests"), "guest.vm"))
		fail_msg("%s", baton_said());
	for (at = 0; at < sizeof(stages) / sizeof(*stages); at++)
		has_event("stage", at, "stage", stages[at]);
	assert_null(event("stage", at));
	has_event("stage", at - 4, "guests", "1");
	has_event("stage", at - 4, "bytes", "2097152");
	assert_null(event("end", 0));
	assert_null(strstr(baton_complained(), "pausing"));
}

static void is_refused(void **state)
{
	(void)state;
	fake_put("/sys/kernel/security/lockdown",
		 "none [integrity] confidentiality\n");
	fake_machine->door_errno = ENOKEY;
	expect_refusal(baton("upgrade --yes --json"), HO_EREFUSED);
	has_event("plan", 0, "ok", "false");
	has_event("error", 0, "error", "HO_EREFUSED");
	has_event("end", 0, "result", "refused");
	has_event("end", 0, "status", "11");
	/* and of one that looks at nothing before */
	expect_refusal(baton("upgrade --json --qemu %s --name vm --initrd none",
			     vm->qmp.path), HO_ELOCKDOWN);
	has_event("error", 0, "error", "HO_ELOCKDOWN");
	has_event("end", 0, "result", "refused");
	has_event("end", 0, "status", "3");
	expect_refusal(baton("upgrade --json"), HO_ENOTERMINAL);
	has_event("end", 0, "status", "2");
	expect_refusal(baton("upgrade --json --quiet"), HO_EUSAGE);
	assert_int_equal(vm->stops + vm->saves, 0);
}

static void is_called_off(void **state)
{
	(void)state;
	fake_machine->jump_errno = 1;
	assert_int_equal(baton("upgrade --yes --json"), HO_EXIT_CALLED_OFF);
	has_event("error", 0, "error", "HO_EIO");
	has_event("end", 0, "result", "called off");
	has_event("end", 0, "status", "12");
	assert_string_equal(vm->status, "running");
	assert_true(fake_holds("/journal", "MESSAGE_ID=" JOURNAL_FAILED
			       "\tPRIORITY=3\tSYSLOG_IDENTIFIER=baton\t"
			       "BATON_COMMAND=upgrade\tBATON_STAGE=jump\t"
			       "BATON_CODE=HO_EIO\n"));
	fake_machine->jump_errno = 0;
	fake_guest_rule(vm, "\"stop\"", FAKE_REFUSE, "no");
	assert_int_equal(baton("upgrade --yes --quiet"), HO_EXIT_CALLED_OFF);
	assert_int_equal(fake_machine->jumps, 0);
}

static void is_loaded(void **state)
{
	(void)state;
	expect_ok(baton("upgrade --yes --json --no-exec"));
	has_event("end", 0, "result", "loaded");
	has_event("end", 0, "status", "0");
	assert_null(event("error", 0));
}

static void is_quiet(void **state)
{
	(void)state;
	assert_int_equal(baton("upgrade --yes --quiet"), FAKE_JUMPED);
	assert_string_equal(baton_said(), "");
	assert_string_equal(baton_complained(), "");
	/* but for what refuses it */
	fake_put("/sys/kernel/kexec_loaded", "1\n");
	expect_refusal(baton("upgrade --yes --quiet"), HO_EREFUSED);
	assert_non_null(strstr(baton_said(), "host: no\n"));
}

static void in_the_journal(void **state)
{
	(void)state;
	assert_int_equal(baton("upgrade --yes"), FAKE_JUMPED);
	assert_true(fake_holds("/journal", "MESSAGE_ID=" JOURNAL_BEGUN
			       "\tPRIORITY=5\t"));
	assert_true(fake_holds("/journal", "MESSAGE_ID=" JOURNAL_JUMPS));
	assert_false(fake_holds("/journal", JOURNAL_FAILED));
	/* who only asks leaves nothing */
	fake_remove("/journal");
	baton("precheck");
	baton("upgrade --dry-run");
	assert_false(fake_has("/journal"));
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(goes_through), WITH(is_refused), WITH(is_called_off),
		WITH(is_loaded), WITH(is_quiet), WITH(in_the_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
