// SPDX-License-Identifier: MIT
/*
 * test_waits.c - what may never answer: an update neither lets its guests stand still
 * for it, nor keeps anybody else out.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakeguest.h"
#include "fakerun.h"
#include "real.h"
#include "rundir.h"

#define MFN	0x20000ull

static pid_t guest;

static int setup(void **state)
{
	fake_begin(state);
	guest = fake_process(MFN, 16);
	return 0;
}

static void assert_runs_on(void)
{
	assert_false(fake_is_stopped(guest));
	assert_false(fake_machine->loaded[0]);
	assert_false(fake_has(UPGRADE_STREAM));
}

/* The second is the one in the pause. Its process is left where it hangs, and has
 * neither the lock nor the pipe of the guard. */
static void sync_hangs(void **state)
{
	(void)state;
	fake_machine->sync_hangs = 2;
	expect_refusal(baton_upgrade(guest, ""), HO_ESYNC);
	assert_int_equal(fake_machine->syncs, 2);
	assert_runs_on();
	assert_int_equal(baton_upgrade(guest, "--no-sync"), FAKE_JUMPED);
	assert_int_equal(fake_machine->syncs, 2);
	fake_machine->sync_hangs = 0;
}

static void sync_hangs_before_exec(void **state)
{
	(void)state;
	expect_ok(baton_upgrade(guest, "--no-exec"));
	assert_int_equal(fake_machine->syncs, 0);
	fake_machine->sync_hangs = 1;
	expect_refusal(baton("exec"), HO_ESYNC);
	expect_ok(baton("unload"));
	fake_machine->sync_hangs = 0;
	assert_runs_on();
}

/* Nobody writes into it. */
static void fifos(void **state)
{
	char more[512];

	(void)state;
	assert_int_equal(mkfifo(fake_path("/fifo"), 0600), 0);
	expect_refusal(baton("upgrade --kernel %s --initrd %s --pid %d --map memfd:guest --name one",
			     fake_path("/fifo"), fake_path("/boot/initrd.img"),
			     (int)guest), HO_EFILE);
	expect_refusal(baton("upgrade --kernel %s --initrd %s --pid %d --map memfd:guest --name one",
			     fake_path("/boot/vmlinuz"), fake_path("/fifo"),
			     (int)guest), HO_EINITRD);
	snprintf(more, sizeof(more), "--state note=%s", fake_path("/fifo"));
	expect_refusal(baton_upgrade(guest, more), HO_EFILE);
	assert_runs_on();
}

/* Until that holds; half a minute, and it never will. */
#define WAIT_UNTIL(what) do { \
	int tries_ = 0; \
	while (!(what) && tries_++ < 3000) \
		usleep(10000); \
	assert_true(tries_ < 3000); \
} while (0)

/* The note is on a disk that does not answer: its guest runs on before, and it is not
 * waited for. */
static void runs_before_the_note(struct fake_guest *vm, const char *words)
{
	static const char note[] = "/var/lib/baton/update.json";
	struct fake_run r;
	int fd = -1;

	fake_put(note, "%s", "");
	fake_remove(note);
	assert_int_equal(mkfifo(fake_path(note), 0600), 0);
	fake_run_start(&r, 1, "%s", words);
	WAIT_UNTIL(vm->saves && !strcmp(vm->status, "running"));
	fake_run_end(&r);
	WAIT_UNTIL((fd = __real_open(fake_path(note), O_WRONLY | O_NONBLOCK |
				     O_CLOEXEC, 0)) >= 0);
	close(fd);
	assert_false(fake_has(UPGRADE_STREAM));
	assert_false(fake_machine->loaded[0]);
	fake_remove(note);
	vm->saves = 0;
}

static void note_hangs(void **state)
{
	struct fake_guest *vm = fake_guest_begin("vm");
	char words[1024];

	(void)state;
	snprintf(words, sizeof(words), "upgrade --qemu %s --name vm --rehearse none "
		 TARGET, vm->qmp.path, FILES);
	fake_machine->foreign = true;	/* it is called off once it is loaded */
	runs_before_the_note(vm, words);
	fake_machine->foreign = false;
	expect_ok(baton("collect --qemu %s --name vm --rehearse none -o %s",
			vm->qmp.path, fake_path("/lu")));
	runs_before_the_note(vm, "unload");
	fake_guest_end(vm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sync_hangs, setup, fake_end),
		cmocka_unit_test_setup_teardown(sync_hangs_before_exec, setup,
						fake_end),
		cmocka_unit_test_setup_teardown(note_hangs, setup, fake_end),
		cmocka_unit_test_setup_teardown(fifos, setup, fake_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
