// SPDX-License-Identifier: MIT
/*
 * test_qmp.c - the QMP client against monitors that behave and such that do
 * not: tests/fake has the monitor.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakeqmp.h"
#include "qmp.h"

/* What ends by a limit of a second is not what waits for a call's own. */
#define HANG	(QMP_CALL_SECONDS / 2)

static struct diag_log diag;
static char path[64];
static struct fake_qmp server;

/* What a monitor does with who connects. */
struct script {
	void (*play)(int fd);
};

static int setup(void **state)
{
	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	return 0;
}

static void run_script(int fd, void *context)
{
	const struct script *script = context;

	script->play(fd);
}

static void start(void (*script)(int fd))
{
	struct script s = { script };

	snprintf(path, sizeof(path), "/tmp/baton-test-qmp.%d", (int)getpid());
	fake_qmp_start(&server, path, run_script, &s);
}

static int teardown(void **state)
{
	(void)state;
	fake_qmp_stop(&server);
	return 0;
}

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* A call within a second: its code, and it may not be later than that. */
static int call_within_a_second(void (*play)(int fd), const char *argument)
{
	struct json_object *o = NULL;
	double from;
	struct qmp q;
	int rc;

	start(play);
	assert_int_equal(qmp_open(&q, path, &diag), 0);
	assert_int_equal(q.pid, getpid());	/* who listened, not who serves */
	from = seconds_now();
	qmp_set_deadline(&q, 1);
	rc = qmp_call(&q, "query-status", qmp_argument("a", argument), &o,
		      HO_EGUESTSAVE, &diag);
	assert_true(seconds_now() - from < HANG);
	/* and what comes behind it has no time of its own */
	if (rc == -HO_EQMP && seconds_now() - from >= 1) {
		assert_int_equal(qmp_call(&q, "stop", NULL, NULL, 0, &diag),
				 -HO_EQMP);
		assert_true(seconds_now() - from < HANG);
	}
	json_object_put(o);
	qmp_close(&q);
	return rc;
}

static void play_well(int fd)
{
	char id[64], first[64];

	fake_qmp_begin(fd, first);
	fake_qmp_answer(fd, first, "{\"status\":\"one\"}");
	fake_qmp_hear(fd, id, NULL);
	if (!strcmp(id, first))
		_exit(1);
	/* events, an answer to another one, and one cut into pieces */
	fake_qmp_say(fd, FAKE_QMP_EVENT FAKE_QMP_EVENT);
	fake_qmp_answer(fd, first, "{\"status\":\"of the past\"}");
	fake_qmp_answer(fd, "x", "{\"status\":\"another's\"}");
	fake_qmp_say(fd, "{\"return\":{\"status\":\"without id\"}}\r\n");
	fake_qmp_say(fd, "{\"error\":{\"desc\":\"JSON parse error\"}}\r\n{\"return\"");
	usleep(50000);
	fake_qmp_say(fd, ":{\"status\":\"two\"},\"id\":\"");
	fake_qmp_say(fd, "%s", id);
	fake_qmp_say(fd, "\"}\r\n" FAKE_QMP_EVENT);
	fake_qmp_hear(fd, id, NULL);
	fake_qmp_say(fd, "{\"id\":\"");
	fake_qmp_say(fd, "%s", id);
	fake_qmp_say(fd, "\",\"error\":{\"class\":\"GenericError\",\"desc\":\"not so\"}}");
	fake_qmp_wait();
}

static void answers_by_id(void **state)
{
	struct json_object *o;
	struct qmp q;

	(void)state;
	start(play_well);
	assert_int_equal(qmp_open(&q, path, &diag), 0);
	assert_int_equal(qmp_call(&q, "a", NULL, &o, HO_EQMP, &diag), 0);
	assert_string_equal(qmp_text(o, "status"), "one");
	json_object_put(o);
	assert_int_equal(qmp_call(&q, "b", NULL, &o, HO_EQMP, &diag), 0);
	assert_string_equal(qmp_text(o, "status"), "two");
	json_object_put(o);
	assert_int_equal(diag.kept, 0);
	assert_int_equal(qmp_call(&q, "c", NULL, &o, HO_EGUESTSAVE, &diag),
			 -HO_EGUESTSAVE);
	assert_null(o);
	assert_int_equal(diag.items[0].code, HO_EGUESTSAVE);
	assert_non_null(strstr(diag.items[0].where, "not so"));
	qmp_close(&q);
}

static void play_flood(int fd)
{
	char id[64];

	fake_qmp_begin(fd, id);
	fake_qmp_flood(fd);
}

static void play_silent(int fd)
{
	char id[64];

	fake_qmp_begin(fd, id);
	fake_qmp_wait();
}

static void play_other_id(int fd)
{
	char id[64];

	fake_qmp_begin(fd, id);
	for (;; usleep(20000))
		fake_qmp_answer(fd, "1", "{}");
}

static void play_half(int fd)
{
	char id[64];

	fake_qmp_begin(fd, id);
	fake_qmp_say(fd, "{\"return\":{\"sta");
	fake_qmp_wait();
}

