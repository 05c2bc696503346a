// SPDX-License-Identifier: MIT
/*
 * test_xenhvm.c - a PVH or HVM guest of Xen's from end to end: saved by xl, its
 * frames asked for by grants, handed over, and restored from what was kept. Xen
 * and xl are made up (fakelibs.h).
 */
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include "rundir.h"
#include "util.h"
#include "testhvm.h"

/* Its grant table is as it was, and it runs. */
static void assert_undone(void)
{
	assert_memory_equal(fake_xen->grants, hvm_grants_were,
			    sizeof(hvm_grants_were));
	assert_int_equal(fake_xen->grants_mapped, 0);
	assert_false(fake_has("/paused.3"));
}

static void saved_and_undone(void **state)
{
	(void)state;
	expect_ok(baton("collect --xen hvm -o %s", fake_path("/lu")));
	assert_true(fake_has("/paused.3"));
	expect_ok(baton("unload"));
	assert_undone();
}

/* Known before it is paused, each by its name. */
static void cannot_go(const char *why)
{
	fake_remove("/calls");
	expect_refusal(hvm_upgrade(), HO_EXENDOMAIN);
	if (!strstr(baton_complained(), why))
		fail_msg("%s", baton_complained());
	assert_false(fake_called("xl save"));
}

static void refused_beforehand(void **state)
{
	struct fake_xen_guest *g = &fake_xen->guests[0], was = *g;

	(void)state;
	g->demand = 1;
	cannot_go("populated on demand");
	*g = was;
	g->shared = 1;
	cannot_go("shares memory");
	*g = was;
	g->paged = 1;
	cannot_go("paged out");
	*g = was;
	g->altp2m = 1;
	cannot_go("altp2m");
	*g = was;
	g->model = 9;
	cannot_go("device model");
	*g = was;
	g->pages = 1ull << 27;
	g->target_kib = g->pages * 4;
	cannot_go("512 GiB");
	*g = was;
	fake_put("/config", "[ { \"nested_hvm\": \"True\" } ]\n");
	cannot_go("nested");
	/* QEMU would not stay stopped */
	fake_put("/config", "[ { \"type\": \"hvm\" } ]\n");
	fake_remove("/usr/lib/baton/xen-save.so");
	cannot_go("has a QEMU");
	fake_remove("/config");
	cannot_go("configuration");
	fake_put("/config", "[ { \"type\": \"pvh\" } ]\n");
	fake_put("/sys/hypervisor/guest_type", "PVH\n");
	cannot_go("dom0 is a PVH domain");
	fake_put("/sys/hypervisor/guest_type", "PV\n");
	assert_int_equal(hvm_upgrade(), FAKE_JUMPED);
}

static void refused_once_paused(int code)
{
	expect_refusal(hvm_upgrade(), code);
	assert_true(fake_called("xl unpause 3"));
	assert_undone();
	fake_remove("/calls");
}

static void refused_afterwards(void **state)
{
	(void)state;
	fake_xen->grant_version = 2;
	refused_once_paused(HO_EXENGRANTS);
	fake_xen->grant_version = 1;
	fake_xen->alien_gfn = 650;		/* mapped from another guest */
	refused_once_paused(HO_EXENGRANTS);
	fake_xen->alien_gfn = 0;
	fake_xen->alien_mfn = HVM_MFN + 17;
	refused_once_paused(HO_EXENP2M);
	fake_xen->alien_mfn = 0;
	/* it has given one back, or got one */
	fake_xen->guests[0].pages++;
	refused_once_paused(HO_EXENBALLOON);
	fake_xen->guests[0].pages--;
	memset(fake_xen->grants, 0x11, sizeof(fake_xen->grants));
	memcpy(hvm_grants_were, fake_xen->grants, sizeof(hvm_grants_were));
	refused_once_paused(HO_EXENGRANTS);
	/* one entry is enough */
	memset(fake_xen->grants + 511, 0, 8);
	memcpy(hvm_grants_were, fake_xen->grants, sizeof(hvm_grants_were));
	assert_int_equal(hvm_upgrade(), FAKE_JUMPED);
	assert_int_equal(fake_xen->grants_mapped, 0);
	assert_memory_equal(fake_xen->grants, hvm_grants_were,
			    sizeof(hvm_grants_were));
}

static void copied(void **state)
{
	(void)state;
	expect_said(baton("status"), "hvm");
	expect_ok(baton("restore --xen hvm -o %s", fake_path("/file")));
	assert_true(fake_is("/file", hvm_save.bytes, hvm_save.used));
	/* its memory, what goes with a guest, and its tables */
	fake_xen->free_pages = HVM_PAGES + 4096 + HVM_PAGES / 128 - 1;
	expect_refusal(baton("restore --xen hvm"), HO_EXENROOM);
	fake_xen->free_pages++;
	expect_ok(baton("restore --xen"));
	assert_true(fake_is("/restored", hvm_save.bytes, hvm_save.used));
	expect_said(baton("status"), "released");
	expect_refusal(baton("restore --xen hvm"), HO_ENODOMAIN);
}

/* No page is sent. */
static void in_place(void **state)
{
	(void)state;
	fake_xen_adopts();
	fake_xen->free_pages = 4096 + HVM_PAGES / 128;
	expect_ok(baton("restore --xen hvm"));
	assert_int_equal(fake_length("/restored"),
			 hvm_save.used - HVM_PAGES * HVM_PAGE);
	expect_said(baton("status"), "runs on in place");
	expect_said(baton("status --json"), "\"in_place\":true");
}

