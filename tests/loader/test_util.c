// SPDX-License-Identifier: MIT
/*
 * test_util.c - numbers of options, the end of a long file, and files that are
 * complete or not there, also when memory or the disk runs out; what is said to nobody.
 */
#include "change.h"
#include "util.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "number.h"

static char dir[] = "/tmp/test_util.XXXXXX";
static char path[64];
static struct diag_log diag;
static bool no_streams;

/* A size that no allocator has returns NULL here, as it does in the command. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

FILE *fdopen(int fd, const char *mode)
{
	FILE *(*real)(int, const char *) = dlsym(RTLD_NEXT, "fdopen");

	if (!no_streams)
		return real(fd, mode);
	errno = ENOMEM;
	return NULL;
}

static int setup(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "%s/file", dir);
	diag_init(&diag, HO_STAGE_LOADER);
	return 0;
}

static int files(void)
{
	DIR *d = opendir(dir);
	int count = -2;			/* . and .. */

	assert_non_null(d);
	while (readdir(d))
		count++;
	closedir(d);
	return count;
}

static void numbers(void **state)
{
	static const char *const bad[] = {
		"", " 1", "1 ", "+1", "-1", "0x", "0xg", "5x", "abc", "1.0",
		"18446744073709551616", "0x10000000000000000", "00x1",
	};
	uint64_t v = 7, end;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(number_parse(bad[i], 0, UINT64_MAX, &v));
		assert_false(parse_bytes(bad[i], &end));
	}
	assert_int_equal(v, 7);
	assert_true(number_parse("18446744073709551615", 0, UINT64_MAX, &v));
	assert_true(v == UINT64_MAX);
	assert_true(number_parse("010", 0, 10, &v) && v == 10);
	assert_true(number_parse("0x1f", 31, 31, &v) && v == 31);
	assert_false(number_parse("30", 31, 40, &v));
	assert_false(number_parse("41", 31, 40, &v));
	assert_true(parse_bytes("0x10M", &v) && v == 16 << 20);
	assert_false(parse_bytes("16777216T", &v));
	assert_true(hex_range_parse("a000-0xb000", &v, &end));
	assert_true(v == 0xa000 && end == 0xb000);
	assert_false(hex_range_parse("a000-b000 ", &v, &end));
	assert_false(hex_range_parse("a000--1", &v, &end));
	assert_false(hex_range_parse("a000", &v, &end));
}

static void end_of_a_file(void **state)
{
	FILE *f = fopen(path, "w");
	char text[16];
	int i;

	(void)state;
	assert_non_null(f);
	for (i = 0; i < 100; i++)
		fprintf(f, "line %d\n", i);
	fclose(f);
	assert_true(text_read(path, text, sizeof(text)));
	assert_memory_equal(text, "line 0", 6);
	assert_true(text_read_tail(path, text, sizeof(text)));
	assert_string_equal(strrchr(text, '\n') + 1, "line 99");
	assert_true(text_read_tail(path, text, sizeof(text)));
	assert_int_equal(truncate(path, 7), 0);
	assert_true(text_read_tail(path, text, sizeof(text)));
	assert_string_equal(text, "line 0");
	remove(path);
}

static void complete_or_not_there(void **state)
{
	struct rlimit old, small = { 4096, RLIM_INFINITY };
	static const uint8_t bytes[8192];
	struct outfile o;
	struct stat st;

	(void)state;
	assert_int_equal(outfile_open(&o, path, &diag), 0);
	assert_int_equal(outfile_write(&o, "abc", 3, &diag), 0);
	assert_int_equal(outfile_commit(&o, &diag), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);

	/* the disk is full, and whoever wrote did not look */
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	assert_int_equal(outfile_open(&o, path, &diag), 0);
	setrlimit(RLIMIT_FSIZE, &small);
	fwrite(bytes, sizeof(bytes), 1, o.file);
	fflush(o.file);
	assert_int_equal(outfile_commit(&o, &diag), -HO_EFILE);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(files(), 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 3);

	no_streams = true;
	assert_int_equal(outfile_open(&o, path, &diag), -HO_EFILE);
	no_streams = false;
	assert_int_equal(files(), 1);
	remove(path);
	assert_int_equal(outfile_open(&o, "/dev/null", &diag), -HO_EFILE);
	assert_int_equal(outfile_open(&o, dir, &diag), -HO_EFILE);
	assert_int_equal(files(), 0);
}

/* A file that does not fit into memory cannot be put back: it is not touched,
 * by undo neither. */
static void change_without_memory(void **state)
{
	struct changes c = { 0 };
	struct stat st;
	FILE *f = fopen(path, "w");

	(void)state;
	assert_non_null(f);
	if (ftruncate(fileno(f), 2ll << 40)) {
		fclose(f);
		remove(path);
		skip();
	}
	fclose(f);
	assert_int_equal(change_write(&c, path, "new", 3, 0644, &diag),
			 -HO_ENOMEM);
	changes_undo(&c, &diag);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size == 2ll << 40);
	remove(path);
}

/* A terminal that somebody has stopped. */
static void not_waited_for(void **state)
{
	int saved = dup(STDERR_FILENO), fds[2], flags, length = 0;
	char text[4096] = "", said[64] = "", byte;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	flags = fcntl(fds[1], F_GETFL);
	fcntl(fds[1], F_SETFL, flags | O_NONBLOCK);
	while (write(fds[1], text, sizeof(text)) > 0)
		;
	fcntl(fds[1], F_SETFL, flags);
	dup2(fds[1], STDERR_FILENO);
	output_may_be_lost(true);
	progress("to nobody");
	assert_false(output_is_taken(STDERR_FILENO));
	while (!output_is_taken(STDERR_FILENO))
		assert_int_equal(read(fds[0], text, sizeof(text)), sizeof(text));
	progress("to somebody");
	output_may_be_lost(false);
	assert_true(output_is_taken(STDERR_FILENO));
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fds[1]);
	while (read(fds[0], &byte, 1) == 1)
		if (byte)
			said[length++] = byte;
	assert_string_equal(said, "baton: to somebody\n");
	close(fds[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(numbers, setup),
		cmocka_unit_test_setup(end_of_a_file, setup),
		cmocka_unit_test_setup(complete_or_not_there, setup),
		cmocka_unit_test_setup(change_without_memory, setup),
		cmocka_unit_test(not_waited_for),
	};
	int rc;

	if (!mkdtemp(dir))
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(dir);
	return rc;
}
