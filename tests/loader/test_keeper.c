// SPDX-License-Identifier: MIT
/*
 * test_keeper.c - the process that holds a guest's memory: it has nothing open
 * of whoever started it, and ends when nobody wants it any more.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fixed.h"
#include "keeper.h"
#include "util.h"

#define ADDRESS	0x200000000000ull	/* GUEST_BASE is ASan's */
#define BYTES	(2u << 20)

static struct diag_log diag;
static struct keeper_fixed fixed;

static int count_fds(pid_t pid)
{
	char path[64];
	struct dirent *e;
	int count = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	d = opendir(path);
	assert_non_null(d);
	while ((e = readdir(d)))
		count += e->d_name[0] != '.';
	closedir(d);
	return count;
}

static struct process_id start(int *hold)
{
	struct keeper_range r = { .address = ADDRESS, .bytes = BYTES };
	int fd = memfd_create("guest", 0);
	struct process_id keeper;

	assert_int_equal(ftruncate(fd, BYTES), 0);
	snprintf(r.file, sizeof(r.file), "/proc/%d/fd/%d", (int)getpid(), fd);
	diag_init(&diag, HO_STAGE_LOADER);
	assert_int_equal(keeper_start("test", &r, 1, &keeper, hold, &fixed,
				      &diag),
			 0);
	close(fd);
	return keeper;
}

/* It closes the last of them after it has said that it is ready. */
static int settled_fds(pid_t pid, int wanted)
{
	int i, count;

	for (i = 0; (count = count_fds(pid)) > wanted && i < 500; i++)
		usleep(10000);
	return count;
}

/* Where it looks for the ledger is open, if it is there. */
static int folder(void)
{
	return !access("/run/baton", F_OK);
}

/* A pipe far above 1024 must not stay open in it: its reader would wait. */
static void nothing_is_inherited(void **state)
{
	struct rlimit many = { 4096, 4096 };
	char byte, text[32], path[64];
	int pipes[2], high, hold;
	pid_t pid;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &many);
	many.rlim_cur = many.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &many), 0);
	assert_true(many.rlim_cur > 3000);
	assert_int_equal(pipe(pipes), 0);
	high = fcntl(pipes[1], F_DUPFD, 3000);
	assert_true(high >= 3000);
	pid = start(&hold).pid;
	close(pipes[1]);
	close(high);
	assert_int_equal(read(pipes[0], &byte, 1), 0);	/* its end */
	close(pipes[0]);
	assert_int_equal(kill(pid, 0), 0);
	assert_int_equal(settled_fds(pid, 1 + folder()), 1 + folder());
	assert_true(keeper_is(pid));
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)pid);
	assert_true(text_read(path, text, sizeof(text)));
	if (!geteuid() && prctl(PR_CAPBSET_READ, 24 /* CAP_SYS_RESOURCE */))
		assert_string_equal(text, "-1000");
	close(hold);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void stays_when_told(void **state)
{
	int hold;
	struct process_id keeper = start(&hold);
	pid_t pid = keeper.pid;

	(void)state;
	keeper_stay(hold);
	close(hold);
	usleep(200000);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	assert_int_equal(settled_fds(pid, folder()), folder());
	process_end(keeper);
	assert_int_equal(kill(pid, 0), -1);
}

/* A virtual CPU: it sleeps, works when it is told, and ends with the pipe. */
static pid_t start_cpu(int *in)
{
	volatile unsigned int n;
	int pipes[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(pipes[1]);
		while (read(pipes[0], &byte, 1) == 1)
			for (n = 0; n < 100000000; n++)
				;
		_exit(0);
	}
	close(pipes[0]);
	*in = pipes[1];
	usleep(200000);			/* it has to be asleep */
	return pid;
}

static bool comes_to(pid_t keeper, enum keeper_saw saw)
{
	int i;

	for (i = 0; keeper_saw(keeper) != saw && i < 1000; i++)
		usleep(10000);
	return i < 1000;
}

