// SPDX-License-Identifier: MIT
/*
 * test_install.c - baton install into a folder that stands for a system:
 * targets follow each other, the same once more changes nothing, what fails
 * leaves no trace. GRUB itself is on the disk of the boot tests.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "change.h"
#include "cmocka_all.h"
#include "install.h"
#include "util.h"

#define IMAGE_BYTES 8192

static struct diag_log diag;
static char root[] = "/tmp/test_install.XXXXXX", kernel[64], door[64];
static struct install in;

static void shell(const char *format)
{
	char command[256];

	assert_in_range(snprintf(command, sizeof(command), format, root), 1,
			sizeof(command) - 1);
	assert_int_equal(system(command), 0);
}

/* A kernel's header is enough for pack. */
static void write_kernel(void)
{
	uint8_t image[IMAGE_BYTES] = { [0x1f1] = 3, [0x1fe] = 0x55, 0xaa, 0xeb,
		0x6a, 'H', 'd', 'r', 'S', 0x0f, 0x02, [0x211] = 1,
		[0x216] = 0x10, [0x232] = 0x20, [0x234] = 1, [0x236] = 0x7f,
		[0x239] = 8, [0x25b] = 1, [0x263] = 3 };

	assert_int_equal(file_write(kernel, image, sizeof(image), &diag), 0);
	assert_int_equal(file_write(door, "door", 4, &diag), 0);
}

static int setup(void **state)
{
	(void)state;
	diag_init(&diag, HO_STAGE_LOADER);
	strcpy(root + sizeof(root) - 7, "XXXXXX");
	assert_non_null(mkdtemp(root));
	shell("mkdir -p %s/etc/grub.d %1$s/etc/default %1$s/boot");
	snprintf(kernel, sizeof(kernel), "%s/vmlinuz-1", root);
	snprintf(door, sizeof(door), "%s/door", root);
	write_kernel();
	in = (struct install){ .root = root, .door = door, .no_grub = true,
			       .pack = PACK_DEFAULTS };
	in.pack.kernel = kernel;
	in.pack.initrd = "none";
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	shell("rm -rf %s");
	return 0;
}

/* What lies in the system: kinds, modes, bytes, and times of files if asked. */
static char *listing(bool times)
{
	char command[256], *out = calloc(1, 16384);
	FILE *f;

	assert_non_null(out);
	snprintf(command, sizeof(command),
		 "cd %s && find . -printf '%%M %%p\\n' -type f -printf '%s' -exec sha1sum {} + | sort",
		 root, times ? "%T@ %p\\n" : "");
	f = popen(command, "r");
	assert_non_null(f);
	assert_true(fread(out, 1, 16383, f) > 0);
	pclose(f);
	return out;
}

static struct install_targets targets(void)
{
	struct install_targets t;
	char path[96], text[512] = "";

	snprintf(path, sizeof(path), "%s/boot/baton/targets", root);
	assert_true(text_read(path, text, sizeof(text)));
	install_targets_parse(&t, text);
	return t;
}

static void install(const char *cmdline)
{
	in.pack.cmdline = cmdline;
	assert_int_equal(install_run(&in, &diag), 0);
	assert_int_equal(diag.total, 0);
}

static bool there(const char *id)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/boot/baton/%s/baton.cold", root, id);
	return !access(path, F_OK);
}

/* The folder of modules that the current target needs, "": none. */
static const char *modules(void)
{
	static char text[64];
	char path[128];

	snprintf(path, sizeof(path), "%s/boot/baton/%s/modules", root,
		 targets().current.id);
	*text = '\0';
	text_read(path, text, sizeof(text));
	return text;
}

static void with_modules(void **state)
{
	(void)state;
	install("one");
	assert_string_equal(modules(), "");
	shell("mkdir -p %s/lib/modules/1");
	install("one");
	assert_string_equal(modules(), "1");
	shell("rmdir %s/lib/modules/1");
	install("one");
	assert_string_equal(modules(), "");
}

