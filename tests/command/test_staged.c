// SPDX-License-Identifier: MIT
/*
 * test_staged.c - kernel and initrd are put in place before guests are paused: by
 * an image for a panic into the crash range, through /dev/mem into a region that an
 * earlier update left; where neither can be, they are loaded in the pause. The
 * stub's part looks at all digests (fakestub.c).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "fakerun.h"
#include "staged.h"

#define MFN		0x20000ull
#define MARK		"/run/baton/staged"
#define INITRD_BYTES	(2 << 20)
/* Stub, blob, fallback tree: whatever the files have. */
#define SMALL_BYTES	(1 << 20)

static pid_t guest;
static struct diag_log diag;

static void put_initrd(size_t bytes, int fill)
{
	uint8_t *initrd = malloc(bytes);

	memset(initrd, fill, bytes);
	fake_put_bytes("/boot/initrd.img", initrd, bytes);
	free(initrd);
}

static int setup(void **state)
{
	fake_begin(state);
	diag_init(&diag, HO_STAGE_LOADER);
	guest = fake_process(MFN, 16);
	put_initrd(INITRD_BYTES, 'i');
	return 0;
}

static int upgrade(const char *more)
{
	return baton_upgrade(guest, more);
}

/* In the pause little was loaded, or much; the same of what was hashed. */
static void assert_work(bool little_hashed, bool little)
{
	const char *said = strstr(baton_complained(), "paused, so far: ");
	double hashed, loaded;
	char units[2][8];

	assert_non_null(said);
	assert_int_equal(sscanf(said, "paused, so far: %lf %7s hashed, %lf %7s loaded",
				&hashed, units[0], &loaded, units[1]), 4);
	assert_string_equal(units[0], little_hashed ? "KiB" : "MiB");
	assert_string_equal(units[1], little ? "KiB" : "MiB");
	assert_int_equal(fake_machine->loaded_bytes < SMALL_BYTES, little);
}

static void assert_at_rest(void)
{
	assert_false(fake_machine->loaded[0] || fake_machine->loaded[1]);
	assert_false(fake_has(MARK));
	assert_false(fake_is_stopped(guest));
}

static void by_the_crash_range(void **state)
{
	(void)state;
	assert_int_equal(upgrade(""), FAKE_JUMPED);
	assert_int_equal(fake_machine->crash_loads, 1);
	assert_int_equal(fake_machine->crash_unloads, 0);
	assert_work(true, true);
	assert_int_equal(fake_stub(&diag), 0);
	expect_said(baton("status"), "one");
}

/* Somebody's image for a panic may lie there: nothing is touched. */
static void not_there(const char *why)
{
	int loads = fake_machine->crash_loads;

	assert_int_equal(upgrade(""), FAKE_JUMPED);
	assert_non_null(strstr(baton_complained(), why));
	assert_work(false, false);
	assert_int_equal(fake_machine->crash_loads, loads);
	assert_int_equal(fake_stub(&diag), 0);
}

static void kdump_is_there(void **state)
{
	(void)state;
	fake_put("/sys/kernel/kexec_crash_loaded", "1\n");
	not_there("the kernel holds an image for a panic");
}

/* The region is elsewhere: what a panic starts has nothing to do with it. */
static void kdump_beside(void **state)
{
	(void)state;
	fake_memory("00000000-0009fbff : System RAM\n"
		    "00100000-0fffffff : System RAM\n"
		    "10000000-17ffffff : Reserved\n"
		    "18000000-3fffffff : System RAM\n"
		    "  30000000-37ffffff : Crash kernel\n");
	fake_put("/sys/firmware/memmap/2/type", "System RAM\n");
	fake_put("/sys/kernel/kexec_crash_loaded", "1\n");
	assert_int_equal(upgrade("--region 0x10000000+0x8000000"),
			 FAKE_JUMPED);
	assert_int_equal(fake_machine->crash_loads, 0);
	assert_work(true, true);
	assert_int_equal(fake_stub(&diag), 0);
}

static void limit_is_used_up(void **state)
{
	(void)state;
	fake_put("/proc/sys/kernel/kexec_load_limit_panic", "1\n");
	not_there("the kernel's limit of loads for a panic");
}

/* Nobody could say before the jump that it is still there. */
static void hidden(void **state)
{
	(void)state;
	fake_machine->hidden = true;
	fake_put("/proc/kallsyms", "%s", "");
	assert_int_equal(upgrade(""), FAKE_JUMPED);
	assert_int_equal(fake_machine->crash_loads, 1);
	assert_int_equal(fake_machine->crash_unloads, 1);
	assert_false(fake_machine->loaded[1]);
	assert_work(false, false);
	assert_int_equal(fake_stub(&diag), 0);
}

