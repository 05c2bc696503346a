// SPDX-License-Identifier: MIT
/*
 * test_timedpipe.c - pipes that programs read and write slowly, or no longer.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "timedpipe.h"
#include "util.h"

#define LARGE	(1u << 20)		/* more than a pipe holds */

static uint8_t sent[LARGE], got[LARGE];

static void fill(void)
{
	uint32_t i;

	for (i = 0; i < LARGE; i++)
		sent[i] = i * 2654435761u >> 13;
}

/* Longer than the limit in all, but never at once. */
static void *write_slowly(void *fd)
{
	uint32_t at;

	for (at = 0; at < LARGE; at += LARGE / 8) {
		usleep(200000);
		assert_true(write(*(int *)fd, sent + at, LARGE / 8) > 0);
	}
	close(*(int *)fd);
	return NULL;
}

static void reads_what_is_slow(void **state)
{
	struct timed_pipe p;
	pthread_t writer;
	int fds[2];
	FILE *f;

	(void)state;
	fill();
	assert_int_equal(pipe(fds), 0);
	f = timed_pipe_open(&p, fds[0], "r", 1);
	assert_non_null(f);
	assert_int_equal(pthread_create(&writer, NULL, write_slowly, &fds[1]), 0);
	assert_int_equal(fread(got, LARGE, 1, f), 1);
	assert_memory_equal(sent, got, LARGE);
	assert_int_equal(fread(got, 1, 1, f), 0);
	assert_false(p.late);
	assert_true(feof(f));
	fclose(f);
	pthread_join(writer, NULL);
}

static void *read_slowly(void *fd)
{
	size_t at = 0;
	ssize_t n;

	while ((n = read(*(int *)fd, got + at, LARGE - at)) > 0) {
		at += n;
		if (at < LARGE / 2)
			usleep(100000);
	}
	return NULL;
}

static void writes_what_is_slow(void **state)
{
	struct timed_pipe p;
	pthread_t reader;
	int fds[2];
	FILE *f;

	(void)state;
	fill();
	memset(got, 0, sizeof(got));
	assert_int_equal(pipe(fds), 0);
	f = timed_pipe_open(&p, fds[1], "w", 1);
	assert_non_null(f);
	assert_int_equal(pthread_create(&reader, NULL, read_slowly, &fds[0]), 0);
	assert_int_equal(fwrite(sent, LARGE, 1, f), 1);
	assert_int_equal(fclose(f), 0);
	assert_false(p.late);
	pthread_join(reader, NULL);
	assert_memory_equal(sent, got, LARGE);
	close(fds[0]);
}

/* The other end is there, and nobody does anything with it. */
static void what_hangs_is_late(void **state)
{
	struct timed_pipe p;
	int fds[2];
	FILE *f;

	(void)state;
	alarm(60);
	assert_int_equal(pipe(fds), 0);
	f = timed_pipe_open(&p, fds[0], "r", 1);
	assert_non_null(f);
	assert_int_equal(write(fds[1], "some", 4), 4);
	assert_int_equal(fread(got, 5, 1, f), 0);
	assert_true(p.late && ferror(f));
	fclose(f);
	assert_int_equal(fcntl(fds[0], F_GETFD), -1);
	close(fds[1]);

	assert_int_equal(pipe(fds), 0);
	f = timed_pipe_open(&p, fds[1], "w", 1);
	assert_non_null(f);
	assert_false(fwrite(sent, LARGE, 1, f) == 1 && !fflush(f));
	assert_true(p.late);
	/* at once: what is left is not waited for again */
	fclose(f);
	close(fds[0]);
	alarm(0);
}

/* A reader that is gone is an error, and no lateness. */
static void nobody_reads(void **state)
{
	struct timed_pipe p;
	bool written;
	int fds[2];
	FILE *f;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	f = timed_pipe_open(&p, fds[1], "w", 1);
	assert_non_null(f);
	close(fds[0]);
	written = fwrite(sent, LARGE, 1, f) == 1;
	assert_false(!fclose(f) && written);
	assert_false(p.late);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_is_slow),
		cmocka_unit_test(writes_what_is_slow),
		cmocka_unit_test(what_hangs_is_late),
		cmocka_unit_test(nobody_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
