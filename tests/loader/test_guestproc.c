// SPDX-License-Identifier: MIT
/*
 * test_guestproc.c - what is kept of a QEMU's process, written and read back.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "guestconf.h"
#include "util.h"

static struct diag_log diag;

static int setup(void **state)
{
	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	return 0;
}

#define LIMITS "\"cpu\":[1,2],\"fsize\":[1,2],\"data\":[1,2],\"stack\":[1,2]," \
	"\"core\":[1,2],\"rss\":[1,2],\"nproc\":[1,2],\"memlock\":[1,2]," \
	"\"as\":[1,2],\"locks\":[1,2],\"sigpending\":[1,2]," \
	"\"msgqueue\":[1,2],\"nice\":[1,2],\"rtprio\":[1,2]," \
	"\"rttime\":[1,18446744073709551615],\"nofile\":"
#define PROCESS(uid, groups, mask, oom, nofile, env) "{\"uid\":" uid \
	",\"gid\":108,\"groups\":[" groups "],\"umask\":" mask \
	",\"oom-score-adj\":" oom ",\"limits\":{" LIMITS nofile \
	"},\"environment\":[" env "]}"

static bool takes(struct guest_process *p, const char *text)
{
	struct json_object *o = json_tokener_parse(text);
	bool good;

	assert_non_null(o);
	*p = (struct guest_process){ 0 };
	good = guest_process_take(p, o);
	json_object_put(o);
	return good;
}

static void process_refused(const char *text)
{
	struct guest_process p;

	assert_false(takes(&p, text));
	guest_process_free(&p);
}

static void processes(void **state)
{
	struct guest_process p;

	(void)state;
	assert_true(takes(&p, PROCESS("107", "36,108", "18", "-500",
				      "[3,4]", "\"A=\",\"B=c=d\"")));
	assert_int_equal(p.uid, 107);
	assert_int_equal(p.group_count, 2);
	assert_int_equal(p.groups[1], 108);
	assert_int_equal(p.umask, 022);
	assert_int_equal(p.oom_score_adj, -500);
	assert_true(p.limits[RLIMIT_NOFILE].rlim_max == 4);
	assert_true(p.limits[RLIMIT_RTTIME].rlim_max == RLIM_INFINITY);
	assert_string_equal(p.environment[1], "B=c=d");
	assert_null(p.environment[2]);
	guest_process_free(&p);
	process_refused("{}");
	process_refused("[]");
	process_refused(PROCESS("-1", "", "18", "0", "[3,4]", ""));
	process_refused(PROCESS("4294967295", "", "18", "0", "[3,4]", ""));
	process_refused(PROCESS("\"0\"", "", "18", "0", "[3,4]", ""));
	process_refused(PROCESS("1.5", "", "18", "0", "[3,4]", ""));
	process_refused(PROCESS("1", "-1", "18", "0", "[3,4]", ""));
	process_refused(PROCESS("1", "\"wheel\"", "18", "0", "[3,4]", ""));
	process_refused(PROCESS("1", "", "512", "0", "[3,4]", ""));
	process_refused(PROCESS("1", "", "18", "-1001", "[3,4]", ""));
	process_refused(PROCESS("1", "", "18", "\"0\"", "[3,4]", ""));
	process_refused(PROCESS("1", "", "18", "0", "[4,3]", ""));
	process_refused(PROCESS("1", "", "18", "0", "[3]", ""));
	process_refused(PROCESS("1", "", "18", "0", "[3,4,5]", ""));
	process_refused(PROCESS("1", "", "18", "0", "[-3,4]", ""));
	process_refused(PROCESS("1", "", "18", "0", "7", ""));
	process_refused(PROCESS("1", "", "18", "0", "[3,4]", "\"A\""));
	process_refused(PROCESS("1", "", "18", "0", "[3,4]", "\"=A\""));
	process_refused(PROCESS("1", "", "18", "0", "[3,4]", "7"));
	process_refused(PROCESS("1", "", "18", "0", "[3,4]",
				"\"A=b\\u0000c\""));
}

static bool status_of(struct guest_process *p, const char *text)
{
	FILE *f = fmemopen((char *)text, strlen(text), "r");
	bool good;

	assert_non_null(f);
	*p = (struct guest_process){ 0 };
	good = guest_process_status(p, f);
	fclose(f);
	return good;
}

static void statuses(void **state)
{
	struct guest_process p;

	(void)state;
	assert_true(status_of(&p, "Name:\tq\nUmask:\t0027\n"
		"Uid:\t107\t107\t107\t107\nGid:\t1\t1\t1\t1\n"
		"Groups:\t36 108 \nThreads:\t3\n"));
	assert_int_equal(p.uid, 107);
	assert_int_equal(p.umask, 027);
	assert_int_equal(p.group_count, 2);
	assert_int_equal(p.groups[0], 36);
	guest_process_free(&p);
	assert_true(status_of(&p, "Umask:\t0022\nUid:\t0\t0\t0\t0\n"
		"Gid:\t0\t0\t0\t0\nGroups:\t \n"));
	assert_int_equal(p.group_count, 0);
	guest_process_free(&p);
	/* a real and another effective user: nobody knows which one opened what */
	assert_false(status_of(&p, "Umask:\t0022\nUid:\t5\t0\t0\t0\n"
		"Gid:\t0\t0\t0\t0\nGroups:\t \n"));
	guest_process_free(&p);
	assert_false(status_of(&p, "Umask:\t0022\nUid:\t5\t5\t5\t5\n"
		"Gid:\t0\t0\t0\t0\n"));
	guest_process_free(&p);
}

