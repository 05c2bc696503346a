// SPDX-License-Identifier: MIT
/*
 * test_tell.c - what a long command tells: a line for each stage, and one each
 * second, for people, for a terminal and for programs.
 */
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "pendingline.h"
#include "tell.h"
#include "util.h"

#define LONG_US	100000000	/* until a line of a second is there, at most */

static char said[4096];

static int unread(int fd)
{
	int bytes = 0;

	assert_int_equal(ioctl(fd, FIONREAD, &bytes), 0);
	return bytes;
}

static void wait_second(int fd)
{
	int before, us;

	/* a terminal passes on what was written a little later */
	for (us = 0; us < LONG_US && !unread(fd); us += 10000)
		usleep(10000);
	usleep(50000);
	before = unread(fd);
	for (us = 0; us < LONG_US && unread(fd) == before; us += 10000)
		usleep(10000);
}

/* Two guests of 4 MiB, of which one and 1 MiB are done; at least one second of it is
 * told on `fd`, which is `to`, and `from` is its other end. */
static void work(enum tell_how how, int fd, int to, int from)
{
	int saved = dup(fd);

	fflush(stdout);
	dup2(to, fd);
	tell_begin(how, "test");
	tell_stage("look", NULL, 0, 0);
	tell_stage("collect", "collecting", 2, 4 << 20);
	tell_done(1, 1 << 20);
	if (how != TELL_QUIET && (how == TELL_JSON) == (fd == 1))
		wait_second(from);
	tell_stage("jump", "jumping", 0, 0);
	progress("somebody else's line");
	tell_end();
	fflush(stdout);
	dup2(saved, fd);
	close(saved);
}

/* What `fd` had. */
static const char *told(enum tell_how how, int fd)
{
	int pipes[2];
	ssize_t got;

	assert_int_equal(pipe(pipes), 0);
	work(how, fd, pipes[1], pipes[0]);
	close(pipes[1]);
	got = read(pipes[0], said, sizeof(said) - 1);
	close(pipes[0]);
	assert_true(got >= 0);
	said[got] = '\0';
	return said;
}

static int count(const char *text, const char *what)
{
	int n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

static void people(void **state)
{
	const char *text = told(TELL_PEOPLE, STDERR_FILENO);

	(void)state;
	assert_int_equal(count(text, "s  collecting\n"), 1);
	assert_true(count(text, "s  collecting: 1 of 2 guests, 1 MiB of 4 MiB, about ") >= 1);
	/* three quarters are left after a second, or more where that came late */
	assert_true(atoi(strstr(text, ", about ") + 8) >= 3);
	assert_non_null(strstr(text, "s  jumping\nbaton: somebody else's line\n"));
	assert_null(strstr(text, "look"));
	assert_null(strchr(text, '\r'));
}

/* Each second over the one before, and nobody writes behind it. */
static void terminal(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	ssize_t got, at = 0;

	(void)state;
	*said = '\0';
	assert_int_equal(grantpt(master) | unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	work(TELL_PEOPLE, STDERR_FILENO, slave, master);
	/* a terminal passes on what was written a little later, and in pieces */
	while (!strstr(said, "somebody else's line\r\n")) {
		struct pollfd p = { master, POLLIN, 0 };

		assert_int_equal(poll(&p, 1, LONG_US / 1000), 1);
		got = read(master, said + at, sizeof(said) - 1 - at);
		assert_true(got > 0);
		at += got;
		said[at] = '\0';
	}
	close(slave);
	close(master);
	assert_true(count(said, "\r\033[Kbaton: ") >= 2);
	assert_true(count(said, " s left\r\033[Kbaton: ") >= 1);
	assert_int_equal(count(said, " s left\r\n"), 0);
}

static struct json_object *field(struct json_object *o, const char *name)
{
	struct json_object *v = NULL;

	assert_true(json_object_object_get_ex(o, name, &v));
	return v;
}

static void programs(void **state)
{
	int stages = 0, seconds = 0;
	char *line, *rest;

	(void)state;
	told(TELL_JSON, STDOUT_FILENO);
	for (line = strtok_r(said, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		struct json_object *o = json_tokener_parse(line);
		const char *event;

		assert_non_null(o);
		event = json_object_get_string(field(o, "event"));
		assert_true(json_object_get_double(field(o, "seconds")) >= 0);
		if (!strcmp(event, "stage"))
			stages++;
		if (!strcmp(event, "progress")) {
			seconds++;
			assert_string_equal("collect", json_object_get_string(
				field(o, "stage")));
			assert_int_equal(json_object_get_int64(
				field(o, "bytes_done")), 1 << 20);
			assert_int_equal(json_object_get_int64(
				field(o, "bytes")), 4 << 20);
			assert_int_equal(json_object_get_int64(
				field(o, "guests_done")), 1);
			assert_true(json_object_get_double(
				field(o, "seconds_left")) > 2.5);
		}
		json_object_put(o);
	}
	assert_int_equal(stages, 3);
	assert_true(seconds >= 1);
}

static void quiet(void **state)
{
	(void)state;
	assert_string_equal(told(TELL_QUIET, STDERR_FILENO),
			    "baton: somebody else's line\n");
}

/* Nothing was begun: nothing is told, and nothing breaks. */
static void nobody(void **state)
{
	(void)state;
	tell_stage("load", "loading", 1, 1);
	tell_done(1, 1);
	tell_note("a note");
	pending_line_clear();
	tell_end();
	assert_string_equal(told(TELL_JSON, STDERR_FILENO),
			    "baton: somebody else's line\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people), cmocka_unit_test(terminal),
		cmocka_unit_test(programs), cmocka_unit_test(quiet),
		cmocka_unit_test(nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
