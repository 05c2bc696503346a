// SPDX-License-Identifier: MIT
/*
 * test_targetmodule.c - a target whose kernel has no baton_mem: what is known of
 * it before a guest is paused, what is refused, and what is only told.
 */
#include <json-c/json.h>

#include "cmocka_all.h"
#include "fakeguest.h"
#include "fakelibs.h"
#include "fakerun.h"
#include "real.h"
#include "testbzimage.h"

#define MFN		0x20000ull
#define RELEASE		"6.9.1-5+b1-amd64"
#define OWN_INITRD	"/boot/initrd.img-" RELEASE
#define SAME_ROOT	"--cmdline root=/dev/sda1"

static struct fake_guest *vm;
static pid_t process;

static int setup(void **state)
{
	fake_begin(state);
	vm = fake_guest_begin("vm");
	process = fake_process(MFN, 16);
	return 0;
}

static int teardown(void **state)
{
	fake_guest_end(vm);
	return fake_end(state);
}

static int run(const char *command, const char *options)
{
	return baton("%s --qemu %s --name vm --rehearse none %s", command,
		     vm->qmp.path, options);
}

/* A kernel of that release, which this host's root has the modules of. */
static void put_target(const char *modules)
{
	static uint8_t k[TEST_BZIMAGE_BYTES];

	test_bzimage_of(k, RELEASE, "#1 SMP");
	fake_put_bytes("/boot/new", k, sizeof(k));
	fake_put(OWN_INITRD, "packed\n");
	fake_put("/lib/modules/" RELEASE "/modules.dep", "%s", modules);
}

/* That target with its own initrd, or another; and more options. */
static const char *target(const char *initrd, const char *more)
{
	static char text[400];

	snprintf(text, sizeof(text), "--kernel %s", fake_path("/boot/new"));
	snprintf(text + strlen(text), sizeof(text) - strlen(text),
		 " --initrd %s %s", fake_path(initrd), more);
	return text;
}

/* By precheck, and by upgrade before anybody is touched. */
static void expect_refused(const char *options)
{
	expect_refusal(run("precheck", options), HO_EREFUSED);
	assert_non_null(strstr(baton_said(), "[HO_ETARGETMODULE]"));
	assert_non_null(strstr(baton_said(), "dkms autoinstall -k RELEASE"));
	fake_guest_untouched(vm);
	expect_refusal(run("upgrade", options), HO_ETARGETMODULE);
	assert_non_null(strstr(baton_complained(),
			       "vm: not in /lib/modules/" RELEASE));
	fake_machine->kills = 0;	/* keepers end */
	fake_guest_untouched(vm);
}

static void expect_answer(const char *options, const char *answer)
{
	struct json_object *o, *value = NULL;

	expect_ok(run("precheck --json", options));
	o = json_tokener_parse(baton_said());
	json_object_object_get_ex(o, "target_adopts", &value);
	assert_string_equal(json_object_get_string(value), answer);
	json_object_put(o);
}

/* A guest of KVM would stay kept where there is no baton_mem. */
static void target_without_module(void **state)
{
	(void)state;
	put_target("kernel/kvm.ko: kernel/irqbypass.ko\n"
		   "kernel/x.ko: updates/baton_mem.ko\nmy_baton_mem.ko:\n");
	expect_refused(target(OWN_INITRD, SAME_ROOT));
	run("precheck --json", target(OWN_INITRD, SAME_ROOT));
	assert_non_null(strstr(baton_said(), "\"target_adopts\":\"no\""));
	expect_refused(target("/boot/x", SAME_ROOT " --initrd none"));
	/* a holder's frames need nothing there */
	expect_ok(baton("precheck --pid %d --map memfd:guest --name one %s",
			(int)process, target(OWN_INITRD, SAME_ROOT)));
	assert_null(strstr(baton_said(), "baton_mem"));
}

static void target_with_module(void **state)
{
	(void)state;
	put_target("kernel/kvm.ko:\nupdates/dkms/baton_mem.ko.xz:\n");
	expect_answer(target(OWN_INITRD, SAME_ROOT), "yes");
	put_target("kernel/kvm.ko:\n");
	fake_put("/lib/modules/" RELEASE "/modules.builtin",
		 "kernel/virt/baton_mem.ko\n");
	expect_answer(target(OWN_INITRD, SAME_ROOT), "yes");
	fake_remove("/lib/modules/" RELEASE "/modules.builtin");
	fake_put("/boot/other", "070701 lib/baton_mem.ko");
	expect_answer(target("/boot/other", SAME_ROOT), "yes");
	expect_said(run("precheck", target("/boot/other", SAME_ROOT)),
		    "host: yes");
	assert_null(strstr(baton_said(), "baton_mem"));
}

/* Another root, or one of which nothing is here, may have it: it is told. */
static void target_unknown(void **state)
{
	(void)state;
	put_target("kernel/kvm.ko:\n");
	expect_answer(target(OWN_INITRD, "--cmdline root=/dev/sdb1"),
		      "not known");
	expect_answer(target(OWN_INITRD, ""), "not known");
	fake_put("/boot/other", "packed\n");
	expect_answer(target("/boot/other", SAME_ROOT), "not known");
	fake_remove("/lib/modules/" RELEASE "/modules.dep");
	expect_answer(target(OWN_INITRD, SAME_ROOT), "not known");
	expect_said(run("precheck", target(OWN_INITRD, SAME_ROOT)),
		    "not known: has the target, " RELEASE " baton_mem?");
	/* a kernel that names no release */
	run("precheck", target("/boot/initrd.img", "--kernel /nowhere"));
	assert_non_null(strstr(baton_said(),
			       "not known: has the target baton_mem?"));
	fake_guest_untouched(vm);
	assert_int_equal(run("upgrade", target(OWN_INITRD, SAME_ROOT)),
			 FAKE_JUMPED);
	assert_non_null(strstr(baton_complained(),
			       "not known: has the target, "));
}

#define WITH(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(target_without_module), WITH(target_with_module),
		WITH(target_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
