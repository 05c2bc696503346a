// SPDX-License-Identifier: MIT
/*
 * test_qemunode.c - whether a file, under the name that QEMU has for it, is what
 * an option of a disk says.
 */
#include "qemulook.h"
#include "cmocka_all.h"

static struct qemu *with(char **args)
{
	static struct qemu q;

	q.conf.args = args;
	q.conf.directory = (char *)"/proc/self";
	return &q;
}

static void names_of_files(void **state)
{
	char *args[] = { "qemu", NULL };
	struct qemu *q = with(args);

	(void)state;
	assert_true(qemu_is_named(q, "if=none,file=a.img", "a.img"));
	assert_true(qemu_is_named(q, "file=a,,b.img", "a,b.img"));
	assert_false(qemu_is_named(q, "file=aa.img", "a.img"));
	assert_false(qemu_is_named(q, "file=/x/a.img", "a.img"));
	assert_true(qemu_is_named(q, "file=fat:/x", "/x"));
	assert_false(qemu_is_named(q, "file=b.img", "a.img"));
	/* the same file by another name, from its directory */
	assert_true(qemu_is_named(q, "file=./status", "status"));
	assert_true(qemu_is_named(q, "file=/proc/self/status", "status"));
	assert_false(qemu_is_named(q, "file=stat", "status"));
}

#define RAW(file, backing) "json:{\"driver\":\"qcow2\",\"offset\":\"512\",\"file\":{\"driver\":\"file\",\"filename\":\"" \
	file "\"},\"backing\":{\"file\":{\"filename\":\"" backing "\"}}}"

static void names_in_json(void **state)
{
	char *args[] = { "qemu", NULL };
	struct qemu *q = with(args);

	(void)state;
	assert_true(qemu_is_named(q, "offset=512,file.filename=a",
				  RAW("a", "base")));
	assert_false(qemu_is_named(q, "offset=512,file.filename=b",
				   RAW("a", "b")));
	assert_true(qemu_is_named(q, "file=json:{\"file\":{\"filename\":\"a,,b\"}}",
				  RAW("a,b", "base")));
	assert_false(qemu_is_named(q, "file=a", "json:{\"driver\":\"nbd\",\"server\":{\"host\":\"h\"},\"export\":\"a\"}"));
	assert_true(qemu_is_named(q, "driver=nbd,server.host=h,export=a",
				  "json:{\"driver\":\"nbd\",\"server\":{\"type\":\"inet\",\"host\":\"h\"},\"export\":\"a\"}"));
}

static void names_of_the_network(void **state)
{
	char *args[] = { "qemu", NULL };
	struct qemu *q = with(args);

	(void)state;
	assert_true(qemu_is_named(q, "file=nbd:host:10809:exportname=x",
				  "nbd://host:10809/x"));
	assert_true(qemu_is_named(q, "driver=nbd,host=host,port=10809",
				  "nbd://host:10809"));
	assert_true(qemu_is_named(q, "file=nbd:unix:/run/a",
				  "nbd+unix:///?socket=/run/a"));
	assert_false(qemu_is_named(q, "file=nbd:host:10809:exportname=x",
				   "nbd://host:10809/y"));
	assert_false(qemu_is_named(q, "file=nbd:unix:/run/a",
				   "nbd+unix:///?socket=/run/b"));
	assert_false(qemu_is_named(q, "file=nbd:host:1", "/etc/host"));
}

/* -blockdev by its node's name, and in each other; a circle ends. */
static void names_by_nodes(void **state)
{
	char *args[] = {
		"qemu", "-blockdev", "driver=file,node-name=f,filename=a",
		"-blockdev", "{\"driver\":\"raw\",\"node-name\":\"n\",\"file\":\"f\"}",
		"-blockdev", "driver=file,node-name=other,filename=b",
		"-blockdev", "driver=qcow2,node-name=top,file=other,backing=n",
		"-blockdev", "driver=raw,node-name=c1,file=c2",
		"-blockdev", "driver=raw,node-name=c2,file=c1", NULL,
	};
	struct qemu *q = with(args);

	(void)state;
	assert_true(qemu_is_named(q, args[4], "a"));
	assert_false(qemu_is_named(q, args[4], "b"));
	assert_true(qemu_is_named(q, args[8], "b"));
	assert_false(qemu_is_named(q, args[8], "a"));
	assert_false(qemu_is_named(q, args[10], "a"));
	assert_true(qemu_has_id(with((char *[]){ "q", "-device",
		"{\"id\":\"x\"}", NULL }), "device", "x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_files),
		cmocka_unit_test(names_in_json),
		cmocka_unit_test(names_of_the_network),
		cmocka_unit_test(names_by_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
