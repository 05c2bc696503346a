// SPDX-License-Identifier: MIT
/*
 * test_mend.c - what came while a QEMU guest ran, and is told by the kernel as
 * much as by QEMU: taps and vhost. The rest is tried with real ones
 * (tests/qemu/run).
 */
#include <stdio.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fakeguest.h"
#include "fakerun.h"
#include "qemu.h"

#define TAP_OF(id, n, more) \
	id ": index=0,type=tap,ifname=" n ",script=/etc/up,downscript=no\\r\\n" more
#define NIC "nic0: index=0,type=nic,model=virtio\\r\\n"
#define IN(id, n, vnet, more) "{\"type\":\"tap\",\"id\":\"" id "\",\"ifname\":\"" \
	n "\",\"script\":\"/etc/up\",\"downscript\":\"no\",\"vnet_hdr\":" vnet more "}"

static struct fake_guest *vm;
static struct diag_log diag;

static int setup(void **state)
{
	fake_begin(state);
	diag_init(&diag, HO_STAGE_LOADER);
	vm = fake_guest_begin("vm");
	fake_put("/sys/class/net/tap0/tun_flags", "0x5002\n");
	fake_put("/sys/class/net/tap1/tun_flags", "0x1102\n");
	fake_put("/sys/class/net/tun0/tun_flags", "0x1001\n");
	return 0;
}

static int teardown(void **state)
{
	fake_guest_end(vm);
	return fake_end(state);
}

/* Descriptors of /dev/vhost-net, so many. */
static void have_vhost(int count)
{
	char path[64];
	int i;

	for (i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d",
			 (int)vm->qmp.pid, 20 + i);
		fake_remove(path);
		if (i < count)
			fake_link(path, "/dev/vhost-net");
	}
}

static void have_option(const char *netdev)
{
	char args[512];

	snprintf(args, sizeof(args),
		 "qemu -machine q35,memory-backend=ram -m 2M -object "
		 "memory-backend-file,id=ram,size=2M,mem-path=/dev/hugepages,share=on "
		 "-qmp unix:%s,server=on,wait=off%s%s", vm->qmp.path,
		 netdev ? " -netdev " : "", netdev ?: "");
	fake_guest_args(vm, args);
}

/* Opens it, and returns its last argument, or "" and the error's code. */
static const char *last_argument(int *code)
{
	static char text[512];
	struct qemu q;

	*code = -qemu_open(&q, vm->qmp.path, true, &diag);
	if (*code)
		return "";
	snprintf(text, sizeof(text), "%s", q.conf.args[q.conf.arg_count - 1]);
	qemu_close(&q);
	return text;
}

static void taps(void **state)
{
	static const struct {
		const char *network, *option;
		int vhost;
		const char *added;	/* NULL: refused */
	} cases[] = {
		{ TAP_OF("n", "tap0", NIC), NULL, 0, IN("n", "tap0", "true", "") },
		/* its NIC has the same name, two queues */
		{ TAP_OF("nic0", "tap1", NIC
			 " \\\\ nic0: index=1,type=tap,ifname=tap1,script=/etc/up,downscript=no\\r\\n"),
		  NULL, 0, IN("nic0", "tap1", "false", ",\"queues\":2") },
		{ TAP_OF("n", "tap0", ""), NULL, 1,
		  IN("n", "tap0", "true", ",\"vhost\":true") },
		/* vhost is the option's, or its and this one's, or nobody knows */
		{ "o: index=0,type=tap,x\\r\\n" TAP_OF("n", "tap0", ""),
		  "tap,id=o,vhost=on", 1, IN("n", "tap0", "true", "") },
		{ "o: index=0,type=tap,x\\r\\n" TAP_OF("n", "tap0", ""),
		  "tap,id=o,vhost=on", 2,
		  IN("n", "tap0", "true", ",\"vhost\":true") },
		{ "o: index=0,type=tap,x\\r\\n" TAP_OF("n", "tap0", ""),
		  "tap,id=o,vhost=on,queues=2", 1, NULL },
		{ TAP_OF("n", "tap0", TAP_OF("n2", "tap1", "")), NULL, 1, NULL },
		{ TAP_OF("n", "tap0", TAP_OF("n2", "tap1", "")), NULL, 2,
		  IN("n2", "tap1", "false", ",\"vhost\":true") },
		/* it went, and its vhost with it */
		{ TAP_OF("n", "tap0", ""), "tap,id=o,vhost=on", 0,
		  IN("n", "tap0", "true", "") },
		/* of another namespace; no tap; a name that is a path */
		{ TAP_OF("n", "tap7", ""), NULL, 0, NULL },
		{ TAP_OF("n", "tun0", ""), NULL, 0, NULL },
		{ TAP_OF("n", "../net/tap0", ""), NULL, 0, NULL },
		{ "n: index=0,type=tap,fd=9\\r\\n", NULL, 0, NULL },
		{ "n: index=0,type=bridge,helper=/usr/lib/h,br=br0\\r\\n", NULL, 0,
		  "{\"type\":\"bridge\",\"id\":\"n\",\"helper\":\"/usr/lib/h\",\"br\":\"br0\"}" },
		{ "n: index=0,type=bridge,br=br0\\r\\n", NULL, 0, NULL },
		{ "n: index=0,type=user,net=10.0.2.0,restrict=off\\r\\n", NULL, 0,
		  NULL },
	};
	char text[900];
	size_t i;
	int code;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		print_message("  %s\n", cases[i].network);
		fake_guest_no_rules(vm);
		snprintf(text, sizeof(text), "\"%s\"", cases[i].network);
		fake_guest_rule(vm, "info network", FAKE_ANSWER, text);
		have_option(cases[i].option);
		have_vhost(cases[i].vhost);
		assert_string_equal(last_argument(&code), cases[i].added ?: "");
		assert_int_equal(code, cases[i].added ? 0 : HO_EGUESTDIFF);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(taps, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
