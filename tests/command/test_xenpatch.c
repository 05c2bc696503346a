// SPDX-License-Identifier: MIT
/*
 * test_xenpatch.c - a stock Xen that is given a livepatch, so that a kept guest goes on
 * in its own frames: what baton restore does with each answer of Xen's. Xen and xl are
 * made up (fakelivepatch.c).
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cmocka_all.h"
#include "handover.h"
#include "livepatch.h"
#include "patchtable.h"
#include "util.h"
#include "testhvm.h"

#define ROOM		(4096 + HVM_PAGES / 128)	/* no room for a copy */

static struct livepatch_table table;

/* As scripts/build-xen-livepatch would make it, but for the code. */
static void install(const char *path, uint8_t build, const char *magic)
{
	static uint8_t payload[sizeof(table) + 0x1000];

	memset(payload, build, 20);
	memset(payload + 0x800, 0, sizeof(table));
	memcpy(payload + 0x800, magic, 16);
	fake_put_bytes(path, payload, sizeof(payload));
}

static int setup(void **state)
{
	hvm_setup_new(state);
	install(FAKE_LIVEPATCH_FILE, FAKE_XEN_BUILD, LIVEPATCH_TABLE_MAGIC);
	fake_xen->free_pages = ROOM;
	fake_xen->livepatch.polls = 3;
	return 0;
}

static void assert_gone(void)
{
	assert_int_equal(fake_xen->livepatch.state, 0);
}

/* All of it went to xl, and why is said. */
static void is_copied(const char *why)
{
	expect_refusal(baton("restore --xen"), HO_EXENROOM);
	fake_xen->free_pages = 1 << 20;
	expect_ok(baton("restore --xen"));
	if (why && !strstr(baton_complained(), why))
		fail_msg("%s", baton_complained());
	if (!why && strstr(baton_complained(), "livepatch"))
		fail_msg("%s", baton_complained());
	assert_true(fake_is("/restored", hvm_save.bytes, hvm_save.used));
	expect_said(baton("status"), "released");
	expect_said(baton("status --json"), "\"livepatch\":false");
	assert_gone();
}

/* Given to Xen with its frames, and taken back when it runs on. */
static void in_place(void **state)
{
	uint32_t i, gfn = 0;

	(void)state;
	expect_ok(baton("restore --xen"));
	assert_non_null(strstr(baton_complained(),
			       "hvm: in place (livepatch): 0 of its 900"));
	assert_int_equal(fake_length("/restored"), hvm_short_stream());
	fake_livepatch_table(&table);
	assert_int_equal(table.guests, 1);
	assert_int_equal(table.guest[0].hvm, 1);
	assert_memory_equal(table.guest[0].uuid, fake_xen->guests[0].uuid, 16);
	assert_int_equal(table.guest[0].extents, table.extents);
	for (i = 0; i < table.extents; i++) {
		assert_int_equal(table.extent[i].gfn, gfn);
		assert_int_equal(table.extent[i].mfn, HVM_MFN + gfn);
		gfn += table.extent[i].pages;
	}
	assert_int_equal(gfn, HVM_PAGES);
	assert_int_equal(fake_xen->livepatch.applies, 1);
	assert_int_equal(fake_xen->livepatch.reverts, 1);
	assert_int_equal(fake_xen->livepatch.unloads, 1);
	assert_gone();
	expect_said(baton("status"), "runs on in place (livepatch)");
	expect_said(baton("status --json"), "\"in_place\":true");
	expect_said(baton("status --json"), "\"livepatch\":true");
}