/* This test's own process, and once more out of what was written. */
static void own_process(void **state)
{
	struct guest_process p, again = { 0 };
	struct json_object *o;
	const char *path = getenv("PATH");
	int i;

	(void)state;
	assert_int_equal(guest_process_read(&p, getpid(), &diag), 0);
	assert_int_equal(p.uid, getuid());
	assert_int_equal(p.gid, getgid());
	assert_int_equal(p.group_count, getgroups(0, NULL));
	o = guest_process_json(&p);
	assert_true(guest_process_take(&again, o));
	json_object_put(o);
	assert_int_equal(again.env_count, p.env_count);
	assert_memory_equal(again.limits, p.limits, sizeof(p.limits));
	for (i = 0; i < p.env_count; i++) {
		assert_string_equal(again.environment[i], p.environment[i]);
		assert_int_not_equal(strncmp(p.environment[i],
					     "NOTIFY_SOCKET=", 14), 0);
		if (path && !strncmp(p.environment[i], "PATH=", 5))
			assert_string_equal(p.environment[i] + 5, path);
	}
	guest_process_free(&p);
	guest_process_free(&again);
	assert_int_equal(guest_process_read(&p, 1 << 30, &diag),
			 -HO_EPROCESS);
	guest_process_free(&p);
}

/* A child that becomes nobody does so in that folder. */
static bool stands_in(const char *folder)
{
	struct guest_process p;
	int status;
	pid_t pid;

	assert_int_equal(guest_process_read(&p, getpid(), &diag), 0);
	p.uid = p.gid = 65534;
	p.group_count = 0;
	pid = fork();
	if (!pid) {
		char at[128] = "";
		bool good = guest_process_become(&p, folder);

		_exit(!good || !link_read("/proc/self/cwd", at, sizeof(at)) ||
		      strcmp(at, folder));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	guest_process_free(&p);
	return !status;
}

/* The folder that root started a user's process in. */
static void folders(void **state)
{
	char root[] = "/tmp/test_guestproc.XXXXXX", inner[64];

	(void)state;
	if (getuid())
		skip();
	assert_non_null(mkdtemp(root));
	snprintf(inner, sizeof(inner), "%s/inner", root);
	assert_int_equal(mkdir(inner, 0755), 0);
	assert_true(stands_in("/"));
	assert_true(stands_in(root));
	/* it would get past what the user cannot enter */
	assert_false(stands_in(inner));
	assert_int_equal(chmod(inner, 0744), 0);
	assert_false(stands_in(inner));
	assert_int_equal(chmod(inner, 0700), 0);
	assert_true(stands_in(inner));
	assert_int_equal(rmdir(inner), 0);
	assert_false(stands_in(inner));
	assert_int_equal(rmdir(root), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(processes, setup),
		cmocka_unit_test_setup(statuses, setup),
		cmocka_unit_test_setup(own_process, setup),
		cmocka_unit_test_setup(folders, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
