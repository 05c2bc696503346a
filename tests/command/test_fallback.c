// SPDX-License-Identifier: MIT
/*
 * test_fallback.c - the fallback, and an instance that cannot look back: what
 * is said of the update that failed, and what may still be done with its
 * guests.
 */
#include <stdio.h>

#include "cmocka_all.h"
#include "testkept.h"

static void fallback(void **state)
{
	(void)state;
	kept_shows("status", "DOUBLE");
	expect_refusal(baton("status --check --json"), HO_EAFTERJUMP);
	assert_non_null(strstr(baton_said(), "\"failed\""));
	expect_refusal(baton("status --check --log"), HO_EUSAGE);
	kept_shows("status --json", "\"failed\"");
	kept_shows("status --extents", "1 one 20000 16 ");
	kept_shows("status --log", "baton-stub: made up");
	kept_shows("state one kind", "of a device");
	expect_ok(baton("salvage one -o %s", fake_path("/core")));
	assert_true(fake_holds("/core", "the guest's memory"));
	expect_refusal(baton("adopt one"), HO_EBREADCRUMB);
	expect_refusal(baton("arm"), HO_EBREADCRUMB);
	expect_refusal(baton("restore --xen"), HO_EBREADCRUMB);
	assert_int_not_equal(baton("release one"), 0);
	kept_shows("region", "from free memory");
	/* and on with all of them */
	assert_int_equal(baton(UPGRADE, FILES), FAKE_JUMPED);
	assert_int_equal(fake_stub(&diag), 0);
	kept_shows("status", "one");
}

/* The blob has been written over: whose memory it is nobody knows. */
static void fallback_in_doubt(void **state)
{
	(void)state;
	fake_spoil("of a device");
	expect_ok(baton("status"));
	expect_refusal(baton("salvage one -o x"), HO_EDIGEST);
	expect_refusal(baton("collect --kept -o %s", fake_path("/lu")),
		       HO_EDIGEST);
	assert_int_not_equal(baton(UPGRADE, FILES), 0);
	assert_int_equal(fake_machine->jumps, 1);
}

static void no_handover(void **state)
{
	static const char *const commands[] = { "state one kind",
		"release one", "salvage one -o x", "adopt one",
		"adopt --test one", "adopt --all", "restore --xen" };
	size_t i;

	(void)state;
	fake_put("/proc/cmdline", "root=/dev/sda1\n");
	for (i = 0; i < ARRAY_COUNT(commands); i++)
		expect_refusal(baton("%s", commands[i]), HO_EBREADCRUMB);
	/* one was begun, and it is not what started this */
	expect_refusal(baton("status"), HO_ELOST);
	kept_shows("status --metrics -",
		   "baton_last_update_result{result=\"lost\"} 1\n");
	kept_shows("status --metrics -", "baton_generation 0\n");
	expect_refusal(baton("status --check"), HO_EAFTERJUMP);
	expect_refusal(baton("status --json"), HO_ELOST);
	assert_non_null(strstr(baton_said(), "\"lost\""));
	fake_remove("/var/lib/baton");
	expect_refusal(baton("status"), HO_EBREADCRUMB);
	/* a later boot of the same command line */
	fake_put("/proc/cmdline", "baton=0x10000000\n");
	fake_put("/proc/iomem", "00100000-3fffffff : System RAM\n");
	expect_refusal(baton("status"), HO_ESTALE);
	fake_put("/proc/iomem", "10000000-17ffffff : Reserved\n");
	fake_put_at("/dev/mem", FAKE_REGION, "no breadcrumb", 13);
	expect_refusal(baton("status"), HO_EBREADCRUMB);
	fake_put("/proc/iomem", "00000000-00000000 : System RAM\n");
	expect_refusal(baton("status"), HO_EPERM);
	fake_remove("/proc/iomem");
	expect_refusal(baton("status"), HO_EIO);
}

static void unfinished(struct ho_breadcrumb *c)
{
	c->state = HO_STATE_RUNNING;
}

static void trapped(struct ho_breadcrumb *c)
{
	c->state = HO_STATE_FAILED;
	c->error = HO_ETRAP;
	c->trap_vector = 14;
	c->trap_cr2 = 0x1234;
}

static void unreadable(struct ho_breadcrumb *c)
{
	c->blob_bytes = 64;
	c->log_bytes = 1 << 30;
}

static void elsewhere(struct ho_breadcrumb *c)
{
	c->region_base = 0x20000000;
}

/* What else a stub may leave. */
static void fallback_after(void **state)
{
	(void)state;
	fake_crumb(unfinished);
	kept_shows("status", "did not complete");
	kept_shows("status --json", "\"unfinished\"");
	fake_crumb(trapped);
	kept_shows("status", "vector 14");
	fake_crumb(unreadable);
	kept_shows("status", "nothing can be saved");
	expect_refusal(baton("status --extents"), HO_EBREADCRUMB);
	expect_refusal(baton("status --log"), HO_EBREADCRUMB);
	expect_refusal(baton("state one kind"), HO_ENODOMAIN);
	fake_crumb(elsewhere);
	expect_refusal(baton("status"), HO_EBREADCRUMB);
}

/* The new instance has panicked, and the fallback looks back. */
static void died(void **state)
{
	(void)state;
	fake_put("/proc/cmdline",
		 "quiet baton=0x10000000 baton.failed=target:%d\n", HO_EDIED);
	kept_shows("status", "died; this is the fallback");
	expect_refusal(baton("status --check"), HO_EAFTERJUMP);
	kept_shows("status --json", "\"fallback\":true");
	fake_put("/proc/cmdline",
		 "quiet baton=0x10000000 baton.failed=target:%d\n", HO_ECPUS);
	kept_shows("status", "CPUS");
	expect_refusal(baton(UPGRADE, FILES), HO_ECPUS);
	assert_int_equal(fake_machine->jumps, 1);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, kept_setup, fake_end)
#define FALLEN(f) \
	cmocka_unit_test_setup_teardown(f, kept_setup_fallback, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FALLEN(fallback), FALLEN(fallback_in_doubt), WITH(no_handover),
		FALLEN(fallback_after), WITH(died),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