/* It stays for a guest that is kept, and for one that has not run. */
static void already_applied(void **state)
{
	(void)state;
	expect_ok(baton("restore --xen --keep"));
	assert_int_equal(fake_xen->livepatch.state, LIVEPATCH_STATE_APPLIED);
	assert_int_equal(fake_xen->livepatch.reverts, 0);
	/* the next attempt uses it, even where none is installed any more */
	fake_remove(FAKE_LIVEPATCH_FILE);
	fake_xen->guests[0].domid = 3;
	fake_xen->guests[0].cpu_time = 0;	/* it has not run */
	fake_put("/paused.3", "%s", "");
	expect_ok(baton("restore --xen --paused"));
	assert_non_null(strstr(baton_complained(), "in place (livepatch)"));
	assert_int_equal(fake_xen->livepatch.uploads, 1);
	assert_int_equal(fake_xen->livepatch.applies, 1);
	assert_int_equal(fake_xen->livepatch.state, LIVEPATCH_STATE_APPLIED);
	expect_ok(baton("restore --xen"));
	assert_int_equal(fake_xen->livepatch.reverts, 0);
	/* it runs, and who asks next takes it back */
	fake_remove("/paused.3");
	expect_ok(baton("restore --xen"));
	assert_int_equal(fake_xen->livepatch.reverts, 1);
	assert_gone();
	expect_ok(baton("restore --xen"));
	assert_int_equal(fake_xen->livepatch.reverts, 1);
}

/* xl fails: the frames are kept, and so is what gives them. */
static void not_restored(void **state)
{
	(void)state;
	fake_program("xl", "cat <&3 >/dev/null; exit 1");
	expect_refusal(baton("restore --xen"), HO_EXENRESTORE);
	assert_int_equal(fake_xen->livepatch.state, LIVEPATCH_STATE_APPLIED);
	expect_said(baton("status"), "kept");
	fake_program("xl", "cat <&3 >$FAKE_ROOT/restored");
	expect_ok(baton("restore --xen"));
	assert_int_equal(fake_length("/restored"), hvm_short_stream());
	assert_int_equal(fake_xen->livepatch.uploads, 1);
	assert_gone();
}

static void no_upload(void **state)
{
	(void)state;
	/* of the name of this build, but for another one */
	install(FAKE_LIVEPATCH_FILE, FAKE_XEN_BUILD + 1, LIVEPATCH_TABLE_MAGIC);
	is_copied("Xen does not take it");
	assert_int_equal(fake_xen->livepatch.uploads, 0);
}

static void no_apply(void **state)
{
	(void)state;
	fake_xen->livepatch.refuses = -EINVAL;
	is_copied("Xen does not apply it");
	assert_int_equal(fake_xen->livepatch.applies, 2);
	assert_int_equal(fake_xen->livepatch.unloads, 2);
}

/* What is not for this Xen, or not for this baton, does not reach Xen. */
static void of_another(void **state)
{
	(void)state;
	install(FAKE_LIVEPATCH_FILE, FAKE_XEN_BUILD, "Baton livepatch0");
	is_copied("it is of another baton");
	assert_int_equal(fake_xen->livepatch.uploads, 0);
}

static void of_another_build(void **state)
{
	(void)state;
	fake_remove(FAKE_LIVEPATCH_FILE);
	install("/usr/lib/baton/livepatch/"
		"acacacacacacacacacacacacacacacacacacacac.livepatch",
		FAKE_XEN_BUILD + 1, LIVEPATCH_TABLE_MAGIC);
	is_copied(NULL);
	assert_int_equal(fake_xen->livepatch.uploads, 0);
}

/* Whoever may write it is Xen's master. */
static void not_roots(void **state)
{
	(void)state;
	assert_int_equal(chmod(fake_path(FAKE_LIVEPATCH_FILE), 0666), 0);
	is_copied("others than root can write it");
	assert_int_equal(fake_xen->livepatch.uploads, 0);
}

/* Neither way is safe while Xen may still apply it. */
static void never_ends(void **state)
{
	(void)state;
	fake_xen->livepatch.polls = -1;
	expect_refusal(baton("restore --xen"), HO_EXENRESTORE);
	assert_non_null(strstr(baton_complained(), "is not done with"));
	assert_false(fake_called("xl restore"));
	expect_refusal(baton("restore --xen"), HO_EXENRESTORE);
	assert_int_equal(fake_xen->livepatch.applies, 1);
	expect_said(baton("status"), "kept");
	/* then it has */
	fake_xen->livepatch.later = 1;
	fake_xen->livepatch.polls = 0;
	expect_ok(baton("restore --xen"));
	assert_int_equal(fake_length("/restored"), hvm_short_stream());
	assert_gone();
}

