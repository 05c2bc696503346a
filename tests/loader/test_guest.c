// SPDX-License-Identifier: MIT
/*
 * test_guest.c - what is kept of a QEMU guest, written and read back, and the
 * command line that starts it again.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guestconf.h"
#include "tests/unit/cmocka_all.h"
#include "util.h"

static struct diag_log diag;

static int setup(void **state)
{
	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	return 0;
}

static struct guest_conf conf_of(char **args)
{
	struct guest_conf c = {
		.backend_count = 2,
		.backends = { { "ram", GUEST_BASE, 1 << 30 },
			      { "more", GUEST_BASE + (1 << 30), 2 << 20 } },
		.running = true,
		.machine = "pc-i440fx-7.2", .version = "7.2.22",
		.program = "/usr/bin/qemu-system-x86_64", .directory = "/",
		.monitor = "/run/guest.qmp", .args = args,
	};

	while (args[c.arg_count])
		c.arg_count++;
	return c;
}

/* The arguments in one line. */
static char *line_of(char **args)
{
	static char line[4096];
	int i;

	line[0] = '\0';
	for (i = 0; args && args[i]; i++) {
		if (i)
			strcat(line, " ");
		strcat(line, args[i]);
	}
	strings_free(args);
	return line;
}

static void becomes(char **args, const char *want)
{
	struct guest_conf c = conf_of(args);
	char **made = guest_args(&c, "/dev/baton/one", &diag);

	assert_non_null(made);
	assert_string_equal(line_of(made), want);
}

static void backends_replaced(void **state)
{
	char *args[] = { "qemu", "-M", "pc,accel=kvm,memory-backend=ram",
			 "-object", "memory-backend-memfd,id=ram,size=1G,share=on",
			 "--object", "{\"qom-type\":\"memory-backend-file\",\"id\":\"more\"}",
			 "-object", "rng-random,id=rng", "-S", "-m", "1G",
			 NULL };

	(void)state;
	becomes(args, "qemu -M pc-i440fx-7.2,accel=kvm,memory-backend=ram "
		"-object memory-backend-file,id=ram,mem-path=/dev/baton/one.ram,size=1073741824,share=on,align=2M "
		"--object memory-backend-file,id=more,mem-path=/dev/baton/one.more,size=2097152,share=on,align=2M "
		"-object rng-random,id=rng -m 1G -incoming defer");
}

static void machine_named(void **state)
{
	char *none[] = { "qemu", "-m", "1G", NULL };
	char *typed[] = { "qemu", "-machine", "accel=kvm,type=q35,smm=off",
			  NULL };
	char *rest[] = { "qemu", "-machine", "accel=kvm", NULL };
	char *again[] = { "qemu", "-machine", "pc-i440fx-7.2", "-incoming",
			  "defer", NULL };

	(void)state;
	becomes(none, "qemu -m 1G -machine pc-i440fx-7.2 -incoming defer");
	becomes(typed, "qemu -machine accel=kvm,type=pc-i440fx-7.2,smm=off -incoming defer");
	becomes(rest, "qemu -machine accel=kvm -incoming defer");
	becomes(again, "qemu -machine pc-i440fx-7.2 -incoming defer");
}

static void descriptors_refused(void **state)
{
	char *tap[] = { "qemu", "-netdev", "tap,id=n,fd=7", NULL };
	char *add[] = { "qemu", "-add-fd", "fd=9,set=1", NULL };
	char *not[] = { "qemu", "-name", "a,,fd=7", NULL };
	struct guest_conf c = conf_of(tap);

	(void)state;
	assert_null(guest_args(&c, "/", &diag));
	assert_int_equal(diag.items[0].code, HO_EGUESTARGS);
	c = conf_of(add);
	assert_null(guest_args(&c, "/", &diag));
	becomes(not, "qemu -name a,,fd=7 -machine pc-i440fx-7.2 -incoming defer");
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
	/* a real and another effective user: which one opened what? */
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
	char *plain[] = { "qemu", NULL };
	char *runas[] = { "qemu", "-runas", "nobody", NULL };
	char *with[] = { "qemu", "--run-with", "chroot=/x,user=nobody", NULL };
	struct guest_process p, again = { 0 };
	struct json_object *o;
	const char *path = getenv("PATH");
	int i;

	(void)state;
	assert_int_equal(guest_process_read(&p, getpid(), plain, &diag), 0);
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
	assert_int_equal(guest_process_read(&p, getpid(), runas, &diag), 0);
	assert_int_equal(p.uid | p.gid | p.group_count, 0);
	guest_process_free(&p);
	assert_true(guest_args_change_user(with));
	assert_false(guest_args_change_user(plain));
	assert_int_equal(guest_process_read(&p, 1 << 30, plain, &diag),
			 -HO_EPROCESS);
	guest_process_free(&p);
}

