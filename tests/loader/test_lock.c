// SPDX-License-Identifier: MIT
/*
 * test_lock.c - one command at a time, and who is told what.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "lock.h"

static struct diag_log diag;
static char path[64];

static int setup(void **state)
{
	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	snprintf(path, sizeof(path), "/tmp/baton-test-lock.%d", (int)getpid());
	unlink(path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

/* A process that has it until it is killed. */
static pid_t holder(bool shared, const char *command)
{
	int ready[2], fd;
	pid_t pid;
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		alarm(60);
		if (lock_file(path, shared, 0, command, &fd, &diag) ||
		    write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void says_who(void **state)
{
	pid_t pid = holder(false, "upgrade");
	char who[64];
	int fd;

	(void)state;
	snprintf(who, sizeof(who), "baton upgrade, process %d, since 20",
		 (int)pid);
	assert_int_equal(lock_file(path, false, 0, "exec", &fd, &diag),
			 -HO_ELOCKED);
	assert_memory_equal(diag.items[0].where, who, strlen(who));
	assert_int_equal(lock_file(path, true, 0, "adopt", &fd, &diag),
			 -HO_ELOCKED);
	end(pid);
	/* whoever is killed leaves none behind */
	assert_int_equal(lock_file(path, false, 0, "exec", &fd, &diag), 0);
	close(fd);
}

static void shares(void **state)
{
	pid_t pid = holder(true, "adopt");
	int fd;

	(void)state;
	assert_int_equal(lock_file(path, true, 0, "adopt", &fd, &diag), 0);
	close(fd);
	assert_int_equal(lock_file(path, false, 0, "upgrade", &fd, &diag),
			 -HO_ELOCKED);
	end(pid);
}

static void waits(void **state)
{
	pid_t pid = holder(false, "load"), killer;
	int fd;

	(void)state;
	killer = fork();
	if (!killer) {
		usleep(300000);
		kill(pid, SIGKILL);
		_exit(0);
	}
	assert_int_equal(lock_file(path, false, 20, "unload", &fd, &diag), 0);
	close(fd);
	waitpid(killer, NULL, 0);
	waitpid(pid, NULL, 0);
}

/* A child that was forked off holds it as well: a guard. */
static void outlives_its_taker(void **state)
{
	int fd, pids[2];
	pid_t taker, child;

	(void)state;
	assert_int_equal(pipe(pids), 0);
	taker = fork();
	if (!taker) {
		if (lock_file(path, false, 0, "upgrade", &fd, &diag))
			_exit(1);
		child = fork();
		if (!child) {
			alarm(60);
			for (;;)
				pause();
		}
		_exit(write(pids[1], &child, sizeof(child)) != sizeof(child));
	}
	waitpid(taker, NULL, 0);
	assert_int_equal(read(pids[0], &child, sizeof(child)), sizeof(child));
	assert_int_equal(lock_file(path, false, 0, "exec", &fd, &diag),
			 -HO_ELOCKED);
	kill(child, SIGKILL);
	assert_int_equal(lock_file(path, false, 20, "exec", &fd, &diag), 0);
	close(fd);
	close(pids[0]);
	close(pids[1]);
}

static void not_through_a_link(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(symlink("/tmp/baton-test-elsewhere", path), 0);
	assert_int_equal(lock_file(path, false, 0, "exec", &fd, &diag),
			 -HO_EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(says_who, setup, teardown),
		cmocka_unit_test_setup_teardown(shares, setup, teardown),
		cmocka_unit_test_setup_teardown(waits, setup, teardown),
		cmocka_unit_test_setup_teardown(outlives_its_taker, setup,
						teardown),
		cmocka_unit_test_setup_teardown(not_through_a_link, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
