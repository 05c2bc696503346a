// SPDX-License-Identifier: MIT
/*
 * test_child.c - programs that are run while signals wait: one that comes ends
 * the program, and what that has started, and not us.
 */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "cmocka_all.h"
#include "util.h"

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

/* Nobody reads what is shown of it while guests stand still. */
static void said_to_nobody(void **state)
{
	static const char page[4096];
	int out[2], saved = dup(STDERR_FILENO);

	(void)state;
	assert_int_equal(pipe2(out, O_CLOEXEC | O_NONBLOCK), 0);
	while (write(out[1], page, sizeof(page)) > 0)
		;
	assert_int_equal(fcntl(out[1], F_SETFL, 0), 0);
	dup2(out[1], STDERR_FILENO);
	output_may_be_lost(true);
	alarm(10);
	run("echo why; exit 1");
	alarm(0);
	output_may_be_lost(false);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(out[0]);
	close(out[1]);
}

static void taken_or_ended(void **state)
{
	const char *const sleeps[] = { "sleep", "1000", NULL };
	const char *const ends[] = { "sh", "-c", "exit 3", NULL };
	struct child c;
	int status;

	(void)state;
	assert_true(child_start(&c, ends, -1));
	assert_true(child_take(c.pid, 60, &status));
	assert_int_equal(WEXITSTATUS(status), 3);
	close(c.said);
	assert_true(child_start(&c, sleeps, -1));
	assert_false(child_take(c.pid, 1, &status));
	assert_true(child_end(-c.pid, &status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	close(c.said);
}

/* One that hangs is left as it is; lines count when it has ended well. */
static void left(void **state)
{
	const char *const sleeps[] = { "sleep", "1000", NULL };
	const char *const says[] = { "sh", "-c", "echo one; echo; echo three",
				     NULL };
	const char *const fails[] = { "sh", "-c", "echo one; exit 1", NULL };
	char line[4];
	struct child c;

	(void)state;
	assert_true(child_start(&c, sleeps, -1));
	assert_false(child_wait(&c, 1));
	assert_int_equal(kill(c.pid, 0), 0);
	assert_true(child_end(c.pid, NULL));
	assert_true(child_line(says, line, sizeof(line)));
	assert_string_equal(line, "one");
	assert_int_equal(child_lines(says), 3);
	assert_false(child_line(fails, line, sizeof(line)));
	assert_int_equal(child_lines(fails), -1);
}

/* It can hang for as long as it likes: the pipe is at its end when ours is. */
static void has_no_file(void **state)
{
	int fds[2], status;
	pid_t pid;
	char byte;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = child_fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 0);
	close(fds[0]);
	assert_true(child_end(pid, &status));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ends_by_itself, setup),
		cmocka_unit_test_setup(ended, setup),
		cmocka_unit_test_setup(said_to_nobody, setup),
		cmocka_unit_test(taken_or_ended),
		cmocka_unit_test(left),
		cmocka_unit_test(has_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
