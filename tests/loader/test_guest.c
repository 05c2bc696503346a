// SPDX-License-Identifier: MIT
/*
 * test_guest.c - what is kept of a QEMU guest, written and read back, and the
 * command line that starts it again.
 */
#include <stdlib.h>
#include <string.h>

#include "guestconf.h"
#include "tests/unit/cmocka_all.h"

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
	guest_args_free(args);
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
	guest_conf_free(&again);
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
		cmocka_unit_test_setup(read_back, setup),
		cmocka_unit_test_setup(bad_confs, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