static void at_once(void **state)
{
	static const uint64_t record[] = { 1 | 16ull << 32, 1, 0xeull << 60 };
	uint8_t *all;
	FILE *f;

	(void)state;
	fake_xen_adopts_at_once();
	fake_xen->free_pages = 4096 + HVM_PAGES / 128;
	expect_ok(baton("restore --xen hvm"));
	assert_int_equal(fake_length("/restored"), hvm_short_stream());
	all = malloc(hvm_save.used);
	f = fopen(fake_path("/restored"), "r");
	assert_int_equal(fread(all, 1, hvm_save.used, f), hvm_short_stream());
	fclose(f);
	assert_non_null(memmem(all, hvm_short_stream(), record, sizeof(record)));
	free(all);
	expect_said(baton("status"), "runs on in place");
}

/* One that copies gets the list, whatever this Xen could do. */
static void copied_at_once(void **state)
{
	(void)state;
	fake_xen_adopts_at_once();
	fake_xen->keeps = false;
	fake_xen->free_pages = 1 << 20;
	expect_ok(baton("restore --xen hvm"));
	assert_true(fake_is("/restored", hvm_save.bytes, hvm_save.used));
}

static void there(uint64_t cpu_time)
{
	fake_xen->guests[0] = (struct fake_xen_guest){ .domid = 9,
		.uuid = { 1, 2, 3 }, .cpu_time = cpu_time };
}

/* What is kept is of before it ran, and so it is not started once more. */
static void has_run(void **state)
{
	(void)state;
	fake_xen->free_pages = 1 << 20;
	there(5);
	expect_refusal(baton("restore --xen hvm"), HO_EXENTAKEN);
	expect_said(baton("status"), "kept");
	there(0);		/* one that xl has left halfway: xl's to say no */
	expect_ok(baton("restore --xen hvm"));
	expect_said(baton("status"), "released");
}

/* xl starts the guest, and then cannot write its log. */
static void runs_though_xl_failed(void **state)
{
	(void)state;
	fake_xen->free_pages = 1 << 20;
	fake_program("xl", "case $1 in restore) cat <&3 >$FAKE_ROOT/restored;"
		     " : >$FAKE_ROOT/late.9; exit 1;; esac");
	there(0);		/* it has built it, and no more */
	expect_refusal(baton("restore --xen hvm"), HO_EXENRESTORE);
	/* that of an earlier attempt is not this one's */
	there(5);
	expect_refusal(baton("restore --xen hvm --keep"), HO_EXENRESTORE);
	fake_remove("/late.9");
	fake_xen->guests[0].late = true;
	expect_ok(baton("restore --xen hvm"));
	assert_non_null(strstr(baton_complained(), "though xl failed"));
	expect_said(baton("status"), "released");
}

/* `complete`: bytes that xl needs. Killed before it has them all, it takes its
 * domain away; killed behind that, the guest is there and runs, and nobody gets
 * its frames again, or a copy of them, though it has ended since. True: by what
 * the killed one has left. */
static bool check_killed(long complete, bool in_place)
{
	bool left = false;
	glob_t files;

	if (fake_length("/restored") == complete) {
		if (in_place)
			fake_xen->taken = true;
		else
			there(5);
		expect_refusal(baton("restore --xen hvm"), HO_EXENTAKEN);
		fake_xen->taken = false;
		memset(fake_xen->guests, 0, sizeof(fake_xen->guests[0]));
		left = !glob(fake_path(RUN_DIR "/*.resuming"), 0, NULL, &files);
		if (left) {
			expect_refusal(baton("restore --xen hvm"), HO_EXENTAKEN);
			globfree(&files);
		}
	}
	expect_said(baton("status"), "kept");
	return left;
}

/* At every step that it has: kept, and the next attempt is as if there had been
 * none. */
static void killed_at_any_step(long complete, bool in_place)
{
	int step, steps, behind = 0, left = 0;

	fake_machine->steps = 0;
	expect_ok(baton("restore --xen hvm --keep"));
	steps = fake_machine->steps;
	assert_true(steps >= 20);
	for (step = 1; step <= steps; step++) {
		fake_put("/restored", "%s", "");
		fake_machine->steps = 0;
		fake_machine->kill_at[0] = step;
		assert_int_equal(baton("restore --xen hvm --keep"),
				 128 + SIGKILL);
		fake_machine->kill_at[0] = 0;
		behind += fake_length("/restored") == complete;
		left += check_killed(complete, in_place);
	}
	assert_true(behind < steps / 2);
	/* from before its last bytes to its settling, with xl's end between */
	assert_int_equal(left > 0, !in_place);
	expect_ok(baton("restore --xen hvm --keep"));
	expect_ok(baton("restore --xen hvm"));
	assert_int_equal(fake_length("/restored"), complete);
	print_message("  killed at %d steps, at %d with the guest there\n",
		      steps, behind);
}

static void killed(void **state)
{
	(void)state;
	fake_xen->free_pages = 1 << 20;
	killed_at_any_step(hvm_save.used, false);
}

static void killed_in_place(void **state)
{
	(void)state;
	fake_xen_adopts();
	fake_xen->free_pages = 1 << 20;
	killed_at_any_step(hvm_save.used - HVM_PAGES * HVM_PAGE, true);
}

static void killed_at_once(void **state)
{
	(void)state;
	fake_xen_adopts_at_once();
	fake_xen->free_pages = 1 << 20;
	killed_at_any_step(hvm_short_stream(), true);
}

#define OLD(f) cmocka_unit_test_setup_teardown(f, hvm_setup, fake_end)
#define NEW(f) cmocka_unit_test_setup_teardown(f, hvm_setup_new, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OLD(saved_and_undone), OLD(refused_beforehand),
		OLD(refused_afterwards), NEW(copied), NEW(in_place),
		NEW(at_once), NEW(copied_at_once),
		NEW(has_run), NEW(runs_though_xl_failed),
		NEW(killed), NEW(killed_in_place), NEW(killed_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