/* Something of an earlier attempt, killed before it was applied. */
static void uploaded_before(void **state)
{
	(void)state;
	fake_xen->livepatch.state = LIVEPATCH_STATE_CHECKED;
	expect_ok(baton("restore --xen"));
	assert_int_equal(fake_xen->livepatch.unloads, 2);
	assert_int_equal(fake_length("/restored"), hvm_short_stream());
	assert_gone();
}

/* Xen does not let go of it: that harms nobody, and is said. */
static void not_taken_back(void **state)
{
	(void)state;
	expect_ok(baton("restore --xen --keep"));
	fake_xen->livepatch.refuses = -EBUSY;
	expect_ok(baton("restore --xen"));
	assert_non_null(strstr(baton_complained(), "stays in Xen"));
	assert_int_equal(fake_xen->livepatch.state, LIVEPATCH_STATE_APPLIED);
}

/* To a file all pages are written, and Xen is left alone; one that can by itself
 * needs none. */
static void not_needed(void **state)
{
	(void)state;
	expect_ok(baton("restore --xen hvm -o %s", fake_path("/file")));
	assert_true(fake_is("/file", hvm_save.bytes, hvm_save.used));
	fake_xen_adopts_at_once();
	expect_ok(baton("restore --xen"));
	assert_int_equal(fake_xen->livepatch.uploads, 0);
	expect_said(baton("status --json"), "\"livepatch\":false");
}

/* At every step: the next attempt is as if there had been none. */
static void killed(void **state)
{
	int step, steps;

	(void)state;
	fake_machine->steps = 0;
	expect_ok(baton("restore --xen --keep"));
	steps = fake_machine->steps;
	for (step = 1; step <= steps; step++) {
		fake_xen->livepatch.state = 0;
		fake_machine->steps = 0;
		fake_machine->kill_at[0] = step;
		assert_int_equal(baton("restore --xen --keep"), 128 + SIGKILL);
		fake_machine->kill_at[0] = 0;
		fake_put("/restored", "%s", "");
		expect_ok(baton("restore --xen --keep"));
		assert_int_equal(fake_length("/restored"), hvm_short_stream());
	}
	print_message("  killed at %d steps\n", steps);
}

static const struct ho_domain *add(struct handover *h, uint32_t kind,
				   uint64_t extents)
{
	struct ho_domain *d = &h->domains[h->result.domain_count++];

	d->kind = kind;
	d->extent_count = extents;
	return d;
}

/* Who does not fit is copied; those behind it may fit. */
static void table_full(void **state)
{
	static struct ho_domain list[LIVEPATCH_TABLE_GUESTS + 8];
	struct handover h = { .domains = list };
	const struct ho_domain *pv, *large, *process, *rest, *none, *last;
	int i;

	(void)state;
	pv = add(&h, HO_KIND_XEN_PV, 100);
	large = add(&h, HO_KIND_XEN_HVM, LIVEPATCH_TABLE_EXTENTS - 99);
	process = add(&h, HO_KIND_PROCESS, 1);
	rest = add(&h, HO_KIND_XEN_HVM, LIVEPATCH_TABLE_EXTENTS - 101);
	none = add(&h, HO_KIND_XEN_PV, 2);
	last = add(&h, HO_KIND_XEN_PV, 1);
	assert_true(livepatch_holds(&h, pv) && livepatch_holds(&h, rest));
	assert_true(livepatch_holds(&h, last));
	assert_false(livepatch_holds(&h, large) || livepatch_holds(&h, none));
	assert_false(livepatch_holds(&h, process));
	assert_false(livepatch_holds(&h, add(&h, HO_KIND_XEN_PV, 1)));
	h.result.domain_count = 0;
	for (i = 0; i < LIVEPATCH_TABLE_GUESTS; i++)
		assert_true(livepatch_holds(&h, add(&h, HO_KIND_XEN_PV, 1)));
	assert_false(livepatch_holds(&h, add(&h, HO_KIND_XEN_PV, 1)));
}

#define NEW(f) cmocka_unit_test_setup_teardown(f, setup, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NEW(in_place), NEW(already_applied), NEW(not_restored),
		NEW(no_upload), NEW(no_apply), NEW(of_another),
		NEW(of_another_build), NEW(not_roots), NEW(never_ends),
		NEW(uploaded_before), NEW(not_taken_back), NEW(not_needed),
		NEW(killed), cmocka_unit_test(table_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
