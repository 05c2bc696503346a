// SPDX-License-Identifier: MIT
/*
 * test_child.c - programs that are run while signals wait: one that comes ends
 * the program, and what that has started, and not us.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "cmocka_all.h"

static sigset_t held;

static bool run(const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	return child_run_held(argv, &held);
}

static int setup(void **state)
{
	(void)state;
	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGINT);
	return sigprocmask(SIG_BLOCK, &held, NULL);
}

static void ends_by_itself(void **state)
{
	(void)state;
	assert_true(run("exit 0"));
	assert_false(run("exit 3"));
	assert_true(run("grep -q '^SigBlk:.0*$' /proc/self/status"));
}

/* It would go on for ever, and so would what it waits for. */
static void ended(void **state)
{
	sigset_t pending;

	(void)state;
	alarm(60);
	assert_false(run("(kill -TERM $PPID; exec sleep 1000)"));
	assert_false(run("kill -INT $PPID; while :; do sleep 1000; done"));
	alarm(0);
	assert_int_equal(sigpending(&pending), 0);
	assert_false(sigismember(&pending, SIGTERM));
	assert_false(sigismember(&pending, SIGINT));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ends_by_itself, setup),
		cmocka_unit_test_setup(ended, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
