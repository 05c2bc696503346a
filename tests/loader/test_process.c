// SPDX-License-Identifier: MIT
/*
 * test_process.c - what a process asks its kernel for. An id does not wait for Linux
 * to have gathered enough for keys, and there is one on a Linux that knows no such
 * question, too. More files than Linux lets any process have are refused.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "cmocka_all.h"
#include "process.h"

static bool old_linux, no_source;
static uint32_t asked, waited;

ssize_t getrandom(void *out, size_t bytes, unsigned int flags)
{
	asked++;
	if (no_source) {
		errno = ENOSYS;
		return -1;
	}
	if (old_linux && flags & GRND_INSECURE) {
		errno = EINVAL;
		return -1;
	}
	waited += !(flags & (GRND_INSECURE | GRND_NONBLOCK));
	memset(out, 0xff, bytes);
	return bytes;
}

static int setup(void **state)
{
	(void)state;
	old_linux = no_source = false;
	asked = waited = 0;
	return 0;
}

static void is_an_id(void)
{
	static const uint8_t wanted[HO_ID_BYTES] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x4f, 0xff,
		0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	uint8_t id[HO_ID_BYTES];
	struct diag_log diag;

	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(random_id(id, &diag), 0);
	assert_memory_equal(id, wanted, sizeof(id));
}

static void does_not_wait(void **state)
{
	(void)state;
	is_an_id();
	assert_int_equal(asked, 1);
	assert_int_equal(waited, 0);
}

static void of_an_old_linux(void **state)
{
	(void)state;
	old_linux = true;
	is_an_id();
	assert_int_equal(asked, 2);
	assert_int_equal(waited, 1);
}

static void without_a_source(void **state)
{
	uint8_t id[HO_ID_BYTES];
	struct diag_log diag;

	(void)state;
	no_source = true;
	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(random_id(id, &diag), -HO_EIO);
	assert_int_equal(asked, 1);
}

/* None can have more than fs.nr_open, whoever it is. */
static void too_many_files(void **state)
{
	struct rlimit was, is;
	struct diag_log diag;

	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	assert_int_equal(process_files(was.rlim_cur, &diag), 0);
	assert_int_equal(process_files(1ull << 40, &diag), -HO_ENOFILES);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &is), 0);
	assert_memory_equal(&is, &was, sizeof(is));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(does_not_wait, setup),
		cmocka_unit_test_setup(of_an_old_linux, setup),
		cmocka_unit_test_setup(without_a_source, setup),
		cmocka_unit_test_setup(too_many_files, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