/* After the save: it stands, and ends; or it runs. */
static void sees_who_runs(void **state)
{
	struct process_id keeper;
	int hold, in, runs;
	pid_t cpu;

	(void)state;
	for (runs = 0; runs < 2; runs++) {
		keeper = start(&hold);
		assert_int_equal(keeper_saw(keeper.pid), KEEPER_NOTHING);
		cpu = start_cpu(&in);
		keeper_watch(hold, process_id_of(cpu), &cpu, 1);
		keeper_stay(hold);
		assert_true(comes_to(keeper.pid, KEEPER_STOOD));
		assert_true(keeper_is(keeper.pid));
		if (runs)
			assert_int_equal(write(in, "", 1), 1);
		else
			usleep(300000);
		if (runs)
			assert_true(comes_to(keeper.pid, KEEPER_RAN));
		assert_true(keeper_is(keeper.pid));
		close(in);
		assert_int_equal(waitpid(cpu, NULL, 0), cpu);
		usleep(300000);
		assert_int_equal(keeper_saw(keeper.pid),
				 runs ? KEEPER_RAN : KEEPER_STOOD);
		close(hold);
		process_end(keeper);
	}
}

#define HUGE_NUMBER	"/proc/sys/vm/nr_hugepages"
#define HUGE_BYTES	(2ull * HO_PAGE_2M_BYTES)

/* What there was before, where this process may change it. */
static unsigned long more_huge_pages(long change)
{
	char text[32] = "0";
	unsigned long number;
	FILE *f;

	text_read(HUGE_NUMBER, text, sizeof(text));
	number = strtoul(text, NULL, 10);
	f = fopen(HUGE_NUMBER, "we");
	if (f) {
		fprintf(f, "%lu\n", number + change);
		fclose(f);
	}
	return number;
}

/* Punch a hole, and fill it again, as a guest does that gives memory back. */
static void give_back_a_page(int fd)
{
	volatile uint8_t *at = mmap(NULL, HUGE_BYTES, PROT_READ | PROT_WRITE,
				    MAP_SHARED, fd, 0);

	assert_true(at != MAP_FAILED);
	assert_int_equal(fallocate(fd, FALLOC_FL_PUNCH_HOLE |
				   FALLOC_FL_KEEP_SIZE, 0,
				   HO_PAGE_2M_BYTES), 0);
	at[0] = 1;
	munmap((void *)at, HUGE_BYTES);
}

static void check_huge(struct process_id keeper, int fd)
{
	struct fixed_frames f = { .holder = keeper, .huge_bytes = HUGE_BYTES };

	assert_int_equal(fixed_unchanged(&f, &diag), 0);
	assert_int_equal(fixed.huge_bytes, fixed.all ? HUGE_BYTES : 0);
	give_back_a_page(fd);
	assert_int_equal(fixed_unchanged(&f, &diag), -HO_EMIGRATED);
}

/* Of a real kernel: its count says what was taken out, although it is there again.
 * Where it has no huge pages to give, the keeper says so. */
static void huge_pages(void **state)
{
	int fd = memfd_create("huge", MFD_CLOEXEC | MFD_HUGETLB), hold, rc;
	struct keeper_range r = { .address = ADDRESS, .bytes = HUGE_BYTES };
	struct process_id keeper;

	(void)state;
	assert_true(fd >= 0);
	more_huge_pages(3);
	assert_int_equal(ftruncate(fd, HUGE_BYTES), 0);
	snprintf(r.file, sizeof(r.file), "/proc/%d/fd/%d", (int)getpid(), fd);
	diag_init(&diag, HO_STAGE_LOADER);
	rc = keeper_start("huge", &r, 1, &keeper, &hold, &fixed, &diag);
	if (!rc)
		check_huge(keeper, fd);
	else
		assert_int_equal(rc, -HO_EGUESTROOM);
	close(hold);
	process_end(keeper);
	close(fd);
	more_huge_pages(-3);
}

/* Memory of small pages may move. */
static void small_pages(void **state)
{
	struct process_id keeper;
	int hold;

	(void)state;
	keeper = start(&hold);
	assert_false(fixed.all);
	assert_int_equal(fixed.huge_bytes, 0);
	close(hold);
	process_end(keeper);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_inherited),
		cmocka_unit_test(stays_when_told),
		cmocka_unit_test(sees_who_runs),
		cmocka_unit_test(huge_pages),
		cmocka_unit_test(small_pages),
	};

	alarm(60);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
