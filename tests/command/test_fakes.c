// SPDX-License-Identifier: MIT
/*
 * test_fakes.c - nothing that a test of commands runs reaches the machine it
 * runs on: what is not faked ends the test.
 */
#include <fcntl.h>
#include <linux/reboot.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "cmocka_all.h"
#include "fakerun.h"
#include "kexec.h"
#include "rundir.h"
#include "util.h"

static struct diag_log diag;

/* In a process of its own: how it ends. */
static int ends(void (*what)(void))
{
	static const struct rlimit no_core;
	pid_t pid = fork();
	int status;

	if (!pid) {
		setrlimit(RLIMIT_CORE, &no_core);
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void read_cmdline(void)
{
	char text[64];

	text_read("/proc/cmdline", text, sizeof(text));
}

static void make_rundir(void)
{
	rundir_make(&diag);
}

static void jump(void)
{
	kexec_linux.jump(&diag);
}

static void other_call(void)
{
	syscall(SYS_getpid);
}

static void reboot_it(void)
{
	reboot(LINUX_REBOOT_CMD_RESTART);
}

static void halt_by_call(void)
{
	syscall(SYS_reboot, 0, 0, LINUX_REBOOT_CMD_HALT, NULL);
}

static void kill_all(void)
{
	kill(-1, SIGKILL);
}

static void other_ioctl(void)
{
	ioctl(0, 0x5401, 0);
}

static void other_program(void)
{
	child_run((const char *[]){ "/bin/true", NULL });
}

/* No root, no kernel. */
static void without(void **state)
{
	struct stat before, after;
	int was = stat("/tmp/../run/baton", &before);

	(void)state;
	assert_int_equal(ends(read_cmdline), SIGABRT);
	assert_int_equal(ends(make_rundir), SIGABRT);
	assert_int_equal(ends(jump), SIGABRT);
	assert_int_equal(ends(kill_all), SIGABRT);
	assert_int_equal(stat("/tmp/../run/baton", &after), was);
}

static void with(void **state)
{
	(void)state;
	assert_int_equal(ends(read_cmdline), 0);
	assert_int_equal(ends(make_rundir), 0);
	assert_true(fake_has("/run/baton"));
	assert_int_equal(ends(other_call), SIGABRT);
	assert_int_equal(ends(reboot_it), SIGABRT);
	assert_int_equal(ends(halt_by_call), SIGABRT);
	assert_int_equal(ends(kill_all), SIGABRT);
	assert_int_equal(ends(other_ioctl), SIGABRT);
	assert_int_equal(ends(other_program), SIGABRT);
	/* what the kernel would be asked for is counted instead */
	assert_int_equal(ends(jump), 0);
	assert_int_equal(fake_machine->jumps, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without),
		cmocka_unit_test_setup_teardown(with, fake_begin, fake_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
