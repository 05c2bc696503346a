// SPDX-License-Identifier: MIT
/*
 * test_guest.c - what is kept of a QEMU guest, written and read back, and the
 * command line that starts it again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "guestconf.h"
#include "guestopts.h"
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
		"-object rng-random,id=rng -m 1G -S -incoming defer");
}

static void machine_named(void **state)
{
	char *none[] = { "qemu", "-m", "1G", NULL };
	char *typed[] = { "qemu", "-machine", "accel=kvm,type=q35,smm=off",
			  NULL };
	char *rest[] = { "qemu", "-machine", "accel=kvm", NULL };
	char *again[] = { "qemu", "-machine", "pc-i440fx-7.2", "-incoming",
			  "defer", NULL };
	char *smbios[] = { "qemu", "-machine",
			   "smbios-entry-point-type=64,type=q35", NULL };
	char *like[] = { "qemu", "-M", "pc,x=a,,type=b,xtype=c", NULL };
	char *two[] = { "qemu", "-M", "q35", "-machine", "smm=off", NULL };
	char *value[] = { "qemu", "-append", "-S", "-name", "-machine", "-S",
			  "-hda", "-incoming", NULL };

	(void)state;
	becomes(none, "qemu -m 1G -machine pc-i440fx-7.2 -S -incoming defer");
	becomes(typed, "qemu -machine accel=kvm,type=pc-i440fx-7.2,smm=off -S -incoming defer");
	/* a newer QEMU's default would be a newer machine */
	becomes(rest, "qemu -machine accel=kvm -machine pc-i440fx-7.2 -S -incoming defer");
	becomes(again, "qemu -machine pc-i440fx-7.2 -S -incoming defer");
	becomes(smbios, "qemu -machine smbios-entry-point-type=64,type=pc-i440fx-7.2 -S -incoming defer");
	becomes(like, "qemu -M pc-i440fx-7.2,x=a,,type=b,xtype=c -S -incoming defer");
	becomes(two, "qemu -M pc-i440fx-7.2 -machine smm=off -S -incoming defer");
	becomes(value, "qemu -append -S -name -machine -hda -incoming -machine pc-i440fx-7.2 -S -incoming defer");
}

/* Nobody has to connect before the guest goes on. */
static void nobody_waited_for(void **state)
{
	char *waits[] = { "qemu", "-M", "pc", "-serial", "unix:/s,server",
			  "-monitor", "mon:tcp::1,server=on,wait", "-qmp",
			  "unix:/q,server=on", "-chardev",
			  "socket,id=c,path=/c,server=yes", NULL };
	char *not[] = { "qemu", "-M", "pc", "-serial", "unix:/s,server,nowait",
			"-serial", "unix:/s,server,wait=off", "-serial",
			"unix:/s,server=on,noserver", "-serial", "tcp::1",
			"-serial", "file:/s,server", "-chardev",
			"socket,id=c,path=/c,server=on,wait=on,wait=no",
			"-chardev", "socket,id=d,path=/d,server=off",
			"-chardev", "null,id=e", "-name", "unix:a,server",
			NULL };

	(void)state;
	becomes(waits, "qemu -M pc-i440fx-7.2 -serial unix:/s,server,wait=off "
		"-monitor mon:tcp::1,server=on,wait,wait=off -qmp unix:/q,server=on,wait=off "
		"-chardev socket,id=c,path=/c,server=yes,wait=off -S -incoming defer");
	becomes(not, "qemu -M pc-i440fx-7.2 -serial unix:/s,server,nowait "
		"-serial unix:/s,server,wait=off -serial unix:/s,server=on,noserver "
		"-serial tcp::1 -serial file:/s,server "
		"-chardev socket,id=c,path=/c,server=on,wait=on,wait=no "
		"-chardev socket,id=d,path=/d,server=off -chardev null,id=e "
		"-name unix:a,server -S -incoming defer");
}

/* The name of the memory in the device state is not that of the file. */
static void backend_keeps_its_name(void **state)
{
	char *off[] = { "qemu", "-object", "memory-backend-memfd,id=ram,size=1G,x-use-canonical-path-for-ramblock-id=off",
			NULL };
	char *json[] = { "qemu", "-object", "{\"qom-type\":\"memory-backend-memfd\",\"id\":\"more\",\"x-use-canonical-path-for-ramblock-id\":false}",
			 NULL };

	(void)state;
	becomes(off, "qemu -object memory-backend-file,id=ram,mem-path=/dev/baton/one.ram,size=1073741824,share=on,align=2M,x-use-canonical-path-for-ramblock-id=off -machine pc-i440fx-7.2 -S -incoming defer");
	becomes(json, "qemu -object memory-backend-file,id=more,mem-path=/dev/baton/one.more,size=2097152,share=on,align=2M,x-use-canonical-path-for-ramblock-id=false -machine pc-i440fx-7.2 -S -incoming defer");
}