/* The kernel's own, beside it; a panic at power-on without, unless told so. */
static void with_initrd(void **state)
{
	char before[INSTALL_ID_CHARS + 1];

	(void)state;
	install("one");
	strcpy(before, targets().current.id);
	in.pack.initrd = NULL;
	assert_int_equal(install_run(&in, &diag), -HO_EINITRD);
	assert_string_equal(targets().current.id, before);
	diag_init(&diag, HO_STAGE_LOADER);
	shell("echo 1st >%s/initrd.img-1");
	install("one");
	assert_string_not_equal(targets().current.id, before);
	shell("grep -q 1st %s/boot/baton/$(sed -n 's/current \\([^ ]*\\).*/\\1/p' %1$s/boot/baton/targets)/baton.cold");
	/* by a link; and a name of which nothing is known */
	shell("ln -s vmlinuz-1 %s/vmlinuz");
	kernel[strlen(kernel) - 2] = '\0';
	install("one");
	assert_string_equal(targets().current.what, "Linux 1");
	shell("rm %s/vmlinuz && mv %1$s/vmlinuz-1 %1$s/vmlinuz");
	assert_int_equal(install_run(&in, &diag), -HO_EINITRD);
}

static void in_turn(void **state)
{
	struct install_targets one, two, three;

	(void)state;
	install("one");
	one = targets();
	assert_string_equal(one.current.what, "Linux 1");
	assert_string_equal(one.previous.id, "");
	install("two");
	two = targets();
	assert_string_equal(two.previous.id, one.current.id);
	assert_true(there(one.current.id));
	install("three");
	three = targets();
	assert_string_equal(three.previous.id, two.current.id);
	assert_false(there(one.current.id));
	/* back to the previous one: they change places */
	install("two");
	assert_string_equal(targets().current.id, two.current.id);
	assert_string_equal(targets().previous.id, three.current.id);
}