static void kernel_refuses(void **state)
{
	(void)state;
	fake_machine->load_errno = ENOMEM;
	expect_refusal(upgrade(""), HO_EIO);
	assert_int_equal(fake_machine->crash_loads, 1);
	assert_non_null(strstr(baton_complained(), "loaded in the pause: kexec_load"));
	assert_at_rest();
}

static void undone(void **state)
{
	(void)state;
	fake_machine->jump_errno = EPERM;
	expect_refusal(upgrade(""), HO_EIO);
	assert_int_equal(fake_machine->crash_unloads, 1);
	assert_at_rest();
	expect_ok(upgrade("--no-exec"));
	assert_int_equal(fake_machine->crash_loads, 1);
	assert_int_equal(fake_machine->loaded_bytes > INITRD_BYTES, 1);
}

/* kdump loads its own while guests are paused. */
static void replaced(void **state)
{
	(void)state;
	fake_machine->crash_foreign = true;
	expect_refusal(upgrade(""), HO_ESTAGED);
	assert_int_equal(fake_machine->jumps, 0);
	assert_false(fake_machine->loaded[0]);
	assert_true(fake_machine->loaded[1]);	/* it is kdump's */
	assert_false(fake_has(MARK));
	assert_false(fake_is_stopped(guest));
}

/* The command and its guard were killed at once. */
static void unload_finds_it(void **state)
{
	(void)state;
	fake_put("/proc/sys/kernel/kexec_load_limit_panic", "9\n");
	fake_machine->loaded[1] = true;
	fake_machine->entry[1] = FAKE_REGION + HO_STUB_OFFSET;
	expect_ok(baton("unload"));		/* shows what there is */
	assert_true(fake_machine->loaded[1]);
	fake_put(MARK, "0x%llx\n", FAKE_REGION + HO_STUB_OFFSET);
	fake_put("/sys/kernel/kexec_crash_loaded", "1\n");
	fake_put_at("/proc/kcore", 4096 + 0x200 + 24, &fake_machine->entry[1], 8);
	expect_ok(baton("unload"));
	assert_at_rest();
}

static void second_update(size_t initrd)
{
	assert_int_equal(upgrade(""), FAKE_JUMPED);
	fake_process_end(guest);
	assert_int_equal(fake_stub(&diag), 0);
	guest = fake_process(0x28000, 16);
	put_initrd(initrd, 'j');
	/* called off: the instance is as it was, the kept domain too */
	fake_machine->jump_errno = EPERM;
	expect_refusal(baton("upgrade " TARGET " --kept --pid %d --map memfd:guest --name two",
			     FILES, (int)guest), HO_EIO);
	assert_at_rest();
	expect_said(baton("status --extents"), "1 one 20000 16 ");
	fake_machine->jump_errno = 0;
	assert_int_equal(baton("upgrade " TARGET " --kept --pid %d --map memfd:guest --name two",
			       FILES, (int)guest), FAKE_JUMPED);
	assert_int_equal(fake_machine->crash_loads, 0);
}

static void by_memory(void **state)
{
	(void)state;
	second_update(INITRD_BYTES);
	assert_work(true, true);
	assert_int_equal(fake_stub(&diag), 0);
	expect_said(baton("status --extents"), "1 one 20000 16 ");
}

/* It would lie where the result of the first one does. */
static void longer_than_before(void **state)
{
	(void)state;
	second_update(INITRD_BYTES + (4 << 20));
	assert_work(true, false);
	assert_int_equal(fake_stub(&diag), 0);
	expect_said(baton("status --extents"), "1 one 20000 16 ");
	expect_said(baton("status"), "two");
}

static void another_file_by_now(void **state)
{
	static const char text[] = "what was packed is not this";
	struct staged s = { 0 };
	struct blob_image image = { .place = { 0, sizeof(text) }, .file = "f",
				    .digest_alg = HO_DIGEST_SHA256 };
	struct mapped m = { text, sizeof(text) };

	(void)state;
	assert_int_equal(staged_copy(&s, &image, &m, &diag), -HO_EDIGEST);
	assert_null(staged_find(NULL, &image));
	staged_free(&s);
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(by_the_crash_range), WITH(kdump_is_there), WITH(kdump_beside),
		WITH(limit_is_used_up), WITH(hidden), WITH(kernel_refuses),
		WITH(undone), WITH(replaced), WITH(unload_finds_it),
		WITH(by_memory), WITH(longer_than_before),
		WITH(another_file_by_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
