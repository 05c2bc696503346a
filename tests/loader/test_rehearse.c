// SPDX-License-Identifier: MIT
/*
 * test_rehearse.c - options that are changed, the command line of a rehearsal,
 * and what two QEMUs say of themselves. tests/qemu/run has real ones.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "guestedit.h"
#include "rehearse.h"
#include "rehearsefacts.h"
#include "util.h"

static bool is_file(const char *key)
{
	return !strcmp(key, "file") || !strncmp(key, "file.", 5);
}

static void assert_text(char *text, const char *want)
{
	assert_non_null(text);
	assert_string_equal(text, want);
	free(text);
}

static void values(void **state)
{
	(void)state;
	assert_text(guest_value_without("if=none,file=a,,file=b,id=c",
					is_file), "if=none,id=c");
	assert_text(guest_value_without("file=a,file.x=b", is_file), "");
	assert_text(guest_value_without("tap,file=a", is_file), "tap");
	assert_text(guest_value_without("{\"file\":1,\"id\":\"x\"}", is_file),
		    "{\"id\":\"x\"}");
	assert_null(guest_value_without("{\"file\":", is_file));
	assert_text(guest_value_with("a=b", "c", json_object_new_string("x,y")),
		    "a=b,c=x,,y");
	assert_text(guest_value_with("", "c", json_object_new_int(7)), "c=7");
	/* QEMU takes a comma at the end; two are one of the text */
	assert_text(guest_value_with("a=b,", "c", json_object_new_int(7)),
		    "a=b,c=7");
	assert_text(guest_value_with("a=b,,", "c", json_object_new_int(7)),
		    "a=b,,,c=7");
	assert_text(guest_value_with("{}", "c", json_object_new_int(7)),
		    "{\"c\":7}");
	assert_null(guest_value_with("{", "c", json_object_new_int(7)));
}

/* In one line; to be freed. */
static char *rehearsed(char **args)
{
	static struct qemu q;
	struct diag_log diag;
	char **list, *line = calloc(1, 4096);
	int memory[GUEST_BACKENDS_MAX] = { open("/dev/null", O_RDONLY) }, i;

	diag_init(&diag, HO_STAGE_LOADER);
	q.conf = (struct guest_conf){
		.backend_count = 1,
		.backends = { { "ram", GUEST_BASE, 32 << 20 } },
		.machine = "pc-i440fx-7.2", .args = args,
	};
	list = rehearse_args(&q, 77, memory, &diag);
	assert_non_null(list);
	assert_non_null(line);
	for (i = 1; list[i]; i++) {
		strcat(line, i > 1 ? " " : "");
		strcat(line, list[i]);
	}
	strings_free(list);
	close(memory[0]);
	return line;
}

#define TAIL	" -S -incoming defer -display none " \
	"-chardev socket,id=baton-rehearsal,fd=77 " \
	"-mon chardev=baton-rehearsal,mode=control"

static void reaches_nobody(void **state)
{
	char *args[] = {
		"qemu", "-machine", "pc", "-qmp", "unix:/run/q,server=on",
		"-daemonize", "-pidfile", "/run/p", "-D", "/log", "-S",
		"-serial", "file:/out", "-serial", "mon:stdio",
		"-serial", "chardev:c", "-chardev", "socket,id=c,path=/x",
		"-chardev", "file,id=m,path=/y,mux=on", "-gdb", "tcp::1",
		"-netdev", "user,id=u,hostfwd=tcp::22-:22",
		"-netdev", "socket,id=s,connect=:1",
		"-netdev", "tap,id=t,ifname=tap7,vhost=on,script=/up",
		"-netdev", "{\"type\":\"vde\",\"id\":\"j\"}",
		"-nic", "bridge,br=br0,model=e1000,mac=1",
		"-audiodev", "pa,id=a", "-object", "filter-dump,id=f,file=/d",
		"-vnc", ":1", "-run-with", "user=root", "-runas", "root",
		"-drive", "file=a", NULL,
	};

	(void)state;
	assert_text(rehearsed(args), "-machine pc-i440fx-7.2 -serial null "
		"-serial mon:null -serial chardev:c -chardev null,id=c "
		"-chardev null,mux=on,id=m -netdev user,id=u "
		"-netdev user,id=s "
		"-netdev tap,script=no,downscript=no,ifname=tap7,id=t,vhost=on "
		"-netdev user,id=j "
		"-nic tap,script=no,downscript=no,ifname=baton30,model=e1000,mac=1 "
		"-audiodev none,id=a "
		"-object filter-dump,id=f,file=/dev/null -drive file=a" TAIL);
}