static void read_back(void **state)
{
	char *args[] = { "qemu", "-name", "\"quoted\" \\ \xc3\xa4", NULL };
	struct guest_conf c = conf_of(args), again;
	char *text = guest_conf_write(&c, &diag);

	(void)state;
	assert_non_null(text);
	assert_int_equal(guest_conf_read(&again, text, strlen(text), &diag),
			 0);
	assert_int_equal(again.backend_count, 2);
	assert_string_equal(again.backends[1].id, "more");
	assert_true(again.backends[1].address == c.backends[1].address);
	assert_true(again.running);
	assert_string_equal(again.args[2], args[2]);
	assert_string_equal(again.monitor, c.monitor);
	assert_false(again.has_process);
	guest_conf_free(&again);
	free(text);
	/* with the process: what a reader of version 1 must refuse */
	assert_int_equal(guest_process_read(&c.process, getpid(), args, &diag),
			 0);
	c.has_process = true;
	text = guest_conf_write(&c, &diag);
	assert_non_null(strstr(text, "\"version\":2"));
	assert_int_equal(guest_conf_read(&again, text, strlen(text), &diag),
			 0);
	assert_true(again.has_process);
	assert_int_equal(again.process.env_count, c.process.env_count);
	guest_conf_free(&again);
	guest_process_free(&c.process);
	free(text);
}

static void refused(const char *text)
{
	struct guest_conf c;

	setup(NULL);
	assert_int_equal(guest_conf_read(&c, text, strlen(text), &diag),
			 -HO_EGUESTCONF);
	assert_int_equal(diag.items[0].code, HO_EGUESTCONF);
}

#define REST "\"program\":\"p\",\"directory\":\"/\",\"monitor\":\"m\"," \
	"\"running\":true,\"qemu\":\"7.2\",\"args\":[\"q\"]"
#define BACKEND(id, address, bytes) "\"backends\":[{\"id\":\"" id \
	"\",\"address\":" address ",\"bytes\":" bytes "}]"

static void bad_confs(void **state)
{
	struct guest_conf c;
	const char good[] = "{\"version\":1,\"machine\":\"pc\"," REST ","
			    BACKEND("ram", "4096", "8192") "}";

	(void)state;
	assert_int_equal(guest_conf_read(&c, good, strlen(good), &diag), 0);
	guest_conf_free(&c);
	refused("");
	refused("[]");
	refused("{\"version\":1");
	refused("{\"version\":0,\"machine\":\"pc\"," REST ","
		BACKEND("ram", "4096", "8192") "}");
	refused("{\"version\":3,\"machine\":\"pc\"," REST ","
		BACKEND("ram", "4096", "8192") "}");
	/* version 2 says whose process it is */
	refused("{\"version\":2,\"machine\":\"pc\"," REST ","
		BACKEND("ram", "4096", "8192") "}");
	refused("{\"version\":1,\"machine\":\"pc,x\"," REST ","
		BACKEND("ram", "4096", "8192") "}");
	refused("{\"version\":1,\"machine\":\"pc\"," REST ","
		BACKEND("../ram", "4096", "8192") "}");
	refused("{\"version\":1,\"machine\":\"pc\"," REST ","
		BACKEND("ram", "1", "8192") "}");
	refused("{\"version\":1,\"machine\":\"pc\"," REST ","
		BACKEND("ram", "4096", "0") "}");
	refused("{\"version\":1,\"machine\":\"pc\"," REST
		",\"backends\":[]}");
	refused("{\"version\":1,\"machine\":\"pc\"," REST "}");
	refused("{\"version\":1,\"machine\":\"pc\",\"args\":[7]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(backends_replaced, setup),
		cmocka_unit_test_setup(machine_named, setup),
		cmocka_unit_test_setup(descriptors_refused, setup),
		cmocka_unit_test_setup(processes, setup),
		cmocka_unit_test_setup(statuses, setup),
		cmocka_unit_test_setup(own_process, setup),
		cmocka_unit_test_setup(read_back, setup),
		cmocka_unit_test_setup(bad_confs, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