static void play_trickle(int fd)
{
	char id[64];

	fake_qmp_begin(fd, id);
	fake_qmp_say(fd, "{\"return\":\"");
	for (;; usleep(20000))
		fake_qmp_say(fd, "a");
}

/* Reads nothing: the command does not fit into the socket. */
static void play_deaf(int fd)
{
	char id[64];

	fake_qmp_say(fd, FAKE_QMP_GREETING);
	fake_qmp_hear(fd, id, NULL);
	fake_qmp_answer(fd, id, "{}");
	fake_qmp_wait();
}

static void one_deadline(void **state)
{
	char *big = malloc(4 << 20);

	(void)state;
	assert_int_equal(call_within_a_second(play_flood, "x"), -HO_EQMP);
	teardown(NULL);
	assert_int_equal(call_within_a_second(play_silent, "x"), -HO_EQMP);
	teardown(NULL);
	assert_int_equal(call_within_a_second(play_other_id, "x"), -HO_EQMP);
	teardown(NULL);
	assert_int_equal(call_within_a_second(play_half, "x"), -HO_EQMP);
	teardown(NULL);
	assert_int_equal(call_within_a_second(play_trickle, "x"), -HO_EQMP);
	teardown(NULL);
	memset(big, 'a', (4 << 20) - 1);
	big[(4 << 20) - 1] = '\0';
	assert_int_equal(call_within_a_second(play_deaf, big), -HO_EQMP);
	free(big);
}

static void play_close(int fd)
{
	char id[64];

	fake_qmp_begin(fd, id);
	fake_qmp_say(fd, "{\"return\":{\"sta");
	close(fd);
}

static void play_rubbish(int fd)
{
	char id[64];

	fake_qmp_begin(fd, id);
	fake_qmp_say(fd, "}}}\r\n");
	fake_qmp_wait();
}

static void broken_answers(void **state)
{
	(void)state;
	assert_int_equal(call_within_a_second(play_close, "x"), -HO_EQMP);
	assert_non_null(strstr(diag.items[0].where, "connection closed"));
	teardown(NULL);
	setup(NULL);
	assert_int_equal(call_within_a_second(play_rubbish, "x"), -HO_EQMP);
	assert_non_null(strstr(diag.items[0].where, "not JSON"));
}

static void play_no_greeting(int fd)
{
	fake_qmp_say(fd, "{\"hello\":1}\r\n");
	fake_qmp_wait();
}

static void opening(void **state)
{
	double from = seconds_now();
	struct qmp q;

	(void)state;
	start(fake_qmp_flood);		/* an event is no greeting */
	assert_int_equal(qmp_open_within(&q, path, 1, &diag), -HO_EQMP);
	teardown(NULL);
	start(play_no_greeting);
	assert_int_equal(qmp_open_within(&q, path, 1, &diag), -HO_EQMP);
	teardown(NULL);
	start((void (*)(int))fake_qmp_wait);
	assert_int_equal(qmp_open_within(&q, path, 1, &diag), -HO_EQMP);
	assert_false(q.gone);
	assert_int_equal(q.fd, -1);
	teardown(NULL);
	assert_int_equal(qmp_open(&q, path, &diag), -HO_EQMP);
	assert_true(q.gone);
	assert_true(seconds_now() - from < HANG);
}

static void play_resync(int fd)
{
	char id[64];

	fake_qmp_begin(fd, id);			/* 0xff */
	fake_qmp_say(fd, "{\"return\":{},\"id\":\"another's\"}\r\n" FAKE_QMP_EVENT);
	fake_qmp_say(fd, "{\"error\":{\"desc\":\"JSON parse error, \"}}\r\n");
	fake_qmp_say(fd, "{\"error\":{\"desc\":\"JSON parse error, 2\"}}\r\n");
	fake_qmp_hear(fd, id, NULL);
	fake_qmp_answer(fd, id, "{\"status\":\"in step\"}");
	fake_qmp_wait();
}

static void resync(void **state)
{
	double from = seconds_now();
	struct json_object *o;
	struct qmp q;

	(void)state;
	start(play_resync);
	assert_int_equal(qmp_open(&q, path, &diag), 0);
	assert_int_equal(qmp_resync(&q, &diag), 0);
	assert_int_equal(qmp_call(&q, "a", NULL, &o, HO_EQMP, &diag), 0);
	assert_string_equal(qmp_text(o, "status"), "in step");
	json_object_put(o);
	qmp_close(&q);
	teardown(NULL);
	start(play_flood);
	assert_int_equal(qmp_open(&q, path, &diag), 0);
	qmp_set_deadline(&q, 1);
	assert_int_equal(qmp_resync(&q, &diag), -HO_EQMP);
	assert_true(seconds_now() - from < HANG);
	qmp_close(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers_by_id, setup,
						teardown),
		cmocka_unit_test_setup_teardown(one_deadline, setup,
						teardown),
		cmocka_unit_test_setup_teardown(broken_answers, setup,
						teardown),
		cmocka_unit_test_setup_teardown(opening, setup, teardown),
		cmocka_unit_test_setup_teardown(resync, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
