// SPDX-License-Identifier: MIT
/*
 * test_adoptearly.c - what of a guest's QEMU may not be there yet in an initramfs: taps,
 * and files in folders that systemd empties.
 */
#include "adoptearly.h"
#include "cmocka_all.h"

static struct guest_conf conf;

/* 0: it may go on now. */
static int may(const char *option, const char *value)
{
	char *args[] = { "qemu", (char *)option, (char *)value, NULL };
	struct diag_log diag;
	int rc;

	diag_init(&diag, HO_STAGE_LOADER);
	conf.args = args;
	rc = adopt_early_places(&conf, &diag);
	conf.args = NULL;
	assert_int_equal(diag.total, rc ? 1 : 0);
	return rc;
}

static int setup(void **state)
{
	(void)state;
	conf = (struct guest_conf){ .directory = "/", .monitor = "/run/vm.qmp" };
	return 0;
}

static void taps(void **state)
{
	(void)state;
	assert_int_equal(may("-netdev", "tap,id=n,ifname=lo,script=no"), 0);
	assert_int_equal(may("-nic", "tap,ifname=lo,script=no"), 0);
	assert_int_equal(may("-netdev", "{\"type\":\"tap\",\"id\":\"n\",\"ifname\":\"lo\",\"script\":\"no\"}"),
			 0);
	assert_int_equal(may("-netdev", "user,id=n"), 0);
	/* a QEMU of root's would make it, in no bridge */
	assert_int_equal(may("-netdev", "tap,id=n,ifname=no-such-tap,script=no"),
			 -HO_EADOPT);
	assert_int_equal(may("--netdev", "tap,id=n,script=no"), -HO_EADOPT);
	/* the default script, and one of its own */
	assert_int_equal(may("-net", "tap,ifname=lo"), -HO_EADOPT);
	assert_int_equal(may("-nic", "type=tap,ifname=lo,script=/etc/up"),
			 -HO_EADOPT);
	assert_int_equal(may("-netdev", "{\"type\":\"tap\",\"id\":\"n\"}"),
			 -HO_EADOPT);
}

static void emptied(void **state)
{
	(void)state;
	assert_int_equal(may("-serial", "file:/run/vm.log"), 0);
	assert_int_equal(may("-drive", "file=https://host/tmp/x"), 0);
	assert_int_equal(may("-serial", "file:/tmp/vm.log"), -HO_EADOPT);
	assert_int_equal(may("-chardev", "socket,id=c,path=/var/tmp/../tmp/c"),
			 -HO_EADOPT);
	assert_int_equal(may("-pidfile", "/tmp"), -HO_EADOPT);
	conf.monitor = "/tmp/vm.qmp";
	assert_int_equal(may("-m", "1G"), -HO_EADOPT);
	conf.monitor = "/run/vm.qmp";
	conf.directory = "/tmp/vm";
	assert_int_equal(may("-m", "1G"), -HO_EADOPT);
	/* named from where it is */
	conf.directory = "/";
	assert_int_equal(may("-serial", "unix:run/vm.sock"), 0);
	assert_int_equal(may("-serial", "unix:tmp/vm.sock"), -HO_EADOPT);
	assert_int_equal(may("-serial", "unix:/tmp/vm.sock,server=on"),
			 -HO_EADOPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(taps, setup),
		cmocka_unit_test_setup(emptied, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