/* A second start: refused with this code and this text, or (0) not. */
static void second_start(int code, const char *text, char *option,
			 char *value)
{
	char *args[] = { "qemu", "-m", "1G", option, value, NULL };
	struct guest_conf c = conf_of(args);

	setup(NULL);
	assert_int_equal(guest_args_check(&c, &diag), -code);
	if (!code)
		return;
	assert_int_equal(diag.items[0].code, code);
	assert_non_null(strstr(diag.items[0].where, text));
}

static void descriptors_refused(void **state)
{
	static char *const inherited[][2] = {
		{ "-netdev", "tap,id=n,fd=7" },
		{ "--netdev", "tap,id=n,fds=7:8" },
		{ "-netdev", "tap,id=n,vhostfd=7" },
		{ "-netdev", "tap,id=n,vhostfds=7:8" },
		{ "-netdev", "{\"type\":\"tap\",\"fd\":\"5\"}" },
		{ "-netdev", "{\"type\":\"tap\",\"vhostfds\":\"5\"}" },
		{ "-netdev", "stream,id=n,addr.type=fd,addr.str=5" },
		{ "-netdev", "{\"type\":\"stream\",\"addr\":{\"type\":\"fd\",\"str\":\"5\"}}" },
		{ "-net", "tap,fd=7" }, { "-nic", "tap,fd=7" },
		{ "-net", "socket,fd=7" },
		{ "-device", "vhost-vsock-pci,vhostfd=5" },
		{ "-device", "{\"driver\":\"vhost-vsock-pci\",\"vhostfd\":\"5\"}" },
		{ "-device", "{\"driver\":\"x\",\"vhostfd\":5}" },
		{ "-object", "{\"qom-type\":\"x\",\"a\":[{\"fd\":\"5\"}]}" },
		{ "-chardev", "socket,id=c,fd=5" },
		{ "-chardev", "file,id=c,path=/dev/fdset/2" },
		{ "-fsdev", "proxy,id=f,sock_fd=5" },
		{ "-blockdev", "driver=file,node-name=a,filename=/dev/fdset/1" },
		{ "-blockdev", "{\"driver\":\"nbd\",\"server\":{\"type\":\"fd\",\"str\":\"x\"}}" },
		{ "-drive", "if=none,file=json:{\"driver\":\"nbd\",,\"server\":{\"type\":\"fd\"}}" },
		{ "-drive", "file=/dev/fd/63" }, { "-kernel", "/dev/fd/63" },
		{ "-hda", "/proc/self/fd/9" }, { "-add-fd", "fd=9,set=1" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(inherited) / sizeof(inherited[0]); i++)
		second_start(HO_EGUESTARGS, inherited[i][0] +
			     strspn(inherited[i][0], "-"),
			     inherited[i][0], inherited[i][1]);
	second_start(HO_EGUESTARGS, "cannot be read", "-device", "{\"driver");
	second_start(HO_EGUESTARGS, "JSON", "-machine", "{\"type\":\"pc\"}");
	second_start(0, NULL, "-name", "a,,fd=7");
	second_start(0, NULL, "-append", "fd=7 root=/dev/fd/3");
	second_start(0, NULL, "-append", "-snapshot");
	second_start(0, NULL, "-hda", "a,fd=7");
	second_start(0, NULL, "-hda", "{a");
	second_start(0, NULL, "-incoming", "fd:7");
	second_start(0, NULL, "-netdev", "tap,id=fd,ifname=fd");
	second_start(0, NULL, "-device", "{\"driver\":\"fd\",\"type\":\"x\"}");
}

static void of_one_start_refused(void **state)
{
	(void)state;
	second_start(HO_EGUESTONCE, "-snapshot", "-snapshot", NULL);
	second_start(HO_EGUESTONCE, "-snapshot", "--snapshot", "-S");
	second_start(HO_EGUESTONCE, "-loadvm s1", "-loadvm", "s1");
	second_start(HO_EGUESTONCE, "-preconfig", "--preconfig", NULL);
	second_start(HO_EGUESTONCE, "-readconfig", "-readconfig", "vm.cfg");
	second_start(HO_EGUESTONCE, "-drive", "-drive", "file=a,snapshot=on");
	second_start(HO_EGUESTONCE, "-drive", "-drive", "file=a,snapshot");
	second_start(HO_EGUESTONCE, "-icount", "-icount",
		     "shift=7,rr=record,rrfile=r");
	second_start(HO_EGUESTONCE, "-object", "-object",
		     "secret_keyring,id=s,serial=5");
	second_start(0, NULL, "-drive", "file=a,snapshot=off");
	second_start(0, NULL, "-drive", "file=a,snapshot=on,snapshot=off");
	second_start(0, NULL, "-drive", "file=snapshot=on");
	second_start(0, NULL, "-icount", "shift=7,rr=none");
	second_start(0, NULL, "-loadvmx", NULL);
	second_start(0, NULL, "-daemonize", NULL);
	second_start(0, NULL, "-S", NULL);
	second_start(0, NULL, "-object", "secret,id=secret_keyring");
}

/* What a user's process says of itself: nobody becomes root by it. */
static void of_root_refused(void **state)
{
	static char *const root[][2] = {
		{ "-runas", "nobody" }, { "--runas", "7:7" },
		{ "-run-with", "chroot=/x,user=nobody" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(root); i++) {
		char *args[] = { "qemu", root[i][0], root[i][1], NULL };
		struct guest_conf c = conf_of(args);

		setup(NULL);
		assert_int_equal(guest_args_check(&c, &diag), 0);
		c.process.uid = 107;
		assert_int_equal(guest_args_check(&c, &diag), -HO_EGUESTPROC);
	}
	second_start(0, NULL, "-run-with", "async-teardown=on");
}

struct seen {
	char text[512];
};

static bool note(void *context, const char *key, const char *text)
{
	struct seen *s = context;
	size_t at = strlen(s->text);

	snprintf(s->text + at, sizeof(s->text) - at, "%s=%s;", key, text);
	return !strcmp(text, "end");
}

static void values_read(const char *value, bool ended, const char *want)
{
	struct seen s = { "" };

	assert_int_equal(guest_value_each(value, note, &s), ended);
	assert_string_equal(s.text, want);
}

static void options(void **state)
{
	char *args[] = { "qemu", "-S", "--m", "1G", "a.img", "-append", "-S",
			 "-", "-last", NULL };
	static const char *const want[][2] = {
		{ "S", NULL }, { "m", "1G" }, { "", "a.img" },
		{ "append", "-S" }, { "", "-" }, { "last", NULL },
	};
	struct guest_option o;
	int at = 1, i;
	char *text;

	(void)state;
	for (i = 0; guest_option_next(args, &at, &o); i++) {
		assert_string_equal(o.name, want[i][0]);
		if (want[i][1])
			assert_string_equal(o.value, want[i][1]);
		else
			assert_null(o.value);
	}
	assert_int_equal(i, 6);
	values_read(NULL, false, "");
	values_read("", false, "");
	values_read("a", false, "=a;");
	values_read("a,,b,c=d,,e=f,,,g", false, "=a,b;c=d,e=f,;=g;");
	values_read("a=1,b=end,c=2", true, "a=1;b=end;");
	values_read("{\"a\":{\"b\":[1,{\"c\":true}]},\"d\":\"x,y\"}", false,
		    "a.b=1;a.b.c=true;d=x,y;");
	values_read("{\"a\":", false, "");
	values_read("id=x,file=json:{\"a\":1,,\"b\":{\"c\":2}}", false,
		    "id=x;file.a=1;file.b.c=2;");
	values_read("file=json:{broken", false, "file=json:{broken;");
	text = guest_value_get("a=1,b=2,a=3", "a");
	assert_string_equal(text, "3");
	free(text);
	assert_null(guest_value_get("ab=1,c=b", "b"));
	assert_true(guest_value_is("{\"id\":\"x\"}", "id", "x"));
	assert_false(guest_value_is("{\"a\":{\"id\":\"x\"}}", "id", "x"));
	assert_true(guest_value_has("{\"a\":{\"id\":\"x\"}}", "x"));
	assert_true(guest_value_is_good("{}"));
	assert_false(guest_value_is_good("{]"));
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
	assert_int_equal(guest_process_read(&c.process, getpid(), &diag),
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

/* Interfaces that QEMU is to find: names of files. */
static void bad_bridges(void **state)
{
	static const char *const bad[] = { "7", "{}", "[7]", "[\"\"]",
		"[\"..\"]", "[\"a/b\"]", "[\"sixteen-bytes-it-\"]",
		"[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\","
		"\"9\",\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\"]" };
	static const char form[] = "{\"version\":1,\"machine\":\"pc\"," REST ","
		BACKEND("ram", "4096", "8192") ",\"bridges\":%s}";
	struct guest_conf c;
	char text[1024];
	size_t i;

	(void)state;
	snprintf(text, sizeof(text), form, "[\"br0\",\"fifteen-bytes--\"]");
	setup(NULL);
	assert_int_equal(guest_conf_read(&c, text, strlen(text), &diag), 0);
	assert_int_equal(c.bridge_count, 2);
	assert_string_equal(c.bridges[1], "fifteen-bytes--");
	guest_conf_free(&c);
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		snprintf(text, sizeof(text), form, bad[i]);
		refused(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(backends_replaced, setup),
		cmocka_unit_test_setup(machine_named, setup),
		cmocka_unit_test_setup(backend_keeps_its_name, setup),
		cmocka_unit_test_setup(nobody_waited_for, setup),
		cmocka_unit_test_setup(descriptors_refused, setup),
		cmocka_unit_test_setup(of_one_start_refused, setup),
		cmocka_unit_test_setup(of_root_refused, setup),
		cmocka_unit_test_setup(options, setup),
		cmocka_unit_test_setup(read_back, setup),
		cmocka_unit_test_setup(bad_confs, setup),
		cmocka_unit_test_setup(bad_bridges, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