static void once_more(void **state)
{
	char *before, *after;

	(void)state;
	in.as_default = INSTALL_DEFAULT_YES;
	install("one");
	before = listing(true);
	install("one");
	after = listing(true);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

/* Of two runs the second is refused, and takes nothing from the first; of a
 * run that was killed nothing stays; an admin's files do. */
static void left_over(void **state)
{
	char path[96];
	int fd;

	(void)state;
	install("one");
	shell("touch %s/etc/grub.d/11_baton.baton-abcdef");
	shell("mkdir %s/etc/default/grub.d && touch %1$s/etc/default/grub.d/zz-baton.cfg.backup");
	snprintf(path, sizeof(path), "%s/boot/baton", root);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(install_run(&in, &diag), -HO_EINSTALLING);
	shell("test -e %s/etc/grub.d/11_baton.baton-abcdef");
	close(fd);
	diag_init(&diag, HO_STAGE_LOADER);
	install("one");
	shell("test ! -e %s/etc/grub.d/11_baton.baton-abcdef");
	shell("test -e %s/etc/default/grub.d/zz-baton.cfg.backup");
}

/* Found out before it is packed. */
static void no_room(void **state)
{
	(void)state;
	shell("truncate -s 8T %s/initrd.img-1");
	in.pack.cmdline = "one";
	in.pack.initrd = NULL;
	assert_int_equal(install_run(&in, &diag), -HO_EFILE);
	assert_non_null(strstr(diag.items[0].where, "8.0 TiB needed"));
	shell("test ! -e %s/boot/baton");
}

/* Secure Boot: a default that GRUB would refuse is none. */
static void not_signed(void **state)
{
	(void)state;
	shell("mkdir -p %s/sys/firmware/efi/efivars");
	shell("printf '\\6\\0\\0\\0\\1' >%s/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c");
	in.pack.cmdline = "one";
	in.as_default = INSTALL_DEFAULT_YES;
	assert_int_equal(install_run(&in, &diag), -HO_ESECUREBOOT);
	shell("test ! -e %s/boot/baton");
	diag_init(&diag, HO_STAGE_LOADER);
	in.as_default = INSTALL_DEFAULT_KEEP;
	install("one");
}

/* Somebody removed all but what makes it GRUB's default. */
static void default_alone(void **state)
{
	(void)state;
	in.as_default = INSTALL_DEFAULT_YES;
	install("one");
	shell("rm -r %s/boot/baton %1$s/etc/grub.d/11_baton");
	assert_int_equal(install_remove(&in, &diag), 0);
	shell("touch %s/etc/default/grub.d/baton.cfg");		/* 0.4.0's */
	assert_int_equal(install_remove(&in, &diag), 0);
	shell("test -z \"$(ls -A %s/etc/default/grub.d)\"");
	shell("test ! -e %s/boot/baton");
}

/* The file that 0.4.0 made the default with goes with the default. */
static void default_of_before(void **state)
{
	(void)state;
	install("one");
	shell("mkdir %s/etc/default/grub.d && touch %1$s/etc/default/grub.d/baton.cfg");
	install("two");
	shell("test -e %s/etc/default/grub.d/baton.cfg");
	in.as_default = INSTALL_DEFAULT_YES;
	install("two");
	shell("test ! -e %s/etc/default/grub.d/baton.cfg");
	shell("touch %s/etc/default/grub.d/baton.cfg");
	assert_int_equal(install_remove(&in, &diag), 0);
	shell("test ! -e %s/etc/default/grub.d/baton.cfg");
}

/* Images go when it is known that nothing names them. */
static void still_named(void **state)
{
	char one[INSTALL_ID_CHARS + 1], command[128];

	(void)state;
	install("one");
	strcpy(one, targets().current.id);
	install("two");
	shell("mkdir -p %s/boot/grub/grub.cfg");	/* cannot be read */
	install("three");
	assert_true(there(one));
	snprintf(command, sizeof(command),
		 "echo 'linux /boot/baton/%s/x' >%%s/boot/grub/custom.cfg",
		 one);
	shell("rmdir %s/boot/grub/grub.cfg && touch %1$s/boot/grub/grub.cfg");
	shell(command);
	install("three");
	assert_true(there(one));
	shell("rm %s/boot/grub/custom.cfg");
	install("three");
	assert_false(there(one));
}

static void and_away(void **state)
{
	char *before = listing(false), *after;

	(void)state;
	in.as_default = INSTALL_DEFAULT_YES;
	install("one");
	install("two");
	assert_int_equal(install_remove(&in, &diag), 0);
	assert_int_equal(install_remove(&in, &diag), 0);
	after = listing(false);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

/* A folder stands where each of the files should go. */
static void in_the_way(void **state)
{
	static const char *const ways[] = {
		"mkdir %s/etc/grub.d/11_baton",
		"mkdir -p %s/etc/default/grub.d/zz-baton.cfg",
		"mkdir -p %s/boot/baton/targets",
		"rm -r %s/boot && echo >%1$s/boot",
		"rm %s/door", "rm %s/vmlinuz-1 && echo >%1$s/vmlinuz-1",
	};
	char *before, *after;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(ways); i++) {
		in.as_default = INSTALL_DEFAULT_YES;
		in.pack.cmdline = "one";
		shell(ways[i]);
		before = listing(false);
		assert_true(install_run(&in, &diag) < 0);
		after = listing(false);
		assert_string_equal(before, after);
		free(before);
		free(after);
		teardown(state);
		setup(state);
	}
}

/* A later install that fails leaves the earlier one. */
static void second_fails(void **state)
{
	char *before, *after;

	(void)state;
	install("one");
	shell("rm %s/etc/grub.d/11_baton && mkdir %1$s/etc/grub.d/11_baton");
	before = listing(false);
	in.pack.cmdline = "two";
	assert_true(install_run(&in, &diag) < 0);
	after = listing(false);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void odd_targets(void **state)
{
	struct install_targets t;

	(void)state;
	install_targets_parse(&t, "current 0123456789ab Linux 1\n"
				  "previous 0123 too short\n"
				  "previous ../../../../x y\n"
				  "other 0123456789ab z\nfolder\n\ncurrent");
	assert_string_equal(t.current.id, "0123456789ab");
	assert_string_equal(t.current.what, "Linux 1");
	assert_string_equal(t.previous.id, "");
	assert_true(t.made_folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(with_modules, setup, teardown),
		cmocka_unit_test_setup_teardown(with_initrd, setup, teardown),
		cmocka_unit_test_setup_teardown(once_more, setup, teardown),
		cmocka_unit_test_setup_teardown(left_over, setup, teardown),
		cmocka_unit_test_setup_teardown(no_room, setup, teardown),
		cmocka_unit_test_setup_teardown(not_signed, setup, teardown),
		cmocka_unit_test_setup_teardown(default_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(default_of_before, setup, teardown),
		cmocka_unit_test_setup_teardown(still_named, setup, teardown),
		cmocka_unit_test_setup_teardown(and_away, setup, teardown),
		cmocka_unit_test_setup_teardown(in_the_way, setup, teardown),
		cmocka_unit_test_setup_teardown(second_fails, setup, teardown),
		cmocka_unit_test(odd_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
