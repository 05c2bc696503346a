// SPDX-License-Identifier: MIT
/*
 * test_fixed.c - frames of a QEMU guest on huge pages are read while it runs, an
 * entry for each of 2 MiB, and none while it stands; what was taken out of its
 * memory since is found by the kernel's count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakeguest.h"
#include "fakerun.h"
#include "fixed.h"
#include "work.h"

#define TARGET	"--kernel %s --initrd %s --cmdline quiet"
#define FILES	fake_path("/boot/vmlinuz"), fake_path("/boot/initrd.img")

static struct fake_guest *vm;
static struct diag_log diag;

static int setup(void **state)
{
	fake_begin(state);
	diag_init(&diag, HO_STAGE_LOADER);
	vm = fake_guest_begin("vm");
	fake_machine->huge = true;
	fake_huge_pages(FAKE_GUEST_BYTES / 1024);
	return 0;
}

static int teardown(void **state)
{
	fake_guest_end(vm);
	return fake_end(state);
}

static int upgrade(void)
{
	return baton("upgrade " TARGET " --qemu %s --name vm --rehearse none",
		     FILES, vm->qmp.path);
}

/* It jumped, and read as many entries while the guest stood still. */
static void assert_entries(int paused)
{
	char text[64];

	snprintf(text, sizeof(text), " %d page map entries read", paused);
	assert_int_equal(upgrade(), FAKE_JUMPED);
	if (!strstr(baton_complained(), text))
		fail_msg("%s", baton_complained());
	assert_int_equal(fake_stub(&diag), 0);
	expect_said(baton("status --extents"), " vm 30000 512 ");
}

static void none_while_paused(void **state)
{
	(void)state;
	assert_entries(0);
	assert_int_equal(fake_machine->rings, 1);
	assert_int_equal(fake_machine->pins, 1);
}

/* Collected twice, looked at once more. */
static void nothing_is_pinned(void **state)
{
	(void)state;
	fake_machine->no_uring = true;
	assert_entries(3 * 512);
}

static void small_pages(void **state)
{
	(void)state;
	fake_machine->huge = false;
	assert_entries(3 * 512);
	assert_int_equal(fake_machine->rings, 0);
}

static void kernel_does_not_count(void **state)
{
	(void)state;
	fake_huge_pages(0);
	assert_entries(3 * 512);
}

/* Memory of an earlier update: nobody else has it, and it has no count. */
static void of_the_module(void **state)
{
	(void)state;
	fake_machine->device = true;
	fake_huge_pages(0);
	assert_entries(0);
	assert_int_equal(fake_machine->rings, 0);
}

/* A hole is punched while the guest stands still. */
static void taken_out(void **state)
{
	(void)state;
	fake_machine->punch = true;
	fake_put("/sys/kernel/kexec_crash_loaded", "1\n"); /* one load alone */
	expect_refusal(upgrade(), HO_EMIGRATED);
	assert_string_equal(vm->status, "running");
	assert_int_equal(fake_machine->jumps, 0);
	assert_false(fake_machine->loaded[0]);
}

/* Before it stood still, when its kernel and initrd were put in place. */
static void taken_out_before(void **state)
{
	(void)state;
	fake_machine->punch = true;
	expect_refusal(upgrade(), HO_EMIGRATED);
	assert_string_equal(vm->status, "running");
	assert_int_equal(fake_machine->loads, 0);
}

/* Pages that do not continue each other, as many entries as pages: what a guest of
 * 1 TiB takes is half a million, once. */
static void an_entry_each(void **state)
{
	const uint64_t base = 0x100000000000ull >> 12, pages = 64;
	struct vrange range = { base << 12, (base + pages * 512) << 12 };
	struct fixed_frames f = { .holder = process_id_of(getpid()) };
	struct fixed_extent one = { 0x1000, 512, base };
	uint64_t entry, i;
	size_t at = 0;

	(void)state;
	for (i = 0; i < pages; i++) {
		entry = 1ull << 63 | (one.mfn + i * 1024);
		fake_put_at("/proc/any/pagemap", (base + i * 512) * 8, &entry,
			    sizeof(entry));
	}
	work_begin();
	assert_int_equal(fixed_read(&f, range, &diag), 0);
	assert_int_equal(work_done(WORK_PAGEMAP), pages);
	assert_int_equal(f.count, pages);
	for (i = 0; i < pages; i++, one.mfn += 1024, one.vpn += 512)
		assert_true(fixed_has(&f, &one, &at));
	assert_false(fixed_has(&f, &one, &at));
	one = (struct fixed_extent){ 0x1000 + 512, 512, base };
	assert_false(fixed_has(&f, &one, &at));
	free(f.list);
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(none_while_paused), WITH(nothing_is_pinned),
		WITH(small_pages), WITH(kernel_does_not_count),
		WITH(of_the_module), WITH(taken_out), WITH(taken_out_before),
		WITH(an_entry_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