static void memory_is_read(void **state)
{
	char *args[] = { "qemu", "-machine", "pc,memory-backend=ram",
			 "-object", "memory-backend-memfd,id=ram,size=32M",
			 NULL }, want[512];
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	close(fd);
	/* without a length */
	snprintf(want, sizeof(want), "-machine pc-i440fx-7.2,memory-backend=ram "
		 "-object memory-backend-file,id=ram,size=33554432,"
		 "mem-path=/proc/self/fd/%d,share=off,reserve=off" TAIL,
		 fd);
	assert_text(rehearsed(args), want);
}

static bool has(const struct guest_facts *f, const char *fact)
{
	int i;

	for (i = 0; i < f->part_count; i++)
		if (!strcmp(f->parts[i], fact))
			return true;
	for (i = 0; i < f->property_count; i++)
		if (!strcmp(f->properties[i], fact))
			return true;
	return false;
}

static void facts(void **state)
{
	struct guest_facts f = { 0 };

	(void)state;
	guest_facts_ram(&f, "  Block Name    PSize   Offset   Used   Total\r\n"
			"  ram    4 KiB  0x0 0x0000000002000000 0x0000000002000000\r\n"
			"/rom@etc/acpi    4 KiB  0x9 0x20000 0x200000\r\n");
	assert_int_equal(f.part_count, 2);
	assert_true(has(&f, "RAM block ram\t32 MiB"));
	assert_true(has(&f, "RAM block /rom@etc/acpi\t2 MiB"));
	guest_facts_devices(&f, "bus: main-system-bus\r\n  type System\r\n"
		"  dev: host, id \"\"\r\n"
		"    MCFG = 2952790016 (0xb0000000)\r\n    bus: pci.0\r\n      type PCI\r\n"
		"      dev: disk, id \"d1\"\r\n        addr = 04.0\r\n"
		"        drive = \"#block12\"\r\n        cyls = 7 (0x7)\r\n"
		"        bar 0: i/o at 0xc000 [0xc01f]\r\n"
		"        bus: usb.0\r\n          type usb\r\n"
		"          dev: tablet, id \"\"\r\n            port = \"\"\r\n"
		"            addr 0.1, port 2, speed 12, name x\r\n");
	assert_int_equal(f.part_count, 5);
	assert_true(has(&f, "device host on main-system-bus\t"));
	assert_true(has(&f, "device disk id d1 addr 04.0 on pci.0\t"));
	assert_true(has(&f, "device disk id d1 addr 04.0 on pci.0, drive\t#"));
	assert_true(has(&f, "device tablet port 2 on usb.0\t"));
	assert_int_equal(f.property_count, 2);
	guest_facts_free(&f);
}

/* Whatever it is, it is no more than text. */
static void odd_texts(void **state)
{
	static const char *const texts[] = {
		"", "\n", "dev: ", "dev: x", "dev: x, id", "bus:", " = ",
		"dev: x, id \"\"\n = \n a = ", "dev: ,\n  addr 0.1, port ",
	};
	struct guest_facts f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(texts); i++) {
		guest_facts_devices(&f, texts[i]);
		guest_facts_ram(&f, texts[i]);
	}
	assert_false(f.failed);
	guest_facts_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(reaches_nobody),
		cmocka_unit_test(memory_is_read),
		cmocka_unit_test(facts),
		cmocka_unit_test(odd_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
